"""Whether a function key is asked for: never beside a sign-in that the platform sees to, always where it does not."""

import subprocess
import sys

import pytest

from shared.settings import settings
from tests.architecture import ROOT
from triggers.key_level import key_level

AZURE = {"WEBSITE_SITE_NAME": "func-ferry", "AZFERRY_SIGN_IN": "true"}
SECURED = AZURE | {"WEBSITE_AUTH_ENABLED": "True"}
LEVELS = (
    "import function_app\n"
    "triggers = [each.get_trigger() for each in function_app.app.get_functions()]\n"
    "print({each.auth_level.value.lower() for each in triggers if each.type == 'httpTrigger'})"
)


@pytest.mark.parametrize(
    ("environment", "level"),
    [
        ({}, "function"),
        (AZURE, "function"),
        (AZURE | {"WEBSITE_AUTH_ENABLED": "False"}, "function"),
        ({"WEBSITE_AUTH_ENABLED": "True", "AZFERRY_SIGN_IN": "false"}, "function"),
        (SECURED, "anonymous"),
    ],
)
def test_a_key_is_left_out_only_where_app_and_platform_agree_that_people_sign_in(monkeypatch, environment, level):
    for name in ("WEBSITE_SITE_NAME", "WEBSITE_AUTH_ENABLED", "AZFERRY_SIGN_IN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    assert level == key_level().value.lower()
    settings.cache_clear()


def test_an_app_whose_people_sign_in_asks_for_no_key_at_all():
    made = subprocess.run(
        [sys.executable, "-c", LEVELS], check=False, cwd=ROOT, env=SECURED, capture_output=True, text=True
    )

    assert "{'anonymous'}" == made.stdout.strip(), made.stderr
