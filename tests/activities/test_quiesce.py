"""Quiesce: nothing changed, the copy keeps up, and a newer recovery point proves that nothing is lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from activities.quiesce import PROOF_WITHIN, check_drift, poll_recovery_point
from shared.concerns.changes import drift
from shared.concerns.source_facts import SourceFacts
from shared.coordination import operator_intents, waits
from shared.coordination.operator_intents import Control, Intent
from shared.coordination.waits import WaitKind
from shared.ledger import events
from shared.ledger.machine_row import Mark
from shared.problems import CloudRefused, Interrupted, Refused
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import after_many_deaths
from tests.clouds import VAULT

PHASE = "quiesce"


@pytest.fixture
def rehearsed(prepared: MigrationHarness) -> MigrationHarness:
    prepared.walk("web1", until=PHASE)
    return prepared


def test_a_machine_as_it_was_assessed_may_cut_over(rehearsed: MigrationHarness) -> None:
    check_drift(rehearsed.place("web1", PHASE))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"stop_protection": True}, ["it is protected against being stopped (disableApiStop)"]),
        ({"found": False}, ["it is gone"]),
        ({"state": "stopped"}, ["it is stopped"]),
        ({"private_ip": "10.0.2.99"}, ["its address was 10.0.2.21 and is 10.0.2.99"]),
    ],
)
def test_what_changed_is_named(changes: dict[str, Any], words: list[str]) -> None:
    before = SourceFacts(found=True, state="running", private_ip="10.0.2.21")
    assert drift(before, before) == []
    assert drift(before, before.model_copy(update=changes)) == words


def test_a_stopped_source_has_drifted(rehearsed: MigrationHarness) -> None:
    rehearsed.ec2().stop_instances(InstanceIds=[rehearsed.instances["web1"]])
    with pytest.raises(Refused, match="it is stopped") as refused:
        check_drift(rehearsed.place("web1", PHASE))
    assert refused.value.facts.id == "source-drifted"


def test_a_new_disk_is_drift(rehearsed: MigrationHarness) -> None:
    ec2, source = rehearsed.ec2(), rehearsed.instances["web1"]
    zone = ec2.describe_instances(InstanceIds=[source])["Reservations"][0]["Instances"][0]["Placement"]
    volume = ec2.create_volume(AvailabilityZone=zone["AvailabilityZone"], Size=7)["VolumeId"]
    ec2.attach_volume(VolumeId=volume, InstanceId=source, Device="/dev/sdz")
    with pytest.raises(Refused, match="disk /dev/sdz was added"):
        check_drift(rehearsed.place("web1", PHASE))


def test_a_copy_that_lags_too_far_behind_does_not_begin(rehearsed: MigrationHarness) -> None:
    rehearsed.cloud.fault("no-recovery-points", times=None)
    rehearsed.cloud.later(3_600)
    with pytest.raises(CloudRefused, match=r"lags \d+ s behind, the plan allows 900 s") as refused:
        check_drift(rehearsed.place("web1", PHASE))
    assert refused.value.facts.id == "lag-too-long"


def test_the_proof_is_a_point_newer_than_the_rest(rehearsed: MigrationHarness, dying: Callable[..., Dying]) -> None:
    here = rehearsed.place("web1", PHASE)
    look = rehearsed.look("web1", PHASE).replace(newer_than=here.now)
    assert not after_many_deaths(dying, lambda: poll_recovery_point(look)).settled
    assert rehearsed.row("web1").marks[Mark.QUIESCED] == here.now
    (wait,) = (each for each in waits.of_watch(waits.watch_key(VAULT.id)) if each.kind == WaitKind.RECOVERY_POINT)
    assert (wait.kind, wait.threshold, wait.urgent) == ("recovery-point", here.now.isoformat(), True)
    reads = [entry for entry in rehearsed.cloud.log("*recoveryPoints/read") if entry["at"] >= look.now.isoformat()]
    assert reads == [], "no point can be newer than this very moment"
    rehearsed.cloud.later(600)
    later = look.replace(now=rehearsed.cloud.now(), event="look:2")
    assert after_many_deaths(dying, lambda: poll_recovery_point(later)).settled
    assert rehearsed.row("web1").evidence.recovery_point_time > here.now
    assert not [each for each in waits.of_watch(waits.watch_key(VAULT.id)) if each.kind == WaitKind.RECOVERY_POINT]


def test_since_when_the_source_rests_is_noted_once_and_before_anybody_can_stop_it(rehearsed: MigrationHarness) -> None:
    look = rehearsed.look("web1", PHASE)
    look = look.replace(newer_than=look.now)
    operator_intents.set_intent(
        Control(migration=rehearsed.migration, machine="web1", intent=Intent.CANCEL, at=rehearsed.cloud.now())
    )
    for minutes in (1, 2):
        rehearsed.cloud.later(60 * minutes)
        with pytest.raises(Interrupted):
            poll_recovery_point(look.replace(now=rehearsed.cloud.now()))
        assert rehearsed.row("web1").marks[Mark.QUIESCED] == look.now
    assert [each.at for each in events.page(rehearsed.migration)[0] if each.what == "quiesced"] == [look.now]


def test_without_a_proof_the_source_is_left_alone(rehearsed: MigrationHarness) -> None:
    rehearsed.cloud.fault("no-recovery-points", times=None)
    look = rehearsed.look("web1", PHASE)
    look = look.replace(newer_than=look.now)
    rehearsed.cloud.later(PROOF_WITHIN.total_seconds() - 60)
    assert not poll_recovery_point(look.replace(now=rehearsed.cloud.now())).settled
    rehearsed.cloud.later(60)
    with pytest.raises(Refused, match=r"came within") as refused:
        poll_recovery_point(look.replace(now=rehearsed.cloud.now()))
    assert "not touched" in refused.value.facts.advice
    assert not [each for each in waits.of_watch(waits.watch_key(VAULT.id)) if each.kind == WaitKind.RECOVERY_POINT]


def test_an_operator_interrupts_the_wait(rehearsed: MigrationHarness) -> None:
    look = rehearsed.look("web1", PHASE)
    control = Control(migration=rehearsed.migration, machine="web1", intent=Intent.CANCEL, at=look.now)
    operator_intents.set_intent(control)
    with pytest.raises(Interrupted):
        poll_recovery_point(look.replace(newer_than=look.now - timedelta(days=1)))
