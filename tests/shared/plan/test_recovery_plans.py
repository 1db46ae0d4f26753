"""What a wave asks of its recovery plans: actions at boot groups that it has."""

from typing import Any

import pytest

from shared.plan.reader import to_plan
from shared.problems import InvalidPlan

Document = dict[str, Any]
RUNBOOK = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-ops/providers/Microsoft.Automation"
    "/automationAccounts/ops/runbooks/Switch-Dns"
)
ACTIONS = "/waves/0/cutover/actions"


def with_actions(document: Document, *actions: Document, **cutover: Any) -> Document:
    """The plan of the design page, its first wave with these actions; it has boot groups 1 and 2."""
    document["waves"][0]["cutover"] = {"mode": "recoveryPlan", "actions": list(actions)} | cutover
    return document


def faults(document: Document) -> dict[str, str]:
    with pytest.raises(InvalidPlan) as caught:
        to_plan(document)
    return {fault.pointer: fault.message for fault in caught.value.facts.errors}


def test_people_and_runbooks_act_before_and_after_boot_groups(document: Document) -> None:
    look = {"name": "look at the database", "bootGroup": 1, "manual": "See that it answers."}
    switch = {"name": "dns", "when": "before", "bootGroup": 2, "runbook": {"id": RUNBOOK, "timeout": "PT30M"}}
    first, second = to_plan(with_actions(document, look, switch)).waves[0].cutover.actions
    assert (first.when, first.manual) == ("after", "See that it answers.")
    assert second.runbook
    assert (second.runbook.side, second.boot_group) == ("target", 2)


@pytest.mark.parametrize(
    ("action", "place", "words"),
    [
        ({"name": "a"}, "", "needs exactly one of manual, runbook, script; it has none"),
        ({"name": "a", "manual": "x", "runbook": {"id": RUNBOOK}}, "", "it has manual and runbook"),
        ({"name": "a", "runbook": {"id": "Switch-Dns"}}, "/runbook/id", "is not the id of a runbook"),
        ({"name": "a", "manual": "x", "bootGroup": 3}, "/bootGroup", "no machine of the wave is in boot group 3"),
        ({"name": "a", "script": {"path": r"\dns.ps1"}}, "/script", "runs on a VMM server only"),
        ({"name": "-", "manual": "x"}, "/name", "is not a name"),
    ],
)
def test_an_action_that_cannot_be_done_is_told_with_its_place(
    document: Document, action: Document, place: str, words: str
) -> None:
    assert words in faults(with_actions(document, action))[f"{ACTIONS}/0{place}"]


def test_two_actions_have_two_names(document: Document) -> None:
    twice = [{"name": name, "manual": "look"} for name in ("Look", "look")]
    assert list(faults(with_actions(document, *twice))) == [f"{ACTIONS}/1/name"]


def test_machines_that_fail_over_one_by_one_have_no_actions(document: Document) -> None:
    look = {"name": "look", "manual": "look", "bootGroup": 5}
    assert list(faults(with_actions(document, look, mode="machine"))) == [ACTIONS]


def test_scripts_are_for_the_clouds_of_vmm(document: Document) -> None:
    document |= {
        "scenario": "hyperv-to-azure",
        "source": {"hyperv": {"vmm": {"server": "vmm1.corp.example", "clouds": ["Gold"]}}},
        "waves": [{"name": "shop", "machines": [{"name": "web1", "source": {"name": "WEB1"}}]}],
    }
    del document["replication"]
    script = {"name": "dns", "script": {"path": r"\Scripts\dns.ps1", "timeout": "PT10M"}}
    (action,) = to_plan(with_actions(document, script)).waves[0].cutover.actions
    assert action.script
    assert action.script.path == r"\Scripts\dns.ps1"


def test_actions_of_a_rehearsal_need_a_rehearsal_as_recovery_plan(document: Document) -> None:
    look = {"name": "look", "manual": "look", "during": ["testFailover", "failover"]}
    assert list(faults(with_actions(document, look))) == [f"{ACTIONS}/0/during"]
    document["waves"][0]["test"] = {"mode": "recoveryPlan"}
    (action,) = to_plan(with_actions(document, look)).waves[0].cutover.actions
    assert action.during == ("testFailover", "failover")


def test_a_rehearsal_as_recovery_plan_rehearses_a_cutover_as_recovery_plan(document: Document) -> None:
    document["waves"][1]["test"] = {"mode": "recoveryPlan"}
    assert list(faults(document)) == ["/waves/1/test/mode"]
