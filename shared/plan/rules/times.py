"""Times: windows are real, in the future and apart; durations make sense."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.plan.cutover import Window
from shared.plan.error_messages import quoted
from shared.plan.model import Plan
from shared.plan.pointers import pointer
from shared.plan.road_sections import Section, sections
from shared.plan.values import from_duration
from shared.problems import Fault
from shared.scheduling import zones
from shared.scheduling.recurrence import EVERY_MONTH, PERIODS
from shared.scheduling.windows import closed_by, is_skipped, length_of, next_opening, overlap, spans

Path = tuple[str | int, ...]
YEARS = range(2020, 2100)
SOMETIME = datetime.fromisoformat("2026-01-01T00:00+00:00")  # stands for the acceptance when only the form is checked


def windows_make_sense(plan: Plan, now: datetime | None) -> Iterator[Fault]:
    """Each window by itself, then each against the others of its wave, application or machine."""
    for windows, at, expected in _window_lists(plan):
        sound: list[tuple[int, Window]] = []
        for j, window in enumerate(windows):
            faults = list(_window(window, (*at, j), now))
            yield from faults
            if not faults:
                sound.append((j, window))
        yield from _apart(sound, at, now)
        yield from _long_enough(expected, sound, at)


def _window_lists(plan: Plan) -> Iterator[tuple[tuple[Window, ...], Path, timedelta]]:
    """Give every list of windows with its place, and how long a cutover in it is expected to take."""
    longest = dict[str, timedelta]()
    for i, wave in enumerate(plan.waves):
        expected = wave.cutover.expected_duration
        yield wave.cutover.windows, ("waves", i, "cutover", "windows"), expected
        for j, machine in enumerate(wave.machines):
            longest[machine.application] = max(expected, longest.get(machine.application, timedelta()))
            if machine.windows:
                yield machine.windows, ("waves", i, "machines", j, "windows"), expected
    for i, application in enumerate(plan.applications):
        yield application.windows, ("applications", i, "windows"), longest.get(application.name, timedelta())


def applications_have_machines(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """Each application is named once, and machines belong to it: windows of a misspelt one would hold for nobody."""
    named = {machine.application for _, machine in plan.entries()}
    earlier = dict[str, int]()
    for i, application in enumerate(plan.applications):
        at = pointer(("applications", i, "name"))
        if application.name in earlier:
            message = f"is there already, at {pointer(('applications', earlier[application.name], 'name'))}"
            yield Fault(pointer=at, message=message)
        elif application.name not in named:
            yield Fault(pointer=at, message=f"no machine of the plan belongs to {quoted(application.name)}")
        earlier.setdefault(application.name, i)


def _window(window: Window, at: Path, now: datetime | None) -> Iterator[Fault]:
    """One window by itself; later checks need what earlier ones saw."""
    faults = list(_form(window, at)) or list(_lengths(window, at))
    yield from faults
    if faults or not now:
        return
    if next(spans(window, now, now), None) is None:
        yield Fault(pointer=pointer((*at, "start")), message="the window has passed already")
    elif next_opening([window], now, now) is None and (closed := closed_by([window], now, now)):
        message = f"no cutover can begin in it: it opens in {'; '.join(map(str, closed[:3]))}"
        yield Fault(pointer=pointer((*at, "start")), message=message)


def _form(window: Window, at: Path) -> Iterator[Fault]:
    """The zone and all dates exist; length or end is given."""
    zone = zone_of(window.time_zone)
    if zone is None:
        message = f"there is no time zone {quoted(window.time_zone)}; use an IANA name such as Europe/Amsterdam"
        yield Fault(pointer=pointer((*at, "timeZone")), message=message)
    dates: dict[Path, str] = {} if window.is_relative else {("start",): window.start}
    if window.end:
        dates["end",] = window.end
    for number, blackout in enumerate(window.blackouts):
        dates["blackouts", number, "start"] = blackout.start
        dates["blackouts", number, "end"] = blackout.end
    for path, text in dates.items():
        if message := _wrong_date(text, zone):
            yield Fault(pointer=pointer((*at, *path)), message=message)
    if (window.length is None) == (not window.end):
        yield Fault(pointer=pointer((*at, "length")), message="needs either a length or an end, and not both")


def zone_of(name: str) -> ZoneInfo | None:
    """Return the time zone of a name, if there is one."""
    try:
        return zones.zone(name)
    except ZoneInfoNotFoundError:
        return None


def _wrong_date(text: str, zone: ZoneInfo | None) -> str:
    """Say what is wrong with a local time; empty when nothing is."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return f"{quoted(text)} is no date of the calendar"
    if local.year not in YEARS:
        return f"the year must be between {YEARS[0]} and {YEARS[-1]}"
    if zone and is_skipped(local, zone):
        return f"{quoted(text)} does not exist in {zone.key}: the clocks are put forward over it"
    return ""


