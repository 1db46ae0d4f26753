"""What an agent registers with: told by the machine, made by a person, fetched by the next run."""

from collections.abc import Callable
from typing import Any

import pytest

from activities.source_scripts.agent_file import poll_agent_file, poll_installation, text_in
from activities.source_scripts.source_commands import send_command
from shared.contracts.sources import SourceCommand
from shared.coordination import gates
from shared.coordination.decision import Decision, Verdict
from shared.ledger import events
from shared.ledger.evidence import Evidence
from shared.models import Done
from shared.problems import Refused
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths
from tests.gate_answers import record

PHASE = "install_agent"
SECRET = "sig=s3cr3t"


@pytest.fixture
def unconfigured(ferry: MigrationHarness) -> MigrationHarness:
    """A plan that names no place for the files of agents."""
    ferry.begin(plan=plan_of("web1", replication={}))
    ferry.prepare()
    return ferry


def sent(ferry: MigrationHarness, number: int = 1) -> SourceCommand:
    """Send the script; give the look at it, a while later."""
    command: SourceCommand = ferry.look("web1", PHASE, kind=SourceCommand, script="install-agent", number=number)
    job = send_command(command).command
    ferry.cloud.later(300)
    return command.replace(job=job, tag=str(number), now=ferry.cloud.now(), since=ferry.cloud.now())


def confirm(ferry: MigrationHarness, verdict: Verdict = Verdict.CONFIRM) -> None:
    record(
        ferry.migration,
        "first",
        "configure-agent",
        Decision(verdict=verdict, by="ann", comment="", at=ferry.cloud.now()),
        None,
    )


def hand_over(ferry: MigrationHarness) -> None:
    ferry.ssm("POST", "agent-files", {"instances": [ferry.instances["web1"]]})


def test_the_text_of_the_machine_and_the_place_stand_at_the_gate(
    unconfigured: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    look = sent(unconfigured)
    assert after_many_deaths(dying, lambda: poll_installation(look)).needs_file
    assert not after_many_deaths(dying, lambda: poll_agent_file(look)).settled
    (gate,) = gates.of_migration(unconfigured.migration)
    row = unconfigured.row("web1")
    assert (gate.name, row.state) == ("configure-agent", MachineState.AWAITING_USER_ACTION)
    assert row.waiting_for == gate.text
    assert "7b2242696f73" in gate.text
    assert "/var/lib/azferry/config.json on web1" in gate.text
    confirming = f"azferry confirm {unconfigured.migration} --gate configure-agent --machine web1"
    assert row.release == f'{confirming} --comment "done"'


def test_each_time_the_file_is_missing_a_person_is_asked_anew(unconfigured: MigrationHarness) -> None:
    for number in (1, 2, 3):
        look = sent(unconfigured, number)
        assert poll_installation(look).needs_file
        assert not poll_agent_file(look).settled, "the answer of the last time does not count"
        confirm(unconfigured)
        assert poll_agent_file(look).settled
    hand_over(unconfigured)
    assert not poll_installation(sent(unconfigured, 4)).needs_file
    assert len({each["CommandId"] for each in unconfigured.commands() if "install-agent" in each["Comment"]}) == 4


def test_the_phase_ends_by_itself_once_the_file_is_there(unconfigured: MigrationHarness) -> None:
    look = unconfigured.acting("poll_agent_file")

    def helped(wire: dict[str, Any]) -> Any:
        seen = look(wire)
        if not seen.settled:
            hand_over(unconfigured)
            confirm(unconfigured)
        return seen

    ended = unconfigured.play(PHASE, unconfigured.place("web1", PHASE), poll_agent_file=helped)
    assert ended == Done()
    assert unconfigured.row("web1").evidence.discovered_machine
    assert gates.of_migration(unconfigured.migration) == ()


def test_who_says_no_stops_the_machine(unconfigured: MigrationHarness) -> None:
    look = sent(unconfigured)
    poll_installation(look)
    poll_agent_file(look)
    confirm(unconfigured, Verdict.REJECT)
    with pytest.raises(Refused) as refused:
        poll_agent_file(look)
    assert refused.value.facts.id == "gate-rejected"


def test_a_file_in_its_place_needs_nobody(prepared: MigrationHarness) -> None:
    assert not poll_installation(sent(prepared)).needs_file
    assert gates.of_migration(prepared.migration) == ()


def test_no_secret_of_a_place_is_told(ferry: MigrationHarness) -> None:
    config = f"https://files.example/{{machine}}.json?{SECRET}"
    ferry.begin(plan=plan_of("web1", replication={"agent": {"config": config}}))
    ferry.prepare()
    ferry.ssm("PUT", "missing-files", [config.replace("{machine}", "web1")])
    look = sent(ferry)
    assert poll_installation(look).needs_file
    poll_agent_file(look)
    (gate,) = gates.of_migration(ferry.migration)
    assert "https://files.example/web1.json, " in gate.text
    kept = [*events.page(ferry.migration)[0], ferry.row("web1").replace(evidence=Evidence()), gate]
    assert not [each for each in kept if "s3cr3t" in str(each)]


def test_a_failed_installation_shows_both_outputs(prepared: MigrationHarness) -> None:
    outcome = {
        "result": "failure",
        "exitCode": 15,
        "stdout": "azferry-agent: installing",
        "stderr": f"cannot read it from https://u:pw@h.example/a?{SECRET}",
    }
    prepared.ssm("PUT", f"instances/{prepared.instances['web1']}/outcomes", [outcome])
    with pytest.raises(Refused, match="installing") as refused:
        poll_installation(sent(prepared))
    words = str(refused.value.facts)
    assert "https://h.example/a" in words
    assert "s3cr3t" not in words
    assert "pw@" not in words


def test_a_text_is_found_between_its_marks() -> None:
    assert (
        text_in("azferry-agent: the text of this machine begins\n{abc}\nazferry-agent: the text of this machine ends\n")
        == "{abc}"
    )
    assert text_in("nothing of the kind") == ""


def test_where_the_appliance_is_no_instance_a_person_installs(ferry: MigrationHarness) -> None:
    ferry.begin("web1")
    ferry.prepare(until="prepare_vault")
    ferry.ec2().terminate_instances(InstanceIds=[ferry.instances["ferry-appliance"]])
    command: SourceCommand = ferry.look("web1", PHASE, kind=SourceCommand, script="install-agent")
    assert send_command(command).by_hand
