"""The plan's own scripts on a VM in Azure: each runs once, in its turn, whoever dies; what fails is told with its output."""

from collections.abc import Callable
from typing import Any

import pytest

from activities.verification.script_turns import Turn, turns_of
from activities.verification.target_scripts import NEVER_RUN, run_target_scripts
from activities.verification.verify_vm import poll_boot, vm_id
from shared.azure import compute, managed_commands
from shared.contracts.requests import Verification
from shared.coordination import operator_intents
from shared.coordination.operator_intents import Skip
from shared.ledger import events
from shared.ledger.evidence import ScriptState
from shared.ledger.machine_context import machine_context
from shared.problems import Refused
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths, effects, patiently

PHASE = "verify_test_vm"
WRITTEN = "*/runCommands/write"
SCRIPTS = [
    {"name": "agents", "when": "both", "script": "#!/bin/bash\necho enrolled"},
    {"name": "backup", "when": "both", "script": "echo saved", "mustSucceed": False, "timeout": "PT20M"},
    {"name": "dns", "when": "cutover", "script": "nsupdate"},
    {"name": "domain", "when": "both", "script": "Test-Secure", "system": "windows"},
]


@pytest.fixture
def synced(ferry: MigrationHarness) -> MigrationHarness:
    """A Linux machine that replicates; two scripts are for its copy."""
    plan = plan_of("web1")
    plan["waves"][0]["targetScripts"] = SCRIPTS
    ferry.begin(plan=plan)
    ferry.prepare()
    ferry.walk("web1", until="start_test_failover")
    return ferry


@pytest.fixture
def booted(synced: MigrationHarness) -> MigrationHarness:
    """Its copy is up."""
    synced.walk("web1", until=PHASE)
    patiently(synced, "poll_boot", look(synced))
    synced.cloud.later(300)
    seen = poll_boot(look(synced))
    assert (seen.settled, seen.scripts, seen.checks) == (True, True, False)
    return synced


def look(ferry: MigrationHarness, **more: Any) -> Verification:
    poll: Verification = ferry.look("web1", PHASE, kind=Verification, test=True, **more)
    return poll


def comes_through(ferry: MigrationHarness, **changes: Any) -> Any:
    """Look until all have run, sleeping as it is told to."""
    for _ in range(300):
        seen = patiently(ferry, "run_target_scripts", look(ferry).replace(**changes))
        if seen.settled:
            return seen
        ferry.cloud.later(seen.patience)
    raise AssertionError("it never settles")


def began(ferry: MigrationHarness) -> list[str]:
    """Names of the scripts that Azure ran, in the order in which it did."""
    ran = [each["effect"].split()[1] for each in effects(ferry, WRITTEN) if each["effect"].startswith("runs")]
    return [name.rpartition("-")[0].removeprefix("azferry-") for name in ran]


def texts(ferry: MigrationHarness) -> str:
    return "\n".join(each.text for each in events.page(ferry.migration, machine="web1")[0])


def undone(ferry: MigrationHarness) -> list[str]:
    return [each.evidence for each in ferry.row("web1").concerns if each.id == "target-script-left-undone"]


def fails(ferry: MigrationHarness, script: str, **more: Any) -> None:
    ferry.cloud.ask("POST", "outcomes", {"match": script, "result": "failure", "exitCode": 3, **more})


def turn(ferry: MigrationHarness, number: int = 0) -> Turn:
    poll = look(ferry)
    machine = machine_context(poll)
    vm = compute.get_vm(vm_id(machine, test=True))
    assert vm
    return turns_of(poll, machine, vm)[number]


