"""Copies disks and makes recovery points as virtual time goes by."""

from bisect import bisect_left
from datetime import datetime, timedelta
from operator import attrgetter

from ..machines import SourceMachine
from ..operations import stamp
from ..world import World
from . import jobs, standstill
from .ids import guid
from .lookup import vaults_of
from .state import Item, Place, Point

_TICK = 60.0
# Names in durations.py: what a machine copies a second by itself, and what all that share a way to Azure do together.
_APPLIANCE = ("machine", "appliance")
_RATES = {"A2A": ("azure-vm", "cache-account")}


def begin_copy(place: Place) -> None:
    """Start the initial replication."""
    item = place.item
    item.state, item.copied_at = "initial", place.vault.world.now
    item.begun_at = item.copied_at
    place.vault.copying[_server(place)] += 1
    _plan(place)


def total_bytes(item: Item) -> int:
    """Return what the initial replication copies."""
    return sum(disk.bytes_to_copy for disk in item.machine.disks) or 1


def copied_bytes(item: Item, now: datetime) -> float:
    """Return what has been copied by a moment."""
    if item.copied_at is None:
        return item.copied
    passed = (now - item.copied_at).total_seconds()
    return min(item.copied + passed * item.copy_rate, float(total_bytes(item)))


def told_bytes(place: Place) -> int | None:
    """Return the bytes copied that an item shows; None before the service has looked for the first time (recorded)."""
    item, durations = place.item, place.vault.world.durations
    if item.begun_at is None:
        return None
    passed = (place.vault.world.now - item.begun_at).total_seconds()
    look = f"{item.provider}.first-look"
    quiet = durations.of(look) if look in durations.seconds else 0.0
    return None if item.state == "initial" and passed < quiet else int(item.shown_bytes)


def _plan(place: Place) -> None:
    """Set the rate for the next stretch and look again at its end."""
    item, world = place.item, place.vault.world
    item.copy_rate = _rate(place)
    left = total_bytes(item) - item.copied
    stretch = max(_TICK, total_bytes(item) / world.durations.rates[_RATES.get(item.provider, _APPLIANCE)[0]] / 100)
    if item.copy_rate > 0:
        stretch = min(stretch, max(left / item.copy_rate, 0.001))
    world.timeline.after(stretch, lambda: _tick(place))


def _tick(place: Place) -> None:
    item, world = place.item, place.vault.world
    if item.state != "initial":
        place.vault.copying[_server(place)] -= 1
        return
    item.copied, item.copied_at = copied_bytes(item, world.now), world.now
    if item.copied < total_bytes(item) - 1:
        item.shown_bytes = item.copied
    else:
        item.copied_at = None
        place.vault.copying[_server(place)] -= 1
        _finish(place)
        return
    _plan(place)


def _rate(place: Place) -> float:
    world, item = place.vault.world, place.item
    names = (place.id, item.name, item.machine.name)
    if standstill.reason(place) is not None or world.faults.holds("stalled-replication", *names):
        return 0.0
    slow = world.faults.holds("slow-replication", *names)
    sharing = place.vault.copying[_server(place)]
    rates = world.durations.rates
    alone, shared = _RATES.get(item.provider, _APPLIANCE)
    return min(rates[alone], rates[shared] / max(sharing, 1)) / (slow.factor if slow else 1.0)


def _server(place: Place) -> str:
    """Return what the copies of several machines share: process server, cache storage account or Hyper-V host."""
    item = place.item
    return str(item.inputs.get("processServerId") or item.inputs.get("stagingAccountId") or item.machine.hyperv)


# The jobs that finalize protection, one after the other, by provider.
_FINAL = {"A2A": ("PrimaryIrCompletion", "SecondaryIrCompletion"), "VMwareCbt": ("MigrationIrCompletion",)}


def _finish(place: Place) -> None:
    """Wait for the first recovery point, where the provider makes one wait (recorded), and finalize protection."""
    item, world = place.item, place.vault.world
    item.state, wait = "finalizing", f"{item.provider}.first-point"
    if wait in world.durations.seconds:
        world.timeline.after(world.durations.of(wait), lambda: _finalize(place))
    else:
        _finalize(place)


