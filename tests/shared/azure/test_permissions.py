"""What the app may do, as Azure tells it."""

from shared.azure.permissions import TARGET_ACTIONS, VAULT_ACTIONS, may, missing_actions, region_known
from tests.clouds import SUBSCRIPTION, Cloud

RUN = "Microsoft.Compute/virtualMachines/runCommand/action"


def test_an_owner_misses_nothing(cloud: Cloud) -> None:
    assert missing_actions(SUBSCRIPTION, "rg-target", TARGET_ACTIONS) == ()
    assert missing_actions(SUBSCRIPTION, "", VAULT_ACTIONS) == ()
    assert len(cloud.log("*permissions*")) == 2


def test_a_role_allows_by_pattern_and_takes_out_again() -> None:
    operator = {"actions": ["Microsoft.Compute/*"], "notActions": ["*/runcommand/action"]}
    assert may("microsoft.compute/virtualMachines/read", [operator])
    assert not may(RUN, [operator])
    assert may(RUN, [operator, {"actions": [RUN]}])
    assert not may("Microsoft.Network/virtualNetworks/read", [operator])
    assert not may(RUN, [])


def test_a_region_is_known_by_its_name_in_either_spelling(cloud: Cloud) -> None:
    assert region_known(SUBSCRIPTION, "West Europe")
    assert region_known(SUBSCRIPTION, "westeurope")
    assert not region_known(SUBSCRIPTION, "atlantis")
    assert cloud.log()
