"""Changing the plan of a running migration: judged first, then taken over in one write; all else follows from that.

Plans are blobs that are never written twice. A change keeps another one beside the first, and the migration's row says
which of them holds: whoever dies before that write changed nothing, and whoever dies after it leaves what `settle` does
again. Who waits for a window or at a gate is woken and reads the plan anew; a machine that has begun keeps its opening.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.coordination.decision import Decision, Verdict
from shared.coordination.gate_row import GateRow
from shared.coordination.waits import WaitKind
from shared.decisions.judging import explained, permitted, permitted_role
from shared.decisions.people import Role
from shared.decisions.steered import outside, wake
from shared.ledger import events, migrations, plans
from shared.ledger.event_data import EventData
from shared.ledger.expanded_plans import expanded_in, keep_expanded
from shared.ledger.migration_row import MigrationRow
from shared.ledger.versioned_row import validated
from shared.models import Announcement, Model, Scope
from shared.plan.cutover import Window
from shared.plan.differences import Difference, differences, forbidden
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave
from shared.problems import Fault, InvalidPlan, NotAllowedNow, NotFound, PlanMoved
from shared.scheduling.windows import next_opening
from shared.states import MigrationStatus

TOLD_AGAIN: Final = timedelta(minutes=15)  # after a change `reconcile` makes good what was lost with a host
WOKEN: Final = (WaitKind.GATE, WaitKind.WINDOW)


class ChangedPlan(Model):
    """What a change comes to: the version that then holds, and what differs from the one before."""

    migration: str
    version: int = 1
    changes: tuple[Difference, ...] = ()
    applied: bool = False


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
        raise InvalidPlan(faults, f"{len(faults)} differences cannot be taken over; nothing was changed")
    _check_approvers(row, plan, found, decision)
    return ChangedPlan(migration=migration, version=row.plan_version, changes=found)


def change_plan(
    migration: str, plan: Plan, expected: int, decision: Decision
) -> tuple[ChangedPlan, tuple[Announcement, ...]]:
    """Take a changed plan over; gives what has changed, and who is to be woken.

    The same plan again changes nothing, and makes good what was lost. Raise `PlanMoved` where the plan is not in version
    `expected` any more, and what `judge_change` raises.
    """
    judged = judge_change(migration, plan, decision)
    if not judged.changes:
        return judged, settle(migrations.existing(migration))
    if judged.version != expected:
        raise PlanMoved(
            f"the plan of {migration} is in version {judged.version}, not {expected}: somebody changed it meanwhile",
            advice="Read the plan again, and send the change with its new ETag.",
        )
    explained(plan, "change", decision)
    body = plan.model_dump_json(by_alias=True, exclude_defaults=True).encode()
    row = _take_over(migration, judged, _keep(migration, plan, body), decision)
    return judged.replace(version=row.plan_version, applied=True), settle(row)


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
    keep_expanded(migration, key, _carried_over(single, plan))
    return key


def _carried_over(single: Plan, plan: Plan) -> Plan:
    """Give the plan of single machines with what has changed."""
    own = {machine.name: machine for _, machine in plan.entries() if machine.name}
    waves = tuple(_with_windows(wave, plan.wave(wave.name), own) for wave in single.waves)
    return single.model_copy(update={"waves": waves, "limits": plan.limits, "applications": plan.applications})


def _with_windows(wave: Wave, changed: Wave, own: dict[str, Machine]) -> Wave:
    machines = tuple(
        each.model_copy(update={"windows": own[each.name].windows}) if each.name in own else each
        for each in wave.machines
    )
    return wave.model_copy(update={"machines": machines, "cutover": changed.cutover})


def _take_over(migration: str, judged: ChangedPlan, key: str, decision: Decision) -> MigrationRow:
    """Say in the migration's row which plan holds; of two changes of one version only one comes through."""

    def changed(row: MigrationRow) -> MigrationRow | None:
        if row.plan_version != judged.version:
            return None
        holds = {"plan_keys": (*row.plan_keys, key), "plan_decision": decision.replace(verb="change").named(migration)}
        return validated(row, {"plan_version": row.plan_version + 1, **holds})

    row = migrations.change_row(Scope(migration=migration, round=0, now=decision.at), changed)
    if row.plan_key != key or row.plan_version != judged.version + 1:
        raise PlanMoved(
            f"somebody else changed the plan of {migration} at the same moment",
            advice="Read the plan again, and send the change with its new ETag.",
        )
    return row


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
    return wake(row.id, WOKEN)


def settle_again(row: MigrationRow, now: datetime) -> tuple[Announcement, ...]:
    """Make good what was lost of a change that was made a short time ago."""
    decision = row.plan_decision
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
    """Whether a difference moves the cutover of machines of a wave."""
    return found.names[:2] == ("waves", wave.name) or (
        found.names[0] == "applications" and any(each.application for each in wave.machines)
    )
