"""What the app may do, as Azure tells it."""

from shared.azure.permissions import may, missing_actions, region_known
from shared.azure.rights import wanted
from tests.clouds import SUBSCRIPTION, Cloud

RUN = "Microsoft.Compute/virtualMachines/runCommand/action"


def test_an_owner_misses_nothing(cloud: Cloud) -> None:
    everything = wanted("vault", ("regions", "commits", "rehearses"))
    assert missing_actions(SUBSCRIPTION, "rg-target", everything) == ()
    assert missing_actions(SUBSCRIPTION, "", everything) == ()
    assert len(cloud.log("*permissions*")) == 2


def test_what_a_role_lacks_is_told_and_of_a_group_that_is_not_there_nothing(cloud: Cloud) -> None:
    reader = {"scope": "", "permissions": [{"actions": ["*/read"]}, {"actions": ["*"], "notActions": ["*/action"]}]}
    cloud.ask("POST", "permissions", reader)
    assert missing_actions(SUBSCRIPTION, "rg-target", ("Microsoft.Compute/disks/read", RUN)) == (RUN,)
    assert missing_actions(SUBSCRIPTION, "rg-none", (RUN,)) is None


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
