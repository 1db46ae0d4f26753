"""What the real compiler says of the templates, and what a deployment of them would make."""

import re

import pytest

from tests.infra.bicep import FILES
from tests.infra.compiler import HOME, OTHER, compiler, predicted


def group(name: str, subscription: str = HOME) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_compiler_has_nothing_to_say(path):
    said = compiler("lint", str(path))

    assert (said.stderr, said.stdout, said.returncode) == ("", "", 0)


def test_each_role_lands_where_the_lists_say_in_either_subscription(tmp_path):
    resources, said = predicted(
        tmp_path,
        vaultGroups=group("rg-v"),
        targetGroups=f"{group('rg-t')}, {group('RG-T')},{group('rg-u', OTHER)}",
        networkGroups=group("rg-n"),
        cacheGroups=group("rg-c", OTHER),
    )
    ids = [each["id"] for each in resources if each["type"] == "Microsoft.Authorization/roleAssignments"]
    places = sorted(found.groups() for each in ids if (found := re.match(r"\[resourceId\('([^']+)', '([^']+)'", each)))
    whole = sorted(found[1] for each in ids if (found := re.match(r"\[subscriptionResourceId\('([^']+)'", each)))

    assert said == ""
    # the vault's group has two roles: its own, and that of appliances
    assert places == sorted(
        [(HOME, "rg-v"), (HOME, "rg-v"), (HOME, "rg-t"), (OTHER, "rg-u"), (HOME, "rg-n"), (OTHER, "rg-c")]
    )
    assert whole == [HOME, OTHER]


def test_the_app_has_no_setting_that_flex_consumption_refuses(tmp_path):
    resources, _ = predicted(tmp_path)
    (site,) = (each for each in resources if each["type"] == "Microsoft.Web/sites")
    (sign_in,) = (each for each in resources if each["id"].endswith("/authsettingsV2"))

    assert not {"ftpsState", "linuxFxVersion", "alwaysOn", "functionsRuntimeScaleMonitoringEnabled"} & (
        site["properties"]["siteConfig"].keys()
    )
    assert sign_in["properties"]["platform"]["enabled"] is False, "who names no sign-in has it turned off"


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"targetGroups": "rg-finance"}, "not the id of a resource group: rg-finance"),
        ({"cacheGroups": f"/subscriptions/{HOME}"}, "not the id of a resource group"),
        ({"vaultGroups": group("rg-v") + "/providers/x/vaults/y"}, "not the id of a resource group"),
        ({"maximumInstanceCount": 30}, "minimum allowable value is 40"),
        ({"mayCreateGroups": "yes"}, "bool"),
        ({"maxReplicating": "abc"}, "int"),
    ],
)
def test_a_value_that_cannot_be_is_refused_before_anything_is_made(tmp_path, parameters, words):
    resources, said = predicted(tmp_path, **parameters)

    assert resources == []
    assert words in said