def test_each_runs_once_in_its_turn_whoever_dies_and_is_taken_away(
    booted: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    assert after_many_deaths(dying, lambda: comes_through(booted)).settled
    assert began(booted) == ["agents", "backup"], "those of the copy and of its system, each once"
    runs = booted.row("web1").evidence.target_scripts
    assert {key: (run.state, run.code) for key, run in runs.items()} == {
        "rehearsal.agents": (ScriptState.SUCCEEDED, 0),
        "rehearsal.backup": (ScriptState.SUCCEEDED, 0),
    }
    assert runs["rehearsal.agents"].ended <= runs["rehearsal.backup"].since
    assert "script agents (1 of 2) on the test copy of web1 ended as Success (exit code 0): enrolled" in texts(booted)
    assert [managed_commands.find_command(turn(booted).vm, run.command) for run in runs.values()] == [None, None]
    assert undone(booted) == []


def test_one_that_must_succeed_stops_the_machine_with_its_last_lines_and_stays_to_be_looked_at(
    booted: MigrationHarness,
) -> None:
    fails(booted, "enrolled", stdout="asking https://ann:pw@agents.example/enroll?sig=abc", stderr="no route to host")
    for _ in range(2):
        with pytest.raises(
            Refused, match=r"script agents .1 of 2. on the test copy of web1 ended as Failed"
        ) as refused:
            comes_through(booted)
    facts = refused.value.facts
    assert (facts.id, "exit code 3" in facts.detail, "no route to host" in facts.detail) == (
        "target-script-failed",
    ) + (True,) * 2
    assert "pw@" not in facts.detail + texts(booted)
    assert "sig=abc" not in facts.detail + texts(booted)
    assert "a change of the plan" in facts.advice
    assert undone(booted) == [], "it stopped its machine: nothing goes on without it"
    assert began(booted) == ["agents"], "the next one waits"
    left = managed_commands.find_command(turn(booted).vm, str(facts.extra["command"]))
    assert left is not None
    assert left.ended


def test_a_retry_runs_again_what_failed_and_nothing_that_succeeded(booted: MigrationHarness) -> None:
    comes_through(booted)
    row, again = booted.row("web1"), booted.row("web1").evidence.target_scripts
    failed = again["rehearsal.backup"].replace(state=ScriptState.FAILED, code=1)
    booted.stands("web1", evidence=row.evidence.replace(target_scripts={**again, "rehearsal.backup": failed}))
    assert comes_through(booted, round=2).settled
    assert began(booted) == ["agents", "backup", "backup"]
    assert booted.row("web1").evidence.target_scripts["rehearsal.backup"].state == ScriptState.SUCCEEDED


def test_one_that_an_earlier_round_began_is_read_and_not_begun_anew(booted: MigrationHarness) -> None:
    assert not run_target_scripts(look(booted)).settled
    assert comes_through(booted, round=2).settled
    assert began(booted) == ["agents", "backup"]


def test_another_one_that_fails_is_a_concern_and_the_machine_goes_on(booted: MigrationHarness) -> None:
    fails(booted, "saved", stderr="no such host")
    assert comes_through(booted).settled
    assert undone(booted) == ["backup ended with exit code 3 in the rehearsal"]
    assert "no such host" in texts(booted)


def test_one_whose_time_is_up_has_failed_and_says_so(booted: MigrationHarness) -> None:
    booted.cloud.ask("POST", "outcomes", {"match": "enrolled", "result": "timeOut", "stdout": "still at it"})
    with pytest.raises(Refused, match=r"exit code 124, its time was up after PT10M.: still at it"):
        comes_through(booted)


def test_one_that_never_ends_is_given_up_after_its_time(booted: MigrationHarness) -> None:
    booted.cloud.ask("POST", "outcomes", {"match": "enrolled", "result": "restarted"})
    poll = look(booted)
    assert not run_target_scripts(poll).settled
    booted.cloud.later((turn(booted).script.timeout + NEVER_RUN).total_seconds() + 60)
    with pytest.raises(Refused, match="failed: agents did not come to its end"):
        run_target_scripts(look(booted))
    assert "neither ended nor timed out" in texts(booted)


def test_only_what_must_succeed_waits_for_an_agent(synced: MigrationHarness) -> None:
    synced.cloud.ask("PATCH", "machines/web1", {"boot": "agent-not-ready"})
    synced.walk("web1", until=PHASE)
    synced.cloud.later(300)
    assert not poll_boot(look(synced)).settled, "its console asks to sign in, and a script needs its agent"


def test_what_is_left_out_runs_no_more(booted: MigrationHarness) -> None:
    operator_intents.request_skip(Skip(migration=booted.migration, machine="web1", phase=PHASE, by="ann"))
    assert run_target_scripts(look(booted)).settled
    assert began(booted) == []
