"""What a changed plan comes to for its machines, judged before anything is written."""

from collections.abc import Callable, Iterator
from functools import cache

from shared.coordination.operator_intents import Intent, intent
from shared.decisions.touched_machines import Touched, is_cutting_over, touches_of
from shared.ledger import machines
from shared.ledger.expanded_plans import expanded_in
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_row import MigrationRow
from shared.plan.carrying_over import MachineEffect, carried_over
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave
from shared.plan.pointers import pointer
from shared.plan.road_sections import sections
from shared.plan.target_scripts import only_relaxed
from shared.problems import Fault, InvalidPlan, NotAllowedNow, NotFound
from shared.states import GIVEN_UP

Listed = Callable[[], dict[str, MachineRow]]


def judged_effects(row: MigrationRow, before: Plan, after: Plan) -> tuple[MachineEffect, ...]:
    """Give what becomes of the machines that a change touches.

    Raise `InvalidPlan` with all for which it comes too late, and `NotAllowedNow` where all are being taken back.
    """
    try:
        single = expanded_in(row.id, row.plan_key)
    except NotFound:  # nothing is known of machines; windows can be judged all the same
        return ()
    changed = carried_over(single, before, after)
    touches = touches_of(single, changed)
    listed = cache(lambda: {each.name: each for each in machines.list(row.id)})  # once, and only where somebody asks
    rows = listed() if touches else {}
    touched = Touched(row, touches, rows)
    faults = [*_late(touched, after), *_stricter_scripts(listed, single, changed), *_sooner_back(listed, before, after)]
    faults += [*_clashes(single, before, after, rows), *_other_roads(single, changed)]
    if faults:
        raise InvalidPlan(faults, f"{len(faults)} differences cannot be taken over; nothing was changed")
    if touches and intent(row.id).intent in (Intent.CANCEL, Intent.ROLLBACK):
        raise NotAllowedNow(f"{row.id} is being taken back as a whole", advice="Wait for its end; then start it anew.")
    return touched.effects


def _late(touched: Touched, plan: Plan) -> Iterator[Fault]:
    places = _places(plan)
    for name, why in touched.late():
        yield Fault(pointer=places.get(name, ""), message=f"{name} {why}")


def _stricter_scripts(listed: Listed, single: Plan, changed: Plan) -> Iterator[Fault]:
    """Give machines on their way to serving in Azure whose scripts would become others: those may only be relaxed."""
    later = {machine.name: wave.target_scripts_of(machine) for wave, machine in changed.entries()}
    earlier = {machine.name: wave.target_scripts_of(machine) for wave, machine in single.entries()}
    others = {name for name, scripts in earlier.items() if name in later and not only_relaxed(scripts, later[name])}
    places = _places(changed)
    for row in listed().values() if others else ():
        if row.name in others and is_cutting_over(row):
            why = "its scripts in Azure may only be relaxed (mustSucceed: false, a longer timeout)"
            yield Fault(pointer=places.get(row.name, ""), message=f"{row.name} has begun its cutover: {why}")


def _sooner_back(listed: Listed, before: Plan, after: Plan) -> Iterator[Fault]:
    """Give waves with machines on their way to serving in Azure that would go back by themselves, or sooner than now."""
    sooner = {wave.name: i for i, wave in enumerate(after.waves) if not _is_relaxed(before, wave)}
    under_way = {row.wave: row.name for row in (listed().values() if sooner else ()) if is_cutting_over(row)}
    for name, i in sooner.items():
        if name in under_way:
            why = "only `wait` or a longer verifyDeadline can be taken over now"
            where = pointer(("waves", i, "cutover", "onVerifyFailed"))
            yield Fault(pointer=where, message=f"{under_way[name]} has begun its cutover: {why}")


def _is_relaxed(before: Plan, wave: Wave) -> bool:
    earlier = next((each for each in before.waves if each.name == wave.name), wave)
    return earlier.cutover.is_relaxed_to(wave.cutover)


def _clashes(single: Plan, before: Plan, after: Plan, rows: dict[str, MachineRow]) -> Iterator[Fault]:
    """Give machines that are added although the migration has them already, by name or by source."""
    earlier, places = {each.name for _, each in before.entries()}, _places(after)
    waves = {each.name: wave.name for wave, each in single.entries()}
    for wave, machine in after.entries():
        if machine.is_migrated and machine.name and waves.get(machine.name, wave.name) != wave.name:
            message = f"{machine.name} cannot go to another wave while the migration runs"
            yield Fault(pointer=places[machine.name], message=message)
        elif machine.name and machine.name not in earlier and (why := _has_it(single, machine, rows)):
            yield Fault(pointer=places[machine.name], message=why)


def _has_it(single: Plan, machine: Machine, rows: dict[str, MachineRow]) -> str:
    """Say which machine of the migration an added one is already; empty where it is new."""
    if any(each.name == machine.name for _, each in single.entries()):
        return f"{machine.name} is in this migration already, found by its tags"
    source = machine.source
    ids = {each.lower() for each in (source.instance_id, source.vm_id, source.private_ip) if each}
    for row in rows.values():
        over = row.dropped is not None and row.state in GIVEN_UP
        if not over and ids & {row.source_id.lower(), row.private_ip}:
            return f"{machine.name} has the source of {row.name}, which is in this migration already"
    return ""


def _other_roads(single: Plan, changed: Plan) -> Iterator[Fault]:
    """Give a fault where waves would come to share a road, or to part: their rounds walk it as they began."""
    if [each.name for each in sections(single)] != [each.name for each in sections(changed)]:
        message = "waves with a target of their own would go another road than they began; change their machines"
        yield Fault(pointer="/target", message=message)


def _places(plan: Plan) -> dict[str, str]:
    """Give where each machine stands in a plan."""
    return {
        machine.name: pointer(("waves", at, "machines", line))
        for at, wave in enumerate(plan.waves)
        for line, machine in enumerate(wave.machines)
    }
