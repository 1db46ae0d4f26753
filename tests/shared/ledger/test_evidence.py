"""Evidence: each writer its own fields, camelCase on the wire, and nothing of a newer version lost."""

import json
from collections.abc import Callable
from datetime import datetime

import pytest

from shared.concerns.source_facts import DiskFacts, SourceFacts
from shared.ledger import machines
from shared.ledger.evidence import AssignedWindow, Checked, Evidence, Fenced, MigratedVm, Removal
from shared.ledger.machine_row import MachineRow
from shared.models import Scope
from shared.storage.entities import to_entity
from shared.storage.tables import table

At = Callable[[int], datetime]
NEWER = {"image": "ami-1", "blessed": {"by": "ann"}, "vm": {"id": "/vms/a", "name": "a", "spot": True}}


def place(now: datetime) -> Scope:
    return Scope(migration="m.1", wave="w1", machine="a", phase="p", now=now)


def column(name: str) -> dict[str, object]:
    """What the table holds."""
    found: dict[str, object] = json.loads(table("machines").get_entity("m.1", "a")[f"{name}_json"])
    return found


def write(**columns: object) -> None:
    """Write columns as another version of the app does."""
    texts = {f"{name}_json": json.dumps(value) for name, value in columns.items()}
    table("machines").upsert_entity({**to_entity("m.1", "a", MachineRow(migration="m.1", name="a")), **texts})


@pytest.fixture(autouse=True)
def enlisted(store: object) -> None:
    machines.create_many([MachineRow(migration="m.1", name="a")])


def test_what_is_not_known_is_not_kept_and_what_is_known_reads_as_the_api_shows_it(at: At) -> None:
    assert column("evidence") == {}
    machines.change(
        place(at(1)),
        source=SourceFacts(instance_id="i-1", disks=(DiskFacts(device="xvdb", size_gib=30),)),
        evidence=Evidence(
            verification_test=Checked.PASSED,
            cutover_window=AssignedWindow(closes=at(9), overrun="stop"),
            mobility_service={1: Removal.BY_HAND},
        ),
    )
    assert column("source") == {"instanceId": "i-1", "disks": [{"device": "xvdb", "sizeGib": 30.0}]}
    assert column("evidence") == {
        "verificationTest": "passed",
        "cutoverWindow": {"closes": at(9).strftime("%Y-%m-%dT%H:%M:%SZ"), "overrun": "stop"},
        "mobilityService": {"1": "byHand"},
    }
    row = machines.get("m.1", "a")
    assert row
    assert (row.source.disks or ())[0].size_gib == 30
    assert row.evidence.mobility_service == {1: Removal.BY_HAND}


def test_what_a_newer_version_wrote_outlives_the_changes_of_this_one(at: At) -> None:
    write(evidence=NEWER, source={"instanceId": "i-1", "tpm": "2.0", "disks": [{"device": "xvdb", "iops": 3000}]})
    row = machines.get("m.1", "a")
    assert row
    machines.change(place(at(1)), evidence=Evidence(recovery_point="rp-1"), source=row.source.replace(state="running"))

    assert column("evidence") == {**NEWER, "recoveryPoint": "rp-1"}
    assert column("source") == {
        "instanceId": "i-1", "state": "running", "tpm": "2.0", "disks": [{"device": "xvdb", "iops": 3000}],
    }  # fmt: skip


def test_what_a_newer_version_wrote_is_not_shown_by_one_that_cannot_tell_whether_it_is_secret() -> None:
    write(evidence=NEWER)
    row = machines.get("m.1", "a")
    assert row
    assert row.evidence.shown == Evidence(image="ami-1", vm=MigratedVm.model_validate(NEWER["vm"]))


def test_writers_that_set_other_fields_at_once_lose_nothing_of_each_other(together: Callable, at: At) -> None:
    changes = [
        Evidence(image="ami-1"),
        Evidence(recovery_point="rp-1"),
        Evidence(adopted=True),
        *(Evidence(sizes={f"region{number}": "D2"}) for number in range(5)),
    ]
    together(lambda each: machines.change(place(at(1)), evidence=each), changes)

    kept = machines.get("m.1", "a")
    assert kept
    assert (kept.evidence.image, kept.evidence.recovery_point, kept.evidence.adopted) == ("ami-1", "rp-1", True)
    assert len(kept.evidence.sizes) == 5


def test_what_is_set_to_nothing_is_forgotten_and_what_is_not_set_stays(at: At) -> None:
    fenced = Fenced(id="/vms/a", guid="g", disk_ids=("/disks/1",))
    machines.change(place(at(1)), evidence=Evidence(fenced_target=fenced, discovered_machine="/m/a"))

    changed = machines.change(place(at(2)), evidence=Evidence(fenced_target=None))

    assert changed.evidence == Evidence(discovered_machine="/m/a")
    assert column("evidence") == {"discoveredMachine": "/m/a"}


def test_saying_the_same_again_writes_nothing(at: At) -> None:
    machines.change(place(at(1)), evidence=Evidence(cutover_window=AssignedWindow(closes=at(9))))
    before = machines.TABLE.find("m.1", "a")

    machines.change(place(at(2)), evidence=Evidence(cutover_window=AssignedWindow(closes=at(9))))

    assert machines.TABLE.find("m.1", "a") == before
