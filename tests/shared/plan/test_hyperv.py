"""What a plan says of Hyper-V: hosts in one way, machines by name or id, points that its failover can have."""

from typing import Any

import pytest

from shared.plan.reader import to_plan
from shared.problems import InvalidPlan

Document = dict[str, Any]
VMM = {"server": "vmm1.corp.example", "clouds": ["Gold"]}


@pytest.fixture
def hosted(document: Document) -> Document:
    """A sound plan of one machine on a host."""
    document["scenario"] = "hyperv-to-azure"
    document["source"] = {"hyperv": {"site": "hq", "hosts": ["hv1"]}}
    del document["replication"]
    document["waves"] = [{"name": "shop", "machines": [{"name": "web1", "source": {"name": "WEB1"}}]}]
    return document


def faults(document: Document) -> dict[str, str]:
    with pytest.raises(InvalidPlan) as caught:
        to_plan(document)
    return {fault.pointer: fault.message for fault in caught.value.facts.errors}


@pytest.mark.parametrize(
    ("source", "server", "clouds"), [({"site": "hq"}, "hq", ()), ({"vmm": VMM}, "vmm1.corp.example", ("Gold",))]
)
def test_hosts_stand_alone_or_under_vmm(hosted: Document, source: Any, server: str, clouds: Any) -> None:
    hosted["source"] = {"hyperv": source}
    plan = to_plan(hosted)
    assert plan.source.hyperv
    assert (plan.server, plan.source.hyperv.clouds) == (server, clouds)


@pytest.mark.parametrize(("source", "words"), [({}, "none"), ({"site": "hq", "vmm": VMM}, "both")])
def test_exactly_one_of_them_is_described(hosted: Document, source: Any, words: str) -> None:
    hosted["source"] = {"hyperv": source}
    assert words in faults(hosted)["/source/hyperv"]


def test_a_vmm_server_brings_its_hosts_itself(hosted: Document) -> None:
    hosted["source"] = {"hyperv": {"vmm": VMM, "hosts": ["hv1"]}}
    assert "VMM server brings its own" in faults(hosted)["/source/hyperv/hosts"]


def test_the_hosts_have_to_be_described(hosted: Document) -> None:
    hosted["source"] = {}
    assert "required" in faults(hosted)["/source/hyperv"]


def test_machines_are_not_found_by_address(hosted: Document) -> None:
    hosted["waves"][0]["machines"][0]["source"] = {"privateIp": "10.0.2.15"}
    assert "use vmId, name" in faults(hosted)["/waves/0/machines/0/source/privateIp"]


def test_a_planned_failover_has_no_earlier_point(hosted: Document) -> None:
    hosted["waves"][0]["cutover"] = {"recoveryPoint": "latestProcessed"}
    assert "unplanned" in faults(hosted)["/waves/0/cutover/recoveryPoint"]
    hosted["waves"][0]["cutover"]["failover"] = "unplanned"
    assert to_plan(hosted).waves[0].cutover.recovery_point == "latestProcessed"


def test_an_agentless_mode_is_not_another_way(hosted: Document) -> None:
    hosted["replication"] = {"mode": "agentless"}
    assert "not possible for hyperv-to-azure" in faults(hosted)["/replication/mode"]
