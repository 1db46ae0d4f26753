"""The Mobility service of a migration is off the VM before it may be protected: by run command, else by a person's hand."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from activities.source_scripts.agent_removal import FOLDER
from shared.contracts.requests import PollResult
from shared.coordination import gates, operator_intents
from shared.coordination.decision import Decision, Verdict
from shared.coordination.operator_intents import Skip
from shared.ledger import events
from shared.ledger.evidence import Evidence, Removal
from shared.problems import CloudRefused, Refused
from shared.states import MachineState
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import effects
from tests.activities.test_protect_target import ENABLING, NETWORK, PHASE, VM, prepare, protected_plan
from tests.clouds import resource
from tests.gate_answers import record

GATE = "remove-mobility-service"
RUN = "*/runCommand/action"


def migrated(ferry: MigrationHarness, **vm: Any) -> MigrationHarness:
    """A machine whose migration is complete and on whose VM its Mobility service still is."""
    plan = protected_plan("web1")
    ferry.build(plan)
    ferry.take_in(plan)
    nics = [{"privateIp": "10.20.1.4", "network": NETWORK, "subnet": "app"}]
    target_vm = {
        "name": "web1",
        "region": "westeurope",
        "resourceGroup": "rg-target",
        "nics": nics,
        "mobilityService": True,
    }
    ferry.cloud.ask("POST", "azure-vms", [target_vm | vm])
    ferry.enlist(state=MachineState.FINALIZED)
    ferry.stands("web1", target_vm_id=resource(VM, "web1", "rg-target"))
    return ferry


def look(ferry: MigrationHarness, turn: int = 1) -> PollResult:
    found: PollResult = ferry.ask("remove_mobility_service", ferry.look("web1", PHASE, turn))
    return found


def happened(ferry: MigrationHarness) -> list[str]:
    return [each.what for each in events.page(ferry.migration, size=1_000)[0] if each.machine == "web1"]


@pytest.mark.parametrize(("system", "uninstalls"), [("Linux", "./uninstall.sh -Y"), ("Windows", "msiexec.exe")])
def test_it_is_removed_by_run_command_before_the_vm_is_protected(
    ferry: MigrationHarness, system: str, uninstalls: str
) -> None:
    migrated(ferry, osType=system, osName="Windows Server 2022" if system == "Windows" else "Ubuntu 22.04")
    prepare(ferry)
    ferry.step("web1", PHASE)
    assert ferry.row("web1").evidence.protection.region == "northeurope"
    assert happened(ferry).index("mobility-service-removed") < happened(ferry).index("target-protected")
    assert len(effects(ferry, RUN)) == 1
    assert uninstalls in (FOLDER / f"{GATE}.{'ps1' if system == 'Windows' else 'sh'}").read_text()


def test_without_the_removal_site_recovery_refuses(ferry: MigrationHarness) -> None:
    migrated(ferry)
    prepare(ferry)
    ferry.stands("web1", evidence=Evidence(mobility_service={1: Removal.REMOVED}))  # somebody said so, and it is not
    with pytest.raises(CloudRefused) as refused:
        ferry.step("web1", PHASE)
    assert "Mobility service of an earlier migration is still on the machine" in refused.value.facts.causes


def test_a_retry_looks_anew(ferry: MigrationHarness) -> None:
    migrated(ferry)
    ferry.stands("web1", evidence=Evidence(mobility_service={1: Removal.REMOVED}))
    ferry.round = 2
    assert not look(ferry).settled
    assert len(effects(ferry, RUN)) == 1


def test_a_look_that_is_repeated_runs_no_second_script(ferry: MigrationHarness) -> None:
    migrated(ferry)
    assert not look(ferry).settled
    assert not look(ferry, 2).settled
    ferry.cloud.later(60)
    assert look(ferry, 3).settled
    assert look(ferry, 4).settled
    assert len(effects(ferry, RUN)) == 1


S = MachineState


def by_hand(ferry: MigrationHarness) -> str:
    """Give the text of the gate that asks a person."""
    (gate,) = [each for each in gates.of_migration(ferry.migration) if each.name == GATE]
    row = ferry.row("web1")
    assert (row.state, row.waiting_for, row.release) == (S.AWAITING_USER_ACTION, gate.text, gate.release)
    assert gate.release == f'azferry confirm {ferry.migration} --gate {GATE} --machine web1 --comment "done"'
    return gate.text


def test_where_no_agent_answers_a_person_is_given_the_command_for_either_system(ferry: MigrationHarness) -> None:
    migrated(ferry, agentReady=False)
    assert not look(ferry).settled
    text = by_hand(ferry)
    assert "cd /usr/local/ASR && ./uninstall.sh -Y" in text
    assert "msiexec.exe /qn /x {275197FF-14FD-4560-A5EB-38217F80CBD1}" in text
    assert effects(ferry, RUN) == []
    record(
        ferry.migration,
        ferry.wave,
        GATE,
        Decision(verdict=Verdict.CONFIRM, by="bob", comment="", at=ferry.cloud.now()),
        ("web1",),
    )
    assert look(ferry, 2).settled
    assert ferry.row("web1").state == S.FINALIZED
    assert look(ferry, 3).settled


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        ({"result": "failure", "exitCode": 3}, "its driver stays until the VM restarts"),
        ({"result": "failure", "exitCode": 4, "stderr": "the Mobility service is still in /usr/local/ASR"}, "still in"),
        ({"result": "killed"}, "the script did not end"),
    ],
)
def test_what_the_script_could_not_do_is_a_persons(ferry: MigrationHarness, outcome: dict[str, Any], why: str) -> None:
    migrated(ferry)
    ferry.cloud.ask("POST", "outcomes", {"vm": "web1", **outcome})
    look(ferry)
    ferry.cloud.later(120)
    assert not look(ferry, 2).settled
    by_hand(ferry)
    texts = [each.text for each in events.page(ferry.migration)[0] if each.what == "mobility-service-by-hand"]
    assert why in texts[-1]


def test_a_person_who_says_no_stops_the_protection_and_not_the_migration(ferry: MigrationHarness) -> None:
    migrated(ferry, agentReady=False)
    look(ferry)
    record(
        ferry.migration,
        ferry.wave,
        GATE,
        Decision(verdict=Verdict.REJECT, by="bob", comment="not today", at=ferry.cloud.now()),
        ("web1",),
    )
    with pytest.raises(Refused, match="not today"):
        look(ferry, 2)


def test_a_protection_that_is_left_out_asks_nobody_any_more(ferry: MigrationHarness) -> None:
    migrated(ferry, agentReady=False)
    look(ferry)
    operator_intents.request_skip(Skip(migration=ferry.migration, machine="web1", phase=PHASE, by="ann"))
    assert look(ferry, 2).settled
    assert gates.of_migration(ferry.migration) == ()


def test_machines_that_were_replicated_from_outside_have_none(ferry: MigrationHarness) -> None:
    migrated(ferry)
    plan = protected_plan("web1") | {
        "scenario": "hyperv-to-azure",
        "source": {"hyperv": {"site": "hq"}},
        "name": "other",
    }
    plan["waves"][0]["machines"][0]["source"] = {"name": "WEB1"}
    ferry.take_in(plan)
    ferry.enlist(state=MachineState.FINALIZED)
    assert look(ferry).settled
    assert effects(ferry, RUN) == []
    assert effects(ferry, ENABLING) == []


def run_here(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = ["bash", str(FOLDER / f"{GATE}.sh"), "--folder", str(folder), *arguments]
    return subprocess.run(script, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("uninstaller", "modules", "code"),
    [
        ("", "", 0),
        ("rm -- uninstall.sh", "", 0),
        ("rm -- uninstall.sh", "involflt 1 0 - Live 0x0\n", 3),
        ("exit 1", "", 4),
        ('[ "$1" = -Y ] && rm -- uninstall.sh', "", 0),
    ],
)
def test_the_script_for_linux_says_by_its_exit_code_what_it_found(
    tmp_path: Path, uninstaller: str, modules: str, code: int
) -> None:
    if uninstaller:
        (tmp_path / "uninstall.sh").write_text(uninstaller)
    (tmp_path / "modules").write_text(modules)
    ended = run_here(tmp_path, "--modules", str(tmp_path / "modules"))
    assert ended.returncode == code, ended.stderr
