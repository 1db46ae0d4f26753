"""Plans of machines outside any cloud: what they may not ask for is told where it stands."""

from typing import Any

import pytest

from shared.plan.reader import to_plan
from shared.problems import InvalidPlan

PUSH = {"appliance": {"runAsAccount": "root"}, "agent": {"install": "push"}}
ROADS = ("vmware-to-azure", "physical-to-azure")


def outside(document: dict[str, Any], scenario: str, replication: dict[str, Any], **source: Any) -> dict[str, Any]:
    machine = {"name": "web1", "source": source or {"name": "web1"}}
    waves = [{"name": "shop", "machines": [machine]}]
    return document | {"scenario": scenario, "source": {}, "replication": replication, "waves": waves}


@pytest.mark.parametrize("scenario", ROADS)
@pytest.mark.parametrize("source", [{"name": "WEB1"}, {"privateIp": "10.5.0.9"}, {"vmId": "422a-b"}])
def test_a_machine_is_selected_by_name_address_or_id(
    document: dict[str, Any], scenario: str, source: dict[str, str]
) -> None:
    plan = to_plan(outside(document, scenario, PUSH, **source))
    assert plan.replication.agent.install == "push"


@pytest.mark.parametrize("scenario", ROADS)
@pytest.mark.parametrize(
    ("replication", "source", "pointer", "words"),
    [
        ({}, {}, "/replication/agent/install", "push or manual"),
        ({"agent": {"install": "push"}}, {}, "/replication/appliance/runAsAccount", "is required to push"),
        (PUSH | {"appliance": {"runAsAccount": "a", "launch": True}}, {}, "/replication/appliance/launch", "EC2 only"),
        (PUSH, {"tags": {"App": "shop"}}, "/waves/0/machines/0/source/tags", "is not possible"),
    ],
)
def test_what_is_only_possible_on_aws_is_refused(
    document: dict[str, Any],
    scenario: str,
    replication: dict[str, Any],
    source: dict[str, Any],
    pointer: str,
    words: str,
) -> None:
    with pytest.raises(InvalidPlan) as refused:
        to_plan(outside(document, scenario, replication, **source))
    assert any(fault.pointer == pointer and words in fault.message for fault in refused.value.facts.errors)


def test_a_configuration_server_needs_the_address_and_the_system_of_a_server(document: dict[str, Any]) -> None:
    with pytest.raises(InvalidPlan) as refused:
        to_plan(outside(document, "physical-to-azure", PUSH | {"mode": "configurationServer"}))
    wrong = {fault.pointer for fault in refused.value.facts.errors}
    assert wrong == {"/waves/0/machines/0/source/privateIp", "/waves/0/machines/0/system"}


CLASSIC = PUSH | {"mode": "configurationServer"}
VCENTER = {"vmware": {"vcenter": "vcenter.corp.local", "account": "reader"}}


def faults_of(document: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidPlan) as refused:
        to_plan(document)
    return [(fault.pointer, fault.message) for fault in refused.value.facts.errors]


def test_a_configuration_server_is_told_of_its_vcenter_and_an_appliance_is_not(document: dict[str, Any]) -> None:
    wanted = outside(document, "vmware-to-azure", CLASSIC)
    plan = to_plan(wanted | {"source": VCENTER})
    assert plan.source.vmware
    assert (plan.source.vmware.port, plan.source.vmware.account) == (443, "reader")
    ((pointer, words),) = faults_of(wanted)
    assert (pointer, words.startswith("is required")) == ("/source/vmware", True)
    ((pointer, words),) = faults_of(outside(document, "vmware-to-azure", PUSH) | {"source": VCENTER})
    assert (pointer, "for mode configurationServer" in words) == ("/source/vmware", True)
    own = wanted | {"waves": [wanted["waves"][0] | {"replication": CLASSIC, "source": {}}]}
    assert [pointer for pointer, _ in faults_of(own | {"source": VCENTER, "replication": PUSH})] == [
        "/waves/0/source/vmware"
    ]


@pytest.mark.parametrize("address", ["", "vc corp", "https://vc.corp.local", "-vc", "10.5.0.300."])
def test_a_vcenter_has_an_address(document: dict[str, Any], address: str) -> None:
    source = {"vmware": VCENTER["vmware"] | {"vcenter": address}}
    assert "/source/vmware/vcenter" in [
        pointer for pointer, _ in faults_of(outside(document, "vmware-to-azure", CLASSIC) | {"source": source})
    ]


@pytest.mark.parametrize("scenario", ROADS)
def test_agents_come_through_a_configuration_server_by_push_or_by_hand(document: dict[str, Any], scenario: str) -> None:
    replication = {"mode": "configurationServer"}
    wrong = outside(document, scenario, replication) | {"source": VCENTER}
    assert ("/replication/agent/install", True) in [
        (pointer, "push or manual" in message) for pointer, message in faults_of(wrong)
    ]


def test_an_appliance_pushes_no_agent_onto_ec2(document: dict[str, Any]) -> None:
    with pytest.raises(InvalidPlan) as refused:
        to_plan(document | {"replication": PUSH})
    assert "pushes no agent onto EC2" in refused.value.facts.errors[0].message


@pytest.mark.parametrize("scenario", ROADS)
def test_a_source_that_nobody_keeps_a_copy_of_is_not_terminated(document: dict[str, Any], scenario: str) -> None:
    plan = outside(document, scenario, PUSH) | {"finish": {"decommission": {"mode": "terminate"}}}
    with pytest.raises(InvalidPlan) as invalid:
        to_plan(plan)
    messages = {fault.pointer: fault.message for fault in invalid.value.facts.errors}
    assert "aws-to-azure and azure-to-azure only" in messages["/finish/decommission/mode"]
