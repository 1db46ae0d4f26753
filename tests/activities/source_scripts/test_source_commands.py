"""Commands on source machines: sent once, looked at until they end, told in their own words."""

from collections.abc import Callable
from typing import Any

import pytest

from activities.source_scripts.source_commands import poll_command, send_command
from shared.contracts.sources import SourceCommand
from shared.ledger import machines
from shared.ledger.machine_row import Mark
from shared.problems import Busy, Refused
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths, patiently

STOP, START = "systemctl stop shop", "systemctl start shop"


def scripted(**replication: Any) -> dict[str, Any]:
    """A plan of one machine with scripts around its cutover."""
    plan = plan_of("web1", replication=replication)
    plan["waves"][0]["scripts"] = {"stopServices": STOP, "startServices": START}
    return plan


@pytest.fixture
def assessed(ferry: MigrationHarness) -> MigrationHarness:
    ferry.begin(plan=scripted())
    ferry.prepare(until="prepare_vault")
    return ferry


def command_for(ferry: MigrationHarness, script: str = "stop-services", phase: str = "quiesce") -> SourceCommand:
    command: SourceCommand = ferry.look("web1", phase, kind=SourceCommand, script=script, tag=script)
    return command


def outcome(ferry: MigrationHarness, **changes: Any) -> None:
    """Say how the machine's commands end."""
    ferry.ssm("PUT", f"instances/{ferry.instances['web1']}/outcomes", [changes])


def source(ferry: MigrationHarness, **facts: Any) -> None:
    """Change what was assessed of the machine."""
    machines.change(ferry.place("web1"), source=ferry.row("web1").source.replace(**facts))


def test_a_script_is_sent_once_through_all_deaths(assessed: MigrationHarness, dying: Callable[..., Dying]) -> None:
    command = command_for(assessed)
    began = after_many_deaths(dying, lambda: send_command(command))
    (sent,) = assessed.commands()
    assert sent["CommandId"] == began.command
    assert STOP in str(sent)
    assert assessed.row("web1").mark(Mark.SERVICES_ASKED), "a rollback will start them again"


def test_a_lost_answer_is_busy_and_the_command_is_found_again(assessed: MigrationHarness) -> None:
    assessed.ssm("POST", "faults", {"operation": "SendCommand", "after": True})
    command = command_for(assessed)
    with pytest.raises(Busy):
        assessed.ask("send_command", command)
    assert patiently(assessed, "send_command", command).command
    assert len(assessed.commands()) == 1


def test_it_is_looked_at_until_it_ends(assessed: MigrationHarness) -> None:
    look = command_for(assessed)
    job = send_command(look).command
    first = poll_command(look.replace(job=job))
    assert not first.settled
    assert first.patience <= 10, "it may be downtime"
    assessed.cloud.later(120)
    for _ in range(2):
        assert poll_command(look.replace(job=job, now=assessed.cloud.now())).settled
    assert assessed.row("web1").waiting_for == ""


def test_a_script_that_failed_is_told_in_its_own_words(assessed: MigrationHarness) -> None:
    outcome(assessed, result="failure", exitCode=5, stderr="shop is busy")
    look = command_for(assessed)
    job = send_command(look).command
    assessed.cloud.later(120)
    with pytest.raises(Refused, match=r"stop-services on web1 ended as Failed.*5.*shop is busy") as refused:
        poll_command(look.replace(job=job, now=assessed.cloud.now()))
    assert refused.value.facts.advice


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (
            {"result": "failure", "exitCode": 2, "stderr": "stop-services: 1: Syntax error"},
            r"\(exit code 2\): .*Syntax error",
        ),
        ({"result": "failure", "exitCode": 7, "stdout": "stopping..."}, r"\(exit code 7\): stopping"),
        ({"result": "failure", "exitCode": 137}, r"\(exit code 137, as after SIGKILL\): it printed nothing"),
        ({"result": "failure", "exitCode": 194, "stderr": "no"}, r"\(exit code 194\): no$"),
        (
            {"result": "killed", "stdout": "stopping..."},
            r"\(it did not come to its end: the machine restarted, or .*stopping",
        ),
        ({"result": "restarted"}, r"\(it did not come to its end: .*document process failed unexpectedly"),
        ({"result": "success", "exitCode": 0, "stdout": "azferry-end 0123456789abcdef 3"}, ""),
    ],
)
def test_each_way_of_ending_is_told_as_what_it_is(
    assessed: MigrationHarness, ending: dict[str, Any], words: str
) -> None:
    outcome(assessed, **ending)
    look = command_for(assessed)
    job = send_command(look).command
    assessed.cloud.later(120)
    done = look.replace(job=job, now=assessed.cloud.now())
    if not words:
        assert poll_command(done).settled, "the mark of somebody else is only text"
        return
    with pytest.raises(Refused, match=rf"^stop-services on web1 ended as Failed {words}"):
        poll_command(done)


def test_both_outputs_of_a_script_that_failed_are_shown(assessed: MigrationHarness) -> None:
    outcome(assessed, result="failure", exitCode=17, stderr="give the file", stdout="what to make it from")
    look = command_for(assessed)
    job = send_command(look).command
    assessed.cloud.later(120)
    with pytest.raises(Refused, match=r"exit code 17\): give the file \| what to make it from$"):
        poll_command(look.replace(job=job, now=assessed.cloud.now()))


def test_a_command_that_never_ends_is_given_up(assessed: MigrationHarness) -> None:
    look = command_for(assessed).replace(job="11111111-1111-4111-8111-111111111111")
    assert not poll_command(look).settled
    assessed.cloud.later(4 * 3_600)
    with pytest.raises(Refused) as refused:
        poll_command(look.replace(now=assessed.cloud.now()))
    assert refused.value.facts.id == "command-lost"


def test_a_plan_without_the_script_runs_nothing(ferry: MigrationHarness) -> None:
    ferry.begin("web1")
    ferry.prepare(until="prepare_vault")
    assert send_command(command_for(ferry)).command == ""
    assert ferry.commands() == []


@pytest.mark.parametrize("install", ["manual", "push"])
def test_who_installs_the_agent_by_hand_may_still_have_services_stopped(ferry: MigrationHarness, install: str) -> None:
    ferry.begin(plan=scripted(agent={"install": install}))
    ferry.prepare(until="prepare_vault")
    assert send_command(command_for(ferry, "install-agent", "install_agent")).by_hand
    assert ferry.commands() == []
    assert send_command(command_for(ferry)).command


def test_without_a_management_agent_people_install_and_nobody_can_stop_services(assessed: MigrationHarness) -> None:
    source(assessed, ssm_online=False)
    assert send_command(command_for(assessed, "install-agent", "install_agent")).by_hand
    began = send_command(command_for(assessed, "check-connectivity", "check_connectivity"))
    assert (began.command, began.by_hand) == ("", False)
    with pytest.raises(Refused) as refused:
        send_command(command_for(assessed))
    assert refused.value.facts.id == "no-agent"


def test_each_round_sends_its_own(assessed: MigrationHarness) -> None:
    first = send_command(command_for(assessed))
    assert send_command(command_for(assessed).replace(round=2)).command != first.command
    assert len(assessed.commands()) == 2