def _finalize(place: Place, step: int = 0) -> None:
    """Run the separate jobs that finalize protection (recorded: same client part of the activity id)."""
    item, vault = place.item, place.vault
    scenarios = _FINAL.get(item.provider, ("SecondaryIrCompletion",))
    if item.state != "finalizing":
        return

    def ended(state: str) -> None:
        if item.state != "finalizing":
            return
        if state != "Succeeded":
            # unknown: what a failed finalization leaves behind; assumed that it stays pending and is tried again
            vault.world.timeline.after(600, lambda: _finalize(place, step))
        elif step + 1 < len(scenarios):
            _finalize(place, step + 1)
        else:
            begin_points(place)

    client = item.activity.partition(" ")[0]
    activity = f"{client} ActivityId: {vault.world.new_guid()}"
    order = jobs.Order(
        scenarios[step],
        activity,
        item.internal_id,
        item.machine.name,
        "ProtectionEntity",
        ended,
        known_as=(place.id, item.name),
    )
    jobs.start(vault, order)


def begin_points(place: Place) -> None:
    """Make the item Protected, with its first recovery point."""
    item, now = place.item, place.vault.world.now
    item.state, item.protected_at, item.points_until = "protected", now, now
    item.points = [_point(item, now, "CrashConsistent")]


def catch_up(place: Place) -> list[Point]:
    """Make the recovery points that are due, drop those out of retention, and return the rest, oldest first."""
    item, world = place.item, place.vault.world
    if item.points_until is None or item.protected_at is None:
        return item.points
    settings = place.vault.policy(item.policy).settings if item.policy else {}
    keep = timedelta(minutes=max(int(settings.get("recoveryPointHistoryInMinutes", 1440)), 0))
    if _makes_points(place):
        # points that would be dropped again at once are not made
        since = max(item.points_until, world.now - keep)
        due = [
            point
            for kind, minutes in _frequencies(settings)
            for point in _between(item, minutes, kind, since, world.now)
        ]
        # every request looks at every item, and most find nothing new
        if due:
            item.points = [*item.points, *sorted(due, key=_order)]
    item.points_until = world.now
    if item.points and item.points[0].at < world.now - keep:
        # the newest one is never dropped: there is always a point to fail over to
        item.points = (
            item.points[bisect_left(item.points, world.now - keep, key=attrgetter("at")) :] or item.points[-1:]
        )
    return item.points


def _order(point: Point) -> tuple[datetime, str]:
    return point.at, point.kind


def new_point(place: Place) -> Point:
    """Process all data that arrived and return the recovery point made of it (a failover to Latest)."""
    catch_up(place)
    item = place.item
    if not _makes_points(place) and item.points:
        return item.points[-1]
    return add_point(place)


def add_point(place: Place) -> Point:
    """Make a recovery point of this moment, whatever the source does."""
    item = place.item
    point = _point(item, place.vault.world.now, "CrashConsistent")
    if not item.points or item.points[-1].id != point.id:
        item.points.append(point)
    return point


def flows(place: Place) -> bool:
    """Tell whether what the source writes becomes recovery points: it runs, and no fault is in the way."""
    names = (place.id, place.item.name, place.item.machine.name)
    faults = place.vault.world.faults
    broken = faults.holds("no-recovery-points", *names) or faults.holds("stalled-replication", *names)
    return place.item.source_on and broken is None and standstill.reason(place) is None


def _makes_points(place: Place) -> bool:
    return place.item.state in ("protected", "failover-failed") and flows(place)


def _frequencies(settings: dict[str, object]) -> list[tuple[str, int]]:
    crash = int(str(settings.get("crashConsistentFrequencyInMinutes", 5)) or 0)
    app = int(str(settings.get("appConsistentFrequencyInMinutes", 0)) or 0)
    return [(kind, each) for kind, each in (("CrashConsistent", crash), ("ApplicationConsistent", app)) if each > 0]


def _between(item: Item, minutes: int, kind: str, since: datetime, now: datetime) -> list[Point]:
    """Return the points of a kind whose moment lies after `since`, on a grid that begins at protection."""
    if item.protected_at is None:
        return []
    step = timedelta(minutes=minutes)
    number = (since - item.protected_at) // step + 1
    found = []
    while (at := item.protected_at + number * step) <= now:
        found.append(_point(item, at, kind))
        number += 1
    return found


def _point(item: Item, at: datetime, kind: str) -> Point:
    return Point(guid(item.internal_id, stamp(at) or "", kind), at, kind)


def watch(world: World) -> None:
    """Let recovery points be made under the conditions that were in force: before faults and machines change."""

    def faults_change() -> None:
        for vault in vaults_of(world).values():
            for place in vault.replicas():
                catch_up(place)

    def machine_changes(machine: SourceMachine) -> None:
        for vault in vaults_of(world).values():
            for place in vault.replicas():
                if place.item.machine.key == machine.key:
                    catch_up(place)
                    place.item.machine, place.item.source_on = machine, machine.powered_on

    world.fault_watchers.append(faults_change)
    world.machine_watchers.append(machine_changes)
