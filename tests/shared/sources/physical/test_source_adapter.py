"""The physical side: servers show once they registered with the appliance, or were added to it."""

from collections.abc import Callable

import pytest

from shared.plan.model import Plan
from shared.problems import Refused
from shared.sources.physical.source_adapter import PhysicalSide
from tests.clouds import Cloud

SIDE = PhysicalSide()
Plans = Callable[..., Plan]


def test_a_server_without_agent_is_not_known_yet_and_not_missing(registered: Cloud, plan: Plans) -> None:
    registered.ask("POST", "machines", {"name": "db1", "ip": "10.0.4.1"})
    facts = SIDE.read(plan("physical-to-azure", db1={"privateIp": "10.0.4.1"})).facts["db1"]
    assert (facts.found, facts.instance_id, facts.private_ip, facts.disks) == (True, "", "10.0.4.1", None)


def test_a_server_whose_agent_registered_tells_everything_but_its_power(registered: Cloud, plan: Plans) -> None:
    registered.add_machine("db1", "10.0.4.1", osName="Ubuntu 22.04")
    wanted = plan("physical-to-azure", db1={"name": "db1"})
    facts = SIDE.read(wanted, {"db1"}).facts["db1"]
    assert (facts.private_ip, facts.os_family, facts.os_version) == ("10.0.4.1", "linux", "22.04")
    assert "/ServerSites/" in facts.instance_id
    assert (facts.state, SIDE.state(wanted, facts.instance_id)) == (None, "unknown")


def test_only_a_person_switches_a_server(plan: Plans) -> None:
    with pytest.raises(Refused, match="cannot switch"):
        SIDE.stop(plan("physical-to-azure", db1={"name": "db1"}), "x")
