"""Taking plans in: one migration per run of a plan, however often and from wherever the plan arrives."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from shared.contracts.rounds import Round
from shared.decisions.people import Person
from shared.ids import migration_id, next_run, root_of, run_of
from shared.ledger import events, migrations, plans, source_claims
from shared.ledger.event_data import EventData
from shared.ledger.migration_row import MigrationRow
from shared.models import Model, Scope
from shared.notifications.receivers import check_receivers
from shared.plan.model import Plan
from shared.plan.road_sections import seen_from
from shared.plan.strategies import left_out_of
from shared.plan.underlaying import attributing
from shared.problems import AlreadyRunning, Conflict, Fault, InvalidPlan, MachineBusy, UnreadableRequest
from shared.reporting.name_lists import some_of
from shared.settings import settings
from shared.states import MigrationStatus

TRIES = 20
LONGEST_KEY = 256
MOST_NAMES = 20  # in one event; the view of the migration has all
NOBODY = "cannot hold here: nobody signs in to this app, so people cannot be told apart (docs/deploy.md)"


class RegisteredPlan(Model):
    """A plan that was taken in: its migration, and whether this call made it."""

    migration: str
    fresh: bool
    first: Round


def take_in(plan: Plan, by: Person, now: datetime, idempotency_key: str = "") -> RegisteredPlan:
    """Write the plan and its migration down; the caller begins `first`.

    The same plan while it runs is the same migration. Raises `AlreadyRunning` when another plan of that name runs, or
    when the idempotency key was used for another plan; `InvalidPlan` where its four eyes could never hold.
    """
    body = plan.model_dump_json(by_alias=True, exclude_defaults=True).encode()
    digest = plans.digest(body)
    for _ in range(TRIES):
        same_name = list(migrations.all_of(plan.name))
        running = _running(same_name, digest, idempotency_key, plan.name)
        if running is not None:
            plans.save(running.id, body)  # whoever made the row may have died before the plan was kept
            return _taken(running.id, fresh=False, now=now)
        with attributing(plan):
            check_deciders(plan, by)
            check_receivers(plan)
        _refuse_busy(plan)
        run = run_of(idempotency_key) if idempotency_key else next_run(row.id for row in same_name)
        try:
            return _create(plan, migration_id(plan.name, run), body, by, now)
        except Conflict:
            continue  # somebody else took this run meanwhile: look again
    raise AlreadyRunning(f"too many callers start {plan.name} at once")


def check_deciders(plan: Plan, starter: Person | None = None) -> None:
    """See that the plan's four eyes can hold here, started by this person. Raises `InvalidPlan`."""
    people = settings().sign_in or settings().local
    waves = [(at, wave) for at, wave in enumerate(plan.waves) if wave.gates.four_eyes]
    faults = [
        Fault(pointer=f"/waves/{at}/gates/fourEyes", message=why)
        for at, wave in waves
        if (why := _why_not(plan.approvers_of(wave), starter) if people else NOBODY)
    ]
    if faults:
        raise InvalidPlan(faults)


def _why_not(approvers: Sequence[str], starter: Person | None) -> str:
    """Say why nobody could be the second person; empty where somebody can."""
    if not approvers or any("." in each for each in approvers) or starter is None:
        return ""
    left = {each.lower() for each in approvers} - {starter.id.lower()}
    needed = 1 if starter.id else 2
    return "" if len(left) >= needed else "cannot hold: the approvers that are named are too few without who starts it"


def check_key(idempotency_key: str) -> str:
    """Give an idempotency key as it is. Raises `UnreadableRequest` for one that nobody would send on purpose."""
    if len(idempotency_key) > LONGEST_KEY or not idempotency_key.isprintable():
        raise UnreadableRequest(f"an Idempotency-Key has at most {LONGEST_KEY} printable characters")
    return idempotency_key


def _refuse_busy(plan: Plan) -> None:
    """Refuse machines that another running migration has, by id or by name in Azure; assessment sees those behind tags.

    Raises `MachineBusy`.
    """
    places = dict(_claims(plan))
    busy = source_claims.busy_elsewhere(places, "")
    if busy:
        raise MachineBusy(
            f"{len(busy)} of the plan's machines belong to another running migration; nothing was created",
            advice="Wait for that migration, cancel it, take the machines out of this plan, or give them other names in Azure.",
            errors=tuple(
                Fault(pointer=places[claimed], message=f"{claimed.rpartition('/')[2]} belongs to migration {owner}")
                for claimed, owner in busy.items()
            ),
        )


def _claims(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield what the plan names of sources and of names in Azure, each with its place in the plan."""
    for at, wave in enumerate(plan.waves):
        target = seen_from(plan, wave).target
        for line, machine in enumerate(wave.machines):
            if not machine.is_migrated:
                continue
            here = f"/waves/{at}/machines/{line}"
            if machine.source.instance_id:
                yield machine.source.instance_id, f"{here}/source/instanceId"
            if name := machine.target.name or machine.name:
                group = machine.target.resource_group or target.resource_group
                where = "target/name" if machine.target.name else "name"
                yield source_claims.name_in_azure(target.subscription_id, group, name), f"{here}/{where}"


def _running(rows: list[MigrationRow], digest: str, key: str, name: str) -> MigrationRow | None:
    """Give the migration that this call means, if it is there already."""
    if key:
        keyed = next((row for row in rows if row.id == migration_id(name, run_of(key))), None)
        if keyed is not None:
            return _same(keyed, digest)
    live = next((row for row in rows if row.status != MigrationStatus.ENDED), None)
    return _same(live, digest) if live is not None else None


def _same(row: MigrationRow, digest: str) -> MigrationRow:
    """Give it back when it is of the same plan."""
    if row.plan_hash != digest:
        raise AlreadyRunning(
            f"migration {row.id} runs with another plan",
            advice="Wait for it, cancel it, or give the new plan another name.",
            extra={"migration": row.id},
        )
    return row


def _create(plan: Plan, migration: str, body: bytes, by: Person, now: datetime) -> RegisteredPlan:
    """Write the row first: it decides who made the migration; then the plan, which anybody may write again."""
    root = root_of(migration, 1)
    profile = plan.profile
    row = MigrationRow(
        id=migration,
        plan=plan.name,
        scenario=plan.scenario,
        mode=plan.replication.mode,
        started_at=now,
        started_by=by.name,
        starter=by.id,
        plan_hash=plans.digest(body),
        profile=profile.name if profile else "",
        profile_version=profile.version if profile else 0,
        instances=(root,),
        machines=sum(1 for _ in plan.working().entries()),
        stamp=now,
    )
    migrations.create(row)
    plans.save(migration, body)
    who = EventData(person=by.id, surface=by.surface)
    upon = f", with profile {profile.name} in version {profile.version}" if profile else ""
    text = f"{by.name or 'somebody'} started plan {plan.name}{upon}"
    events.write(Scope(migration=migration, now=now), "plan-accepted", text, by=by.name, data=who)
    if left_out := left_out_of(plan):
        named = some_of([f"{name} ({strategy})" for name, strategy in left_out.items()], MOST_NAMES)
        text = f"left out of the work by their strategy: {named}"
        events.write(Scope(migration=migration, now=now), "machines-left-out", text)
    return _taken(migration, fresh=True, now=now)


def _taken(migration: str, *, fresh: bool, now: datetime) -> RegisteredPlan:
    return RegisteredPlan(migration=migration, fresh=fresh, first=Round(migration=migration, round=1, now=now))
