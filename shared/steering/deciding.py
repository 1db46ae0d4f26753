"""Commands that decide: approvals and confirmations at gates, cutover now, skips, acknowledgements."""

from collections.abc import Collection

from shared import controls, gates
from shared.controls import Acknowledgement, Skip
from shared.gates import Verdict
from shared.ledger import events, machines, migrations
from shared.ledger.machines import MachineRow
from shared.models import Announcement, Model
from shared.plan.model import Plan
from shared.plans import plan_of
from shared.problems import NotAllowedNow, NotFound
from shared.states import MachineState
from shared.steering.steered import Said, Steered, existing, outside, wake
from shared.waits import WaitKind

SKIPPABLE = (
    "test_failover",
    "verify_test",
    "accept_test",
    "await_window",
    "verify",
    "protect_target",
    "decommission_source",
)
A_RELEASE = (WaitKind.GATE, WaitKind.WINDOW, WaitKind.APPLIANCE, WaitKind.COMMAND)


class Answer(Model):
    """A decision at a gate: for the machines named, or for all that wait there."""

    gate: str
    decision: Verdict
    wave: str = ""
    machines: tuple[str, ...] = ()


def decide(migration: str, answer: Answer, said: Said) -> Steered:
    """Record a decision and wake who waits for it. Raises `NotAllowedNow` when nothing waits for it."""
    row = existing(migration)
    if answer.wave and answer.gate == "cutover" and answer.decision == Verdict.APPROVE:
        _four_eyes(plan_of(migration), answer.wave, row.started_by, said)
    named: Collection[str] | None = answer.machines or None
    wave = answer.wave or _wave_of(migration, answer)
    gates.decide(migration, wave, answer.gate, answer.decision, named, said.by, said.comment, said.at)
    text = f"{said.by or 'somebody'}: {answer.decision.value} at gate {answer.gate}"
    events.write(outside(migration, said, wave=wave), f"decided-{answer.gate}", text, by=said.by, data=why(said))
    return Steered(announcements=_woken(migration))


def why(said: Said) -> dict[str, str]:
    """Give the comment for the ledger, where there is one."""
    return {"comment": said.comment} if said.comment else {}


def _four_eyes(plan: Plan, wave: str, starter: str, said: Said) -> None:
    """Refuse the starter's own approval where the plan wants four eyes."""
    if wave not in {one.name for one in plan.waves}:
        raise NotFound(f"the plan has no wave {wave}")
    if not plan.wave(wave).gates.four_eyes:
        return
    if not said.by:
        raise NotAllowedNow(
            "the plan asks for four eyes, and nobody is named here",
            advice="Turn sign-in on (docs/deploy.md), so that people can be told apart.",
        )
    if said.by == starter:
        raise NotAllowedNow(
            f"{said.by} started the migration and may not approve its cutover: the plan asks for four eyes",
            advice="Ask a colleague to approve.",
        )


def _wave_of(migration: str, answer: Answer) -> str:
    """Find the wave of a gate that was named without it."""
    for gate in gates.of_migration(migration):
        at_it = {gate.machine, *gate.pending}
        if gate.name == answer.gate and (not answer.machines or set(answer.machines) & at_it):
            return gate.wave
    return ""


def cut_over_now(migration: str, wave: str, names: Collection[str], said: Said) -> Steered:
    """Begin the cutover without waiting for the window: approves what waits for approval, and opens the window."""
    existing(migration)
    rows = [row for row in machines.list(migration, wave=wave) if not names or row.name in names]
    due = [row for row in rows if row.state == MachineState.READY_FOR_CUTOVER or _asks_on_its_way(row)]
    if not due:
        raise NotAllowedNow(
            f"no machine of wave {wave} is ready for its cutover", advice="Possible in ReadyForCutover."
        )
    for row in due:
        _skip(row, "await_window", said)
    gate = gates.get(migration, wave, "cutover")
    waiting = tuple(row.name for row in due if gate is not None and row.name in gate.pending)
    if waiting:
        gates.decide(migration, wave, "cutover", Verdict.APPROVE, waiting, said.by, said.comment, said.at)
    text = f"{said.by or 'somebody'} asked for the cutover of wave {wave} now"
    events.write(outside(migration, said, wave=wave), "cutover-now", text, by=said.by, data=why(said))
    return Steered(announcements=_woken(migration))


def _asks_on_its_way(row: MachineRow) -> bool:
    """Tell whether a machine's own flow waits for a person: not one whose road is still being prepared."""
    return row.state == MachineState.AWAITING_USER_ACTION and bool(row.owner)


def skip(migration: str, machine: str, phase: str, said: Said) -> Steered:
    """Leave a phase of a machine out; who and why is kept. Raises `NotAllowedNow` for phases that cannot be left out."""
    existing(migration)
    row = machines.get(migration, machine)
    if row is None:
        raise NotFound(f"migration {migration} has no machine {machine}")
    if phase not in SKIPPABLE:
        raise NotAllowedNow(f"{phase} cannot be left out", advice=f"Possible for {', '.join(SKIPPABLE)}.")
    _skip(row, phase, said)
    return Steered(announcements=_woken(migration))


def _skip(row: MachineRow, phase: str, said: Said) -> None:
    controls.request_skip(
        Skip(migration=row.migration, machine=row.name, phase=phase, by=said.by, comment=said.comment, at=said.at)
    )
    place = outside(row.migration, said, row.name, row.wave)
    text = f"{said.by or 'somebody'} left out {phase}: {said.comment or 'no reason was given'}"
    events.write(place, f"skipped-{phase.replace('_', '-')}", text, by=said.by)


def acknowledge(migration: str, concern: str, machine: str, said: Said) -> Steered:
    """Take a concern upon oneself, with a reason; the machine goes on when it is retried."""
    existing(migration)
    controls.acknowledge(
        Acknowledgement(
            migration=migration, concern=concern, machine=machine or "*", by=said.by, reason=said.comment, at=said.at
        )
    )
    text = f"{said.by or 'somebody'} acknowledged {concern}: {said.comment}"
    events.write(outside(migration, said, machine), f"acknowledged-{concern}", text, by=said.by)
    return Steered()


def _woken(migration: str) -> tuple[Announcement, ...]:
    """Wake everybody who waits for people: each looks for itself."""
    migrations.get(migration)
    return wake(migration, A_RELEASE)
