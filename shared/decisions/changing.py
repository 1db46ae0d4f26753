"""Changing the plan of a running migration: judged first, then taken over in one write; all else follows from that.

Plans are blobs that are never written twice. A change keeps another one beside the first, and the migration's row says
which of them holds: whoever dies before that write changed nothing, and whoever dies after it leaves what `settle` does
again. Who waits for a window or at a gate is woken and reads the plan anew; a machine that has begun keeps its opening.
Machines that are added, dropped or become something else are carried out in steps of their own: change_steps.py.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from pydantic import Field

from shared.contracts.rounds import Round
from shared.coordination.decision import Decision, Verdict
from shared.coordination.gate_row import GateRow
from shared.coordination.waits import WaitKind
from shared.decisions.change_effects import judged_effects
from shared.decisions.change_steps import AGAIN, finish, let_hold_at_once, propose, rounds_of
from shared.decisions.judging import explained, permitted, permitted_role
from shared.decisions.people import Role
from shared.decisions.steered import outside, wake
from shared.ledger import events, machines, migrations, plans
from shared.ledger.event_data import EventData
from shared.ledger.expanded_plans import expanded_in, keep_expanded
from shared.ledger.migration_row import MigrationRow
from shared.ledger.plan_change import ChangeStage, RunningChange
from shared.models import Announcement, Model
from shared.plan.carrying_over import MachineEffect, Touch, carried_over
from shared.plan.cutover import Window
from shared.plan.differences import Difference, differences, forbidden
from shared.plan.model import Plan, Wave
from shared.plan.underlaying import attributed
from shared.problems import Fault, InvalidPlan, NotAllowedNow, NotFound, PlanMoved
from shared.scheduling.windows import next_opening
from shared.states import MigrationStatus

LEFT_ALONE: Final = timedelta(minutes=1)  # whoever makes a change has so long to bring it to its end
TOLD_AGAIN: Final = timedelta(minutes=15)  # after a change `reconcile` makes good what was lost with a host
WOKEN: Final = (WaitKind.GATE, WaitKind.WINDOW)


class ChangedPlan(Model):
    """What a change comes to: the version that then holds, and what differs from the one before."""

    migration: str
    version: int = 1
    changes: tuple[Difference, ...] = ()
    effects: tuple[MachineEffect, ...] = Field(default=(), description="what becomes of the machines that it touches")
    applied: bool = False


class Carried(NamedTuple):
    """A change that was taken over, and what has to follow it: doing that twice does no harm."""

    change: ChangedPlan
    begin: tuple[Round, ...] = ()
    announcements: tuple[Announcement, ...] = ()


def judge_change(migration: str, plan: Plan, decision: Decision) -> ChangedPlan:
    """Give what would change. Raise `NotAllowedNow`, `NotPermitted`, or `InvalidPlan` with all that cannot be changed."""
    row = migrations.existing(migration)
    if row.status == MigrationStatus.ENDED:
        raise NotAllowedNow(f"{migration} has ended", advice="Start the plan anew; it may have another name.")
    permitted_role(decision, Role.APPROVER)
    before = Plan.model_validate_json(plans.load_as(migration, row.plan_key))
    found = differences(before, plan)
    faults = [*forbidden(found), *_stricter(row, before, plan), *_never_open(row, found, plan, decision.at)]
    if faults:
        message = f"{len(faults)} differences cannot be taken over; nothing was changed"
        raise InvalidPlan(attributed(plan, faults), message)
    _check_approvers(row, plan, found, decision)
    effects = judged_effects(row, before, plan)
    return ChangedPlan(migration=migration, version=row.plan_version, changes=found, effects=effects)


def change_plan(migration: str, plan: Plan, expected: int, decision: Decision) -> Carried:
    """Take a changed plan over; gives what has changed, what begins with it, and who is to be woken.

    The same plan again changes nothing, and makes good what was lost. Raise `PlanMoved` where the plan is not in version
    `expected` any more, `NotAllowedNow` where a machine went on meanwhile, and what `judge_change` raises.
    """
    finish(migration, decision.at)
    judged = judge_change(migration, plan, decision)
    if not judged.changes:
        return _followed(judged, migrations.existing(migration), decision.at)
    if judged.version != expected:
        raise PlanMoved(
            f"the plan of {migration} is in version {judged.version}, not {expected}: somebody changed it meanwhile",
            advice=AGAIN,
        )
    explained(plan, "change", decision)
    if any(each.touch == Touch.DROPPED for each in judged.effects):
        explained(plan, "drop", decision)
    body = plan.model_dump_json(by_alias=True, exclude_defaults=True).encode()
    row = _take_over(migration, judged, _keep(migration, plan, body), decision)
    return _followed(judged.replace(version=row.plan_version, applied=True), row, decision.at)


def _followed(change: ChangedPlan, row: MigrationRow, now: datetime) -> Carried:
    return Carried(change, rounds_of(row, now), settle(row))


def _keep(migration: str, plan: Plan, body: bytes) -> str:
    """Keep the plan, and the one of single machines that follows from it; gives the key of both."""
    key = plans.digest(body)[:16]
    held = migrations.existing(migration).plan_key
    try:
        single = expanded_in(migration, held)
    except NotFound:
        raise NotAllowedNow(
            f"{migration} is not assessed yet: its machines are not known", advice="Try again in a few minutes."
        ) from None
    plans.save_as(migration, key, body)
    before = Plan.model_validate_json(plans.load_as(migration, held))
    keep_expanded(migration, key, carried_over(single, before, plan))
    return key


def _take_over(migration: str, judged: ChangedPlan, key: str, decision: Decision) -> MigrationRow:
    """Let the plan hold: at once where it touches no machine, else step by step."""
    named = decision.replace(verb="change").named(migration)
    change = RunningChange(key=key, version=judged.version + 1, decision=named, stage=ChangeStage.PROPOSED)
    row = migrations.existing(migration)
    if not judged.effects:
        return let_hold_at_once(row, change)
    propose(row, change, decision.at)
    if why := finish(migration, decision.at):
        raise NotAllowedNow(f"{why}; nothing was changed", advice=AGAIN)
    return migrations.existing(migration)


def settle(row: MigrationRow) -> tuple[Announcement, ...]:
    """Tell the latest change of a plan, and give whom it concerns; done again it is the same."""
    decision = row.plan_decision
    if decision is None:
        return ()
    keys = ("", *row.plan_keys)
    earlier, later = (Plan.model_validate_json(plans.load_as(row.id, key)) for key in keys[-2:])
    place = outside(row.id, decision)
    who = EventData(person=decision.person, surface=decision.surface)
    comment = f" ({decision.comment})" if decision.comment else ""
    for number, each in enumerate(differences(earlier, later), 1):
        text = f"{decision.who} changed the plan: {each.text}{comment}"
        data = who.replace(changed=each.path, before=each.before, after=each.after)
        events.write(place, f"plan-changed-{row.plan_version}-{number}", text, by=decision.by, data=data)
    return tuple(dict.fromkeys(wake(row.id, WOKEN) + _making_way(row)))


def _making_way(row: MigrationRow) -> tuple[Announcement, ...]:
    """Give whom the rounds of the latest change take machines from: of those that are dropped, or held by a pause."""
    change = row.plan_change
    if change is None or change.version != row.plan_version:
        return ()
    rows = list(machines.list(row.id)) if change.drop_round or change.round else []
    dropped = [each.name for each in rows if each.round == change.drop_round]
    paused = [each.name for each in rows if each.round == change.round and each.yields]
    return wake(row.id, machines=dropped) + wake(row.id, (WaitKind.RESUME,), paused)


def settle_again(row: MigrationRow, now: datetime) -> tuple[Announcement, ...]:
    """Bring to its end what a host left of a change, and make good what was lost of one made a short time ago."""
    decision, change = row.plan_decision, row.plan_change
    if change is not None and change.under_way and now - change.decision.at > LEFT_ALONE:
        finish(row.id, now)
        return settle(migrations.existing(row.id))
    return settle(row) if decision is not None and now - decision.at < TOLD_AGAIN else ()


def _stricter(row: MigrationRow, before: Plan, after: Plan) -> Iterator[Fault]:
    """More failures may be tolerated while machines are under way, not fewer: fewer would stop the road at once."""
    if after.limits.tolerated(row.machines) < before.limits.tolerated(row.machines):
        message = "may only be raised while the migration runs"
        yield Fault(pointer="/limits/failureTolerance", message=message)


def _never_open(row: MigrationRow, found: Sequence[Difference], plan: Plan, now: datetime) -> Iterator[Fault]:
    """Windows that were changed still open: nobody waits for one that has passed."""
    accepted, changed = row.started_at or now, {each.names for each in found}
    for path, windows in _window_lists(plan):
        touched = any(path[: len(each)] == each for each in changed)
        if touched and windows and next_opening(windows, accepted, now) is None:
            yield Fault(pointer="", message=f"{'/'.join(path)}: none of these windows opens any more")


def _window_lists(plan: Plan) -> Iterator[tuple[tuple[str, ...], tuple[Window, ...]]]:
    """Give every list of windows with the names on the way to it."""
    for application in plan.applications:
        yield ("applications", application.name, "windows"), application.windows
    for wave in plan.waves:
        yield ("waves", wave.name, "cutover", "windows"), wave.cutover.windows
        for machine in wave.machines:
            yield ("waves", wave.name, "machines", machine.name, "windows"), machine.windows


def _check_approvers(row: MigrationRow, plan: Plan, found: Sequence[Difference], decision: Decision) -> None:
    """Whoever changes when a wave cuts over could approve that; raises `NotPermitted` or `NotAllowedNow`."""
    for wave in plan.waves:
        if not any(_concerns(each, wave) for each in found):
            continue
        gate = GateRow(migration=row.id, name="cutover", wave=wave.name)
        if permitted(row, plan, gate, decision.replace(verdict=Verdict.APPROVE, verb="change")):
            raise NotAllowedNow(
                f"wave {wave.name} needs four eyes, and nobody knows who started {row.id}",
                advice="Approve or reject the wave with two people; its windows stay as they are.",
            )


def _concerns(found: Difference, wave: Wave) -> bool:
    """Whether a difference moves the cutover of machines of a wave; what becomes of machines is approved anew."""
    if found.names[:2] == ("waves", wave.name):
        return found.needs_approver
    return found.names[0] == "applications" and any(each.application for each in wave.machines)
