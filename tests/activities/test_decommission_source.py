"""Decommission source: a grace period, an image, and an end that somebody approved."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from activities.decommission_source import keep_image, read_decommission, terminate_source
from shared.coordination import gates, operator_intents
from shared.coordination.decision import Decision, Verdict
from shared.coordination.gate_row import GateRow
from shared.coordination.operator_intents import Control, Intent, Skip
from shared.ledger import events
from shared.ledger.machine_row import Mark
from shared.problems import Busy, Interrupted, Refused
from shared.sources.aws import power
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths, patiently
from tests.clouds import SUBSCRIPTION, resource
from tests.gate_answers import record
from tests.ledger_rows import put

PHASE = "decommission_source"


@pytest.fixture
def finalized(ferry: MigrationHarness) -> MigrationHarness:
    """A machine that was finalized just now, as the ledger and EC2 tell it; its source is to be terminated."""
    ferry.begin(plan=plan_of("web1", finish={"decommission": {"mode": "terminate", "grace": "P7D"}}))
    ferry.prepare(until="prepare_vault")
    put(ferry.place("web1"), state=MachineState.FINALIZED, marks={Mark.UP: ferry.cloud.now()})
    ferry.ec2().stop_instances(InstanceIds=[ferry.instances["web1"]])
    return ferry


def approve(ferry: MigrationHarness, verdict: Verdict = Verdict.APPROVE) -> None:
    """Let ann decide at the gate."""
    values: dict[str, Any] = {"wave": WAVE, "machine": "web1", "name": "decommission"}
    gates.open_gate(GateRow(migration=ferry.migration, since=ferry.cloud.now(), **values))
    record(
        ferry.migration,
        WAVE,
        "decommission",
        Decision(verdict=verdict, by="ann", comment="", at=ferry.cloud.now()),
        ["web1"],
    )


def state(ferry: MigrationHarness) -> str:
    answer = ferry.ec2().describe_instances(InstanceIds=[ferry.instances["web1"]])
    return str(answer["Reservations"][0]["Instances"][0]["State"]["Name"])


def test_the_grace_period_is_waited_for(finalized: MigrationHarness) -> None:
    look = finalized.look("web1", PHASE)
    seen = read_decommission(look)
    assert (seen.settled, seen.opens_at) == (False, look.now + timedelta(days=7))
    assert (seen.patience <= 86_400, seen.exact) == (True, True)
    finalized.cloud.later(7 * 86_400)
    assert read_decommission(look.replace(now=finalized.cloud.now())).settled


def test_the_grace_counts_from_the_moment_since_which_the_machine_serves(finalized: MigrationHarness) -> None:
    up = finalized.cloud.now()
    finalized.cloud.later(2 * 86_400)
    assert read_decommission(finalized.look("web1", PHASE)).opens_at == up + timedelta(days=7)


def test_an_image_that_is_still_being_made_is_not_kept_yet(
    finalized: MigrationHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = power.KeptImage(id="ami-1", name="azferry-web1", state="pending", reason="")
    monkeypatch.setattr(power, "keep_image", lambda *_: pending)
    assert not keep_image(finalized.look("web1", PHASE)).settled
    assert "image" not in finalized.row("web1").evidence


def test_a_plan_that_keeps_its_sources_ends_here(ferry: MigrationHarness) -> None:
    ferry.begin("web1")
    ferry.prepare(until="prepare_vault")
    seen = read_decommission(ferry.look("web1", PHASE))
    assert (seen.settled, seen.opens_at) == (True, None)


def test_an_operator_may_leave_it_out_or_stop_it(finalized: MigrationHarness) -> None:
    operator_intents.request_skip(Skip(migration=finalized.migration, machine="web1", phase=PHASE, by="ann"))
    seen = read_decommission(finalized.look("web1", PHASE))
    assert (seen.settled, seen.opens_at) == (True, None)
    operator_intents.set_intent(Control(migration=finalized.migration, intent=Intent.CANCEL, at=finalized.cloud.now()))
    with pytest.raises(Interrupted):
        keep_image(finalized.look("web1", PHASE))


def test_one_image_is_kept_through_all_deaths(finalized: MigrationHarness, dying: Callable[..., Dying]) -> None:
    look = finalized.look("web1", PHASE)
    after_many_deaths(dying, lambda: patiently(finalized, "keep_image", look))
    images = finalized.ec2().describe_images(Owners=["self"])["Images"]
    (ours,) = [image for image in images if image["Name"] == f"azferry-{finalized.migration}-web1"]
    assert finalized.row("web1").evidence.image == ours["ImageId"]


def test_an_image_that_failed_is_told(finalized: MigrationHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = power.KeptImage(id="ami-1", name="azferry-web1", state="failed", reason="no space")
    monkeypatch.setattr(power, "keep_image", lambda *_: failed)
    with pytest.raises(Refused, match="no space") as refused:
        keep_image(finalized.look("web1", PHASE))
    assert "Deregister" in refused.value.facts.advice


def test_an_approved_source_is_terminated_through_all_deaths(
    finalized: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    approve(finalized)
    here = finalized.place("web1", PHASE)
    after_many_deaths(dying, lambda: terminate_source(here))
    assert state(finalized) == "terminated"
    assert finalized.row("web1").state == MachineState.DECOMMISSIONED


@pytest.mark.parametrize("verdict", [None, Verdict.REJECT])
def test_what_nobody_approved_stays(finalized: MigrationHarness, verdict: Verdict | None) -> None:
    if verdict:
        approve(finalized, verdict)
    with pytest.raises(Refused, match="nobody approved it"):
        terminate_source(finalized.place("web1", PHASE))
    assert state(finalized) == "stopped"


def test_a_source_that_runs_or_is_protected_stays(finalized: MigrationHarness) -> None:
    approve(finalized)
    ec2, source = finalized.ec2(), finalized.instances["web1"]
    ec2.modify_instance_attribute(InstanceId=source, DisableApiTermination={"Value": True})
    with pytest.raises(Refused) as protected:
        terminate_source(finalized.place("web1", PHASE))
    assert protected.value.facts.id == "termination-protected"
    ec2.modify_instance_attribute(InstanceId=source, DisableApiTermination={"Value": False})
    ec2.start_instances(InstanceIds=[source])
    with pytest.raises(Refused, match="not stopped"):
        terminate_source(finalized.place("web1", PHASE))
    assert state(finalized) == "running"


# --- a source that is a VM in Azure ------------------------------------------------------------------------------------


@pytest.fixture
def moved(ferry: MigrationHarness) -> MigrationHarness:
    """A VM that went to another region, was finalized just now and is deallocated; Azure would delete its parts with it."""
    target = plan_of("web1")["target"] | {"cacheResourceGroup": "rg-source"}
    plan = plan_of("web1", target=target, scenario="azure-to-azure", finish={"decommission": {"mode": "terminate"}})
    azure = {"subscriptionId": SUBSCRIPTION, "region": "northeurope", "resourceGroup": "rg-source"}
    plan |= {"source": {"azure": azure}}
    plan["waves"][0]["machines"] = [{"name": "web1", "source": {"name": "web1"}}]
    ferry.take_in(plan)
    switched_off(ferry)
    ferry.enlist(state=MachineState.FINALIZED)
    now = ferry.cloud.now()
    ferry.stands(
        "web1", source_id=SOURCE, target_vm_id=resource(VMS, "web1", "rg-target"), marks={Mark.FAILED_OVER: now}
    )
    return ferry


VMS = "Microsoft.Compute/virtualMachines"
SOURCE = resource(VMS, "web1", "rg-source")
PARTS = (
    resource("Microsoft.Compute/disks", "web1-os", "rg-source"),
    resource("Microsoft.Compute/disks", "web1-data", "rg-source"),
    resource("Microsoft.Network/networkInterfaces", "web1-nic", "rg-source"),
)


def switched_off(ferry: MigrationHarness, power: str = "deallocated") -> None:
    disks = [
        {"name": "web1-os", "sizeGb": 30, "osDisk": True, "deleteOption": "Delete"},
        {"name": "web1-data", "sizeGb": 9},
    ]
    nic = {"privateIp": "10.4.0.4", "deleteOption": "Delete"}
    vm = {"name": "web1", "region": "northeurope", "resourceGroup": "rg-source", "power": power}
    ferry.cloud.ask("POST", "azure-vms", [vm | {"disks": disks, "nics": [nic]}])


def exists(ferry: MigrationHarness, arm_id: str) -> bool:
    return ferry.cloud.control.get(f"/control/resources?id={arm_id}").status_code == 200


def test_an_approved_vm_is_deleted_through_all_deaths_and_its_parts_stay(
    moved: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    look = moved.look("web1", PHASE)
    assert after_many_deaths(dying, lambda: patiently(moved, "keep_image", look)).settled
    assert moved.row("web1").evidence.source_parts == tuple(PARTS)
    approve(moved)
    here = moved.place("web1", PHASE)
    with pytest.raises(Busy):
        after_many_deaths(dying, lambda: moved.ask("terminate_source", here))
    moved.cloud.later(600)
    here = here.replace(now=moved.cloud.now())
    after_many_deaths(dying, lambda: moved.ask("terminate_source", here))
    assert [exists(moved, each) for each in (SOURCE, *PARTS)] == [False, True, True, True]
    assert moved.row("web1").state == MachineState.DECOMMISSIONED
    (text,) = [each for each in events.page(moved.migration, size=1_000)[0] if each.what == "source-terminated"]
    assert (text.by, "its disks and network cards stay: web1-os, web1-data, web1-nic" in text.text) == ("ann", True)


def test_a_vm_that_is_gone_already_is_done(moved: MigrationHarness) -> None:
    moved.gone(SOURCE)
    approve(moved)
    assert moved.ask("keep_image", moved.look("web1", PHASE)).settled
    moved.ask("terminate_source", moved.place("web1", PHASE))
    assert moved.row("web1").state == MachineState.DECOMMISSIONED


@pytest.mark.parametrize(
    "why", ["nobody approved it", "it is running", "it was made after the failover", "deleted together"]
)
def test_a_vm_that_must_stay_stays(moved: MigrationHarness, why: str) -> None:
    if why != "nobody approved it":
        approve(moved)
    if why != "deleted together":
        patiently(moved, "keep_image", moved.look("web1", PHASE))
    if why == "it is running":
        switched_off(moved, "running")
    if why == "it was made after the failover":
        moved.stands("web1", marks={Mark.FAILED_OVER: moved.cloud.now() - timedelta(days=30)})
    with pytest.raises(Refused, match=why):
        moved.ask("terminate_source", moved.place("web1", PHASE))
    assert exists(moved, SOURCE)