def _lengths(window: Window, at: Path) -> Iterator[Fault]:
    """It ends after it starts, and its parts fit into it."""
    if window.end and window.is_relative:
        yield Fault(pointer=pointer((*at, "end")), message="a relative start needs a length, not an end")
    elif (length := length_of(window, SOMETIME)) <= timedelta():
        yield Fault(
            pointer=pointer((*at, "end" if window.end else "length")), message="the window ends before it starts"
        )
    elif window.every and length > PERIODS[window.every]:
        yield Fault(pointer=pointer((*at, "every")), message="the window is longer than the time until it opens again")
    elif window.lockout >= length:
        yield Fault(pointer=pointer((*at, "lockout")), message="leaves nothing of the window")
    yield from _recurs(window, at)
    for number, blackout in enumerate(window.blackouts):
        if blackout.end <= blackout.start:
            yield Fault(
                pointer=pointer((*at, "blackouts", number, "end")), message="the blackout ends before it starts"
            )


def _recurs(window: Window, at: Path) -> Iterator[Fault]:
    """A monthly window says a day that every month has."""
    if window.day and window.every != "monthly":
        yield Fault(pointer=pointer((*at, "day")), message="only a monthly window has a day of the month")
    elif window.every == "monthly" and not window.day:
        if window.is_relative:
            message = "a monthly window with a relative start needs its day, such as second saturday"
            yield Fault(pointer=pointer((*at, "day")), message=message)
        elif datetime.fromisoformat(window.start).day > EVERY_MONTH:
            message = "not every month has the day of the start; say which day is meant, such as last day"
            yield Fault(pointer=pointer((*at, "day")), message=message)


def _apart(sound: list[tuple[int, Window]], at: Path, now: datetime | None) -> Iterator[Fault]:
    """Windows of one wave do not overlap; one with a relative start can only be compared once `now` is known."""
    for (a, window), (b, other) in combinations(sound, 2):
        comparable = now or window.is_relative == other.is_relative
        clash = overlap(window, other, now or SOMETIME) if comparable else None
        if clash:
            message = f"overlaps with window {a} from {clash.start:%Y-%m-%d %H:%M} to {clash.end:%Y-%m-%d %H:%M} UTC"
            yield Fault(pointer=pointer((*at, b)), message=message)


def _long_enough(expected: timedelta, sound: list[tuple[int, Window]], at: Path) -> Iterator[Fault]:
    """A cutover fits into at least the window itself."""
    for number, window in sound:
        if length_of(window, SOMETIME) < expected:
            message = f"the window is shorter than the expected duration of a cutover ({from_duration(expected)})"
            yield Fault(pointer=pointer((*at, number, "end" if window.end else "length")), message=message)


def durations_make_sense(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """The policy counts in whole minutes; waits are not empty."""
    for section in sections(plan):
        yield from _durations_of(section)


def _durations_of(section: Section) -> Iterator[Fault]:
    plan = section.plan
    minutes = {
        "recoveryPointRetention": plan.policy.recovery_point_retention,
        "crashConsistentEvery": plan.policy.crash_consistent_every,
        "appConsistentEvery": plan.policy.app_consistent_every,
    }
    for name, duration in minutes.items():
        if duration % timedelta(minutes=1):
            yield Fault(pointer=section.pointer("policy", name), message="must be whole minutes")
    waits = {
        ("replication", "appliance", "registrationTimeout"): plan.replication.appliance.registration_timeout,
        ("replication", "agent", "timeout"): plan.replication.agent.timeout,
    }
    for path, duration in waits.items():
        if not duration:
            yield Fault(pointer=section.pointer(*path), message="must be longer than nothing")
