"""Standing back: services that the cutover stopped serve again on a source that still runs, and only there."""

import pytest

from activities.flow.waves import list_members
from activities.restore_source import read_services
from activities.source_scripts.source_commands import poll_command, send_command
from shared.contracts.requests import Poll, scoped_as, where
from shared.contracts.sources import SourceCommand
from shared.ledger import events
from shared.ledger.machine_row import Mark
from shared.ledger.serving import Serving, down
from shared.problems import Refused
from shared.states import MachineState
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.premises import confirm
from tests.activities.repeating import patiently
from tests.activities.source_scripts.test_source_commands import START, outcome, scripted


@pytest.fixture
def resting(ferry: MigrationHarness) -> MigrationHarness:
    """A machine whose services the quiesce stopped; its source runs."""
    ferry.begin(plan=scripted())
    ferry.prepare(until="prepare_vault")
    place = ferry.place("web1", "quiesce")
    patiently(
        ferry,
        "send_command",
        SourceCommand(**where(place), script="stop-services", tag="stop-services", since=place.now),
    )
    ferry.cloud.later(60)
    look = ferry.look("web1", "quiesce")
    ferry.ask("poll_recovery_point", look.replace(newer_than=look.now))
    ferry.cloud.later(60)
    return ferry


def rests(ferry: MigrationHarness) -> bool:
    return read_services(ferry.place("web1", "restore_services")).services_stopped


def restore(ferry: MigrationHarness) -> None:
    ferry.play("restore_services", ferry.place("web1", "restore_services"))


def starts(ferry: MigrationHarness) -> int:
    return sum(START in str(command) for command in ferry.commands())


def test_services_on_a_source_that_runs_are_started_once_and_the_ledger_says_so(resting: MigrationHarness) -> None:
    assert rests(resting)
    restore(resting)
    assert (starts(resting), rests(resting)) == (1, False)
    restore(resting)
    assert starts(resting) == 1
    happened = [each.what for each in events.page(resting.migration)[0] if each.phase == "restore_services"]
    assert happened == ["start-services-sent", "start-services-ended"]


def test_a_source_that_is_off_is_left_alone(resting: MigrationHarness) -> None:
    resting.ec2().stop_instances(InstanceIds=[resting.instances["web1"]])
    restore(resting)
    assert starts(resting) == 0


def test_a_source_that_refused_to_stop_and_has_no_scripts_serves_and_nobody_is_asked_for_anything(
    ferry: MigrationHarness,
) -> None:
    ferry.begin(plan=plan_of("web1"))
    ferry.prepare(until="prepare_vault")
    stop_asked = ferry.cloud.now()
    ferry.stands("web1", marks={Mark.QUIESCED: stop_asked, Mark.STOP_REQUESTED: stop_asked}, service=down(stop_asked))
    ferry.cloud.later(300)
    restore(ferry)
    row = ferry.row("web1")
    assert (row.service.at, row.service.outages) == (Serving.SOURCE, ())
    assert (row.waiting_for, ferry.commands()) == ("", [])


def test_services_that_nobody_stopped_are_left_alone(ferry: MigrationHarness) -> None:
    ferry.begin(plan=scripted())
    ferry.prepare(until="prepare_vault")
    restore(ferry)
    assert ferry.commands() == []


def test_services_that_do_not_start_are_told_and_still_rest(resting: MigrationHarness) -> None:
    outcome(resting, result="failure", exitCode=1, stderr="no such unit")
    with pytest.raises(Refused, match="no such unit"):
        restore(resting)
    texts = [each.text for each in events.page(resting.migration)[0] if each.what == "start-services-failed"]
    assert ["no such unit" in text for text in texts] == [True]
    assert rests(resting)


def test_services_that_the_plan_cannot_start_again_are_started_by_a_person(ferry: MigrationHarness) -> None:
    plan = scripted()
    del plan["waves"][0]["scripts"]["startServices"]
    ferry.begin(plan=plan)
    ferry.prepare(until="prepare_vault")
    ferry.stands("web1", marks={Mark.SERVICES_ASKED: ferry.cloud.now()}, service=down(ferry.cloud.now()))
    command = ferry.look("web1", "restore_services", kind=SourceCommand, script="start-services", tag="start-services")
    assert send_command(command).by_hand

    assert not poll_command(command).settled
    row = ferry.row("web1")
    assert "a person to start the services of web1 again" in row.waiting_for
    assert "the plan has no startServices" in row.waiting_for
    assert row.service.at == Serving.NOWHERE

    ferry.cloud.later(300)
    confirm(ferry, "start-services", "web1")
    assert poll_command(command.replace(now=ferry.cloud.now())).settled
    service = ferry.row("web1").service
    assert (service.at, service.outages[0].served_by) == (Serving.SOURCE, Serving.SOURCE)
    assert not send_command(command.replace(now=ferry.cloud.now())).by_hand, "they serve"


@pytest.mark.parametrize(("back", "phase"), [(False, "fail_over"), (True, "quiesce")])
def test_a_retry_needs_a_new_proof_once_services_served_again(
    resting: MigrationHarness, back: bool, phase: str
) -> None:
    if back:
        restore(resting)
    resting.cloud.later(60)
    resting.stands("web1", state=MachineState.CUTTING_OVER, failed_in="fail_over")
    (member,) = list_members(scoped_as(resting.place("web1"), Poll).replace(machine="")).members
    assert member.resume_at == phase
