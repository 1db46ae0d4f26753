"""The front door serves the menu: every contract has a function, and every durable function a contract."""

import subprocess
import sys

import pytest

from shared.contracts import contracts
from shared.durable import fan_out
from shared.durable.seam import Activity, Phase
from tests.architecture import ROOT
from tests.served import functions


@pytest.fixture(scope="module")
def registered():
    """The names of the app's functions by the kind of their trigger."""
    found = {}
    for function in functions():
        found.setdefault(function.get_trigger().type, set()).add(function.get_function_name())
    return found


def named(kind):
    """The names on the menu."""
    listed = [*vars(contracts).values(), *vars(fan_out).values()]
    return {each.name for each in listed if isinstance(each, kind)}


@pytest.mark.parametrize(("kind", "trigger"), [(Activity, "activityTrigger"), (Phase, "orchestrationTrigger")])
def test_the_app_serves_exactly_what_is_on_the_menu(registered, kind, trigger):
    assert named(kind) == registered[trigger]


def test_without_a_key_only_the_page_and_the_health_of_the_app_are_served():
    triggers = [each.get_trigger() for each in functions() if each.get_trigger().type == "httpTrigger"]
    levels = {trigger.route: trigger.auth_level.value.lower() for trigger in triggers}

    assert {"/": "anonymous", "page/{name}": "anonymous", "api/health": "anonymous"} == {
        route: level for route, level in levels.items() if level != "function"
    }
    assert len(levels) > 10


# What the start need not read: each is a part of the second in which somebody waits for a function that was asleep.
NOT_AT_THE_START = (
    "azure.mgmt",
    "azure.identity",
    "azure.monitor",
    "azure.storage",
    "boto3",
    "botocore.client",
    "botocore.session",
    "cryptography",
    "msal",
    "openpyxl",
    "opentelemetry.sdk",
    "psutil",
    "requests",
)


def test_the_start_reads_no_sdk_of_a_cloud_before_that_cloud_is_asked():
    code = "import sys, function_app; function_app.app.get_functions(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    read = set(done.stdout.split())

    assert "shared.storage.tables" in read
    assert [] == [name for name in NOT_AT_THE_START if name in read]
