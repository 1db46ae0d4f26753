"""What Site Recovery leaves behind of a machine is listed, and removed where the plan wants it: only that, and only once."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.azure import disks
from shared.ledger import events
from shared.ledger.evidence import Evidence, LeftOver, LeftOverKind, LeftState, MigratedVm, Removal, ReplicatedItem
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths, effects, patiently
from tests.clouds import group_id, resource

PHASE = "clean_up"
DELETE = "*/disks/delete"
RUN = "*/runCommand/action"
SEED, OTHER, OWN = (
    resource("Microsoft.Compute/disks", name, "rg-target")
    for name in ("asrseeddisk-web1-os", "asrseeddisk-db1-os", "web1-os")
)
VM = resource("Microsoft.Compute/virtualMachines", "web1", "rg-target")


@pytest.fixture
def stands(ferry: MigrationHarness) -> Callable[..., MigrationHarness]:
    """A machine whose migration is complete, with disks that are still there."""

    def build(left_overs: dict[str, str], **disk_properties: Any) -> MigrationHarness:
        ferry.take_in(plan_of("web1", finish={"leftOvers": left_overs}))
        ferry.enlist()
        ferry.comes_to("web1", PHASE)
        ferry.cloud.put(group_id("rg-target"))
        for each in (SEED, OTHER, OWN):
            properties = {"diskSizeGB": 128, "diskState": "Unattached"} | disk_properties
            ferry.cloud.put(each, location="westeurope", sku={"name": "Standard_LRS"}, properties=properties)
        item = ReplicatedItem(
            replica_disks=(SEED, resource("Microsoft.Compute/disks", "asrseeddisk-gone", "rg-target"), OWN)
        )
        ferry.stands("web1", evidence=Evidence(item=item, vm=MigratedVm(disk_ids=(OWN,))))
        return ferry

    return build


def clean_up(ferry: MigrationHarness) -> dict[LeftOverKind, LeftOver]:
    patiently(ferry, "remove_leftovers", ferry.place("web1", PHASE))
    row = ferry.row("web1")
    assert row.state == MachineState.FINALIZED
    return {each.kind: each for each in row.evidence.left_overs}


def texts_of(ferry: MigrationHarness, what: str) -> list[str]:
    return [each.text for each in events.page(ferry.migration, size=1_000)[0] if each.what.startswith(what)]


def test_what_stays_is_listed_and_kept_where_the_plan_does_not_say_otherwise(
    stands: Callable[..., MigrationHarness],
) -> None:
    ferry = stands({})
    found = clean_up(ferry)

    disk = found[LeftOverKind.REPLICA_DISK]
    assert (disk.id, disk.state, disk.detail) == (SEED, LeftState.LEFT, "128 GB")
    assert found[LeftOverKind.CACHE_STORAGE].id.endswith("/storageAccounts/stcache")
    assert effects(ferry, DELETE) == []
    assert texts_of(ferry, "left-overs") == ["left behind of web1: disk asrseeddisk-web1-os (128 GB)"]


def test_the_plan_has_the_machines_own_replica_disks_removed_once_through_all_deaths(
    stands: Callable[..., MigrationHarness], dying: Callable[..., Dying]
) -> None:
    ferry = stands({"replicaDisks": "remove"})
    place = ferry.place("web1", PHASE)
    after_many_deaths(dying, lambda: patiently(ferry, "remove_leftovers", place))

    (disk,) = [each for each in ferry.row("web1").evidence.left_overs if each.kind == LeftOverKind.REPLICA_DISK]
    assert (disk.id, disk.state) == (SEED, LeftState.REMOVED)
    assert disks.get_disk(SEED) is None
    assert disks.get_disk(OTHER), "of another machine"
    assert disks.get_disk(OWN), "the machine's own"
    assert texts_of(ferry, "leftover-deletion") == [
        "Azure is asked to delete what was left behind: disk asrseeddisk-web1-os (128 GB)"
    ]
    assert texts_of(ferry, "left-overs") == []


@pytest.mark.parametrize("state", ["Attached", "ActiveSAS", "Reserved"])
def test_a_disk_that_something_uses_is_never_removed(stands: Callable[..., MigrationHarness], state: str) -> None:
    ferry = stands({"replicaDisks": "remove"}, diskState=state)
    disk = clean_up(ferry)[LeftOverKind.REPLICA_DISK]

    assert (disk.state, disk.detail) == (LeftState.IN_USE, f"128 GB, in use ({state})")
    assert effects(ferry, DELETE) == []


def test_what_azure_does_not_let_go_is_listed_with_its_reason_and_stops_nothing(
    stands: Callable[..., MigrationHarness],
) -> None:
    ferry = stands({"replicaDisks": "remove"})
    ferry.cloud.fault("refused", operation=DELETE, status=409, code="ScopeLocked", message="it is locked", times=None)
    disk = clean_up(ferry)[LeftOverKind.REPLICA_DISK]

    assert disk.state == LeftState.LEFT
    assert "it is locked" in disk.detail
    assert disks.get_disk(SEED)


def test_disks_that_site_recovery_deleted_cost_one_listing_and_are_no_left_overs(
    stands: Callable[..., MigrationHarness],
) -> None:
    ferry = stands({"replicaDisks": "remove"})
    gone = tuple(resource("Microsoft.Compute/disks", f"asrseeddisk-{number}", "rg-target") for number in range(9))
    ferry.stands("web1", evidence=Evidence(item=ReplicatedItem(replica_disks=gone)))
    ferry.cloud.ask("DELETE", "log")

    assert LeftOverKind.REPLICA_DISK not in clean_up(ferry)
    assert len(ferry.cloud.log("*/disks/read")) == 1


def with_vm(ferry: MigrationHarness, **more: Any) -> None:
    vm = {"name": "web1", "region": "westeurope", "resourceGroup": "rg-target", "mobilityService": True}
    ferry.cloud.ask("POST", "azure-vms", [vm | more])
    ferry.stands("web1", target_vm_id=VM)


def test_the_mobility_service_is_removed_by_run_command_where_the_plan_says_so(
    stands: Callable[..., MigrationHarness],
) -> None:
    ferry = stands({"mobilityService": "remove"})
    with_vm(ferry)
    found = clean_up(ferry)

    assert found[LeftOverKind.MOBILITY_SERVICE].state == LeftState.REMOVED
    assert ferry.row("web1").evidence.mobility_service == {1: Removal.REMOVED}
    assert len(effects(ferry, RUN)) == 1
    assert texts_of(ferry, "mobility-service-removed")


@pytest.mark.parametrize(
    ("left_overs", "vm", "why"),
    [
        ({}, {}, "it stays until somebody removes it"),
        ({"mobilityService": "remove"}, {"agentReady": False}, "does not answer"),
    ],
)
def test_a_mobility_service_that_stays_is_listed_with_the_reason_and_stops_nothing(
    stands: Callable[..., MigrationHarness], left_overs: dict[str, str], vm: dict[str, Any], why: str
) -> None:
    ferry = stands(left_overs)
    with_vm(ferry, **vm)
    service = clean_up(ferry)[LeftOverKind.MOBILITY_SERVICE]

    assert (service.id, service.state) == (VM, LeftState.LEFT)
    assert why in service.detail
    assert effects(ferry, RUN) == []


def test_what_a_real_road_leaves_is_what_site_recovery_named_as_the_machines(prepared: MigrationHarness) -> None:
    prepared.walk("web1", until="complete_migration")
    prepared.cloud.fault("replica-disks-stay", match="*", times=None)
    prepared.walk("web1")

    row = prepared.row("web1")
    (disk,) = [each for each in row.evidence.left_overs if each.kind == LeftOverKind.REPLICA_DISK]
    assert disk.id in row.evidence.item.replica_disks
    assert disk.id.rpartition("/")[2].startswith("asrseeddisk-")
    assert disk.state == LeftState.LEFT
    assert disks.get_disk(disk.id).is_free
