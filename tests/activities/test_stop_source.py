"""Stop source: asked for until it is off; the first asking is where the downtime begins."""

from collections.abc import Callable

import pytest

from activities.stop_source import STOPS_WITHIN, stop_source_machine
from shared.coordination import operator_intents
from shared.coordination.operator_intents import Control, Intent
from shared.ledger import events, machines
from shared.ledger.machine_row import Mark
from shared.problems import CloudRefused, Interrupted, Refused
from shared.sources.aws import power
from shared.sources.aws.source_adapter import AwsSide
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import after_many_deaths, patiently

PHASE = "stop_source"


def state(ferry: MigrationHarness) -> str:
    answer = ferry.ec2().describe_instances(InstanceIds=[ferry.instances["web1"]])
    return str(answer["Reservations"][0]["Instances"][0]["State"]["Name"])


def test_it_stops_through_all_deaths_and_the_first_asking_counts(
    begun: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    begun.prepare(until="prepare_vault")
    look = begun.look("web1", PHASE)
    after_many_deaths(dying, lambda: stop_source_machine(look))
    assert state(begun) == "stopped"
    begun.cloud.later(60)
    later = look.replace(now=begun.cloud.now())
    assert after_many_deaths(dying, lambda: stop_source_machine(later)).settled
    marks = begun.row("web1").marks
    assert (marks["stopRequested"], marks["stopped"]) == (look.now, later.now)
    assert [each.what for each in events.page(begun.migration, size=1_000)[0]].count("stop-requested") == 1


def test_one_that_somebody_else_stopped_is_down_since_now_as_far_as_we_know(begun: MigrationHarness) -> None:
    begun.prepare(until="prepare_vault")
    begun.ec2().stop_instances(InstanceIds=[begun.instances["web1"]])
    look = begun.look("web1", PHASE)
    assert stop_source_machine(look).settled
    assert begun.row("web1").marks[Mark.STOP_REQUESTED] == look.now


def test_after_a_rollback_the_downtime_begins_anew(begun: MigrationHarness) -> None:
    begun.prepare(until="prepare_vault")
    long_ago = begun.cloud.now()
    machines.change(begun.place("web1"), marks={Mark.STOP_REQUESTED: long_ago})
    begun.cloud.later(3_600)
    machines.change(begun.place("web1"), marks={Mark.ROLLED_BACK: begun.cloud.now()})
    begun.cloud.later(3_600)
    look = begun.look("web1", PHASE)
    patiently(begun, "stop_source_machine", look)
    assert begun.row("web1").marks[Mark.STOP_REQUESTED] == look.now


def test_after_a_refusal_it_ran_on_and_the_downtime_begins_with_the_retry(begun: MigrationHarness) -> None:
    begun.prepare(until="prepare_vault")
    protect = {"InstanceId": begun.instances["web1"], "DisableApiStop": {"Value": True}}
    begun.ec2().modify_instance_attribute(**protect)
    with pytest.raises(CloudRefused) as refused:
        stop_source_machine(begun.look("web1", PHASE))
    assert refused.value.facts.code == "OperationNotPermitted"
    assert "take the protection off" in refused.value.facts.advice
    begun.ec2().modify_instance_attribute(**protect | {"DisableApiStop": {"Value": False}})
    begun.cloud.later(3_600)
    look = begun.look("web1", PHASE)
    patiently(begun, "stop_source_machine", look)
    assert begun.row("web1").marks[Mark.STOP_REQUESTED] == look.now


def test_one_that_never_stops_is_told(begun: MigrationHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    begun.prepare(until="prepare_vault")
    monkeypatch.setattr(AwsSide, "state", lambda *_: "stopping")  # moto stops at once
    monkeypatch.setattr(power, "stop", lambda *_: "stopping")
    look = begun.look("web1", PHASE)
    assert not stop_source_machine(look).settled
    with pytest.raises(Refused) as never:
        stop_source_machine(look.replace(now=look.now + STOPS_WITHIN * 2))
    assert never.value.facts.id == "source-not-stopped"


def test_one_that_is_gone_is_told(begun: MigrationHarness) -> None:
    begun.prepare(until="prepare_vault")
    begun.ec2().terminate_instances(InstanceIds=[begun.instances["web1"]])
    with pytest.raises(Refused) as gone:
        stop_source_machine(begun.look("web1", PHASE))
    assert gone.value.facts.id == "source-gone"


@pytest.mark.parametrize("intent", [Intent.CANCEL, Intent.ROLLBACK])
def test_an_operator_comes_before_the_stop(begun: MigrationHarness, intent: Intent) -> None:
    begun.prepare(until="prepare_vault")
    operator_intents.set_intent(Control(migration=begun.migration, machine="web1", intent=intent, at=begun.cloud.now()))
    with pytest.raises(Interrupted):
        stop_source_machine(begun.look("web1", PHASE))
    assert state(begun) == "running"
