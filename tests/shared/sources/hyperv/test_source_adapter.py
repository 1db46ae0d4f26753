"""The Hyper-V side: machines are found by name or id among those that the hosts show, and told with what they show."""

from collections.abc import Callable

import pytest

from shared.concerns.source_facts import SourceFacts
from shared.plan.machines import Selector
from shared.plan.model import Plan
from shared.plan.sources import Source
from shared.problems import Refused
from shared.site_recovery.hyperv import HyperVMachine
from shared.sources.hyperv.reading import facts_of
from shared.sources.hyperv.source_adapter import HyperVSide, facts_for
from tests.clouds import Cloud
from tests.shared.site_recovery import hosts

SIDE = HyperVSide()
Plans = Callable[..., Plan]


@pytest.fixture
def hosted(plan: Plans) -> Plans:
    """Make a plan of machines of the site's hosts."""

    def make(**sources: dict[str, str]) -> Plan:
        source = Source.model_validate({"hyperv": {"site": hosts.SITE}})
        return plan("hyperv-to-azure", **sources).model_copy(update={"source": source})

    return make


def read(plan: Plan, *names: str) -> dict[str, SourceFacts]:
    return dict(SIDE.read(plan, names or None).facts)


def test_before_a_host_is_registered_nothing_is_known_and_nothing_is_missing(bare: Cloud, hosted: Plans) -> None:
    facts = read(hosted(web1={"name": "WEB1"}))["web1"]
    assert (facts.found, facts.instance_id, facts.name, facts.disks) == (True, "", "WEB1", None)


def test_machines_are_found_by_name_and_by_id_in_one_listing(bare: Cloud, hosted: Plans) -> None:
    hosts.register(bare)
    web = hosts.add(bare, "web1", osType="Windows", firmware="UEFI")
    hosts.add(bare, "db1", osType="Linux")
    before = len(bare.log("*/replicationProtectableItems/read"))
    found = read(hosted(web={"name": "WEB1"}, db={"name": "db1"}, id={"vmId": web.source_item_id.upper()}))
    assert len(bare.log("*/replicationProtectableItems/read")) - before <= 2  # the second page is empty
    assert found["web"] == found["id"]
    assert (found["web"].instance_id, found["web"].os_family, found["web"].boot_mode) == (web.id, "windows", "uefi")
    assert [(disk.device, disk.size_gib, disk.root) for disk in found["web"].disks or ()] == [
        ("web1-os", 20, True),
        ("web1-data", 10, False),
    ]
    assert (found["db"].os_family, found["db"].boot_mode, found["db"].devices) == ("linux", "legacy-bios", ())


def test_a_machine_that_is_known_is_read_by_itself(bare: Cloud, hosted: Plans) -> None:
    hosts.register(bare)
    hosts.add(bare, "web1")
    plan = hosted(web={"name": "web1"}, gone={"name": "other"})
    assert not read(plan)["gone"].found
    before = len(bare.log("*/replicationProtectableItems/read"))
    assert read(plan, "web")["web"].found
    assert len(bare.log("*/replicationProtectableItems/read")) - before == 1
    assert len(bare.log("*/replicationFabrics/read")) <= 3


def test_one_name_of_two_machines_means_neither() -> None:
    listed = [HyperVMachine(id=host, friendly_name="web1", source_item_id=host) for host in ("on-hv1", "on-hv2")]
    assert not facts_for(Selector.model_validate({"name": "WEB1"}), listed).found
    assert facts_for(Selector.model_validate({"vmId": "on-hv2"}), listed).instance_id == "on-hv2"


def test_what_a_host_cannot_copy_is_told() -> None:
    machine = HyperVMachine(id="i", has_physical_disk="Present", has_shared_vhd="Unknown", has_fibre_channel_adapter="")
    assert facts_of(machine).devices == ("a physical disk that is passed through",)


def test_who_has_it_protected_is_told(bare: Cloud, hosted: Plans) -> None:
    hosts.register(bare)
    hosts.set_policy(bare)
    hosts.protect(bare, "web1")
    facts = read(hosted(web={"name": "web1"}))["web"]
    assert facts.protected_as.lower() == hosts.ref("web1").id(hosts.VAULT).lower()


def test_only_people_switch_these_machines_and_nobody_sees_them_run(hosted: Plans) -> None:
    plan = hosted(web={"name": "web1"})
    assert SIDE.state(plan, "any") == "unknown"
    for switch in (SIDE.stop, SIDE.start):
        with pytest.raises(Refused):
            switch(plan, "any")
