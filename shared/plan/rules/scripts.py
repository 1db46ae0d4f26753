"""Scripts: what the plan has run inside machines can be brought there."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from shared.guest_scripts.wrapper import RUN_COMMAND, GuestScript, size, wrap
from shared.plan.error_messages import quoted
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave
from shared.plan.pointers import pointer
from shared.plan.rules.names import Firsts
from shared.problems import Fault

LARGEST = RUN_COMMAND.largest  # the same on every road
MOST_BYTES = 6  # that a character takes on its way
LEAST_TIME, MOST_TIME = timedelta(seconds=10), timedelta(days=1)


def scripts_can_be_sent(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """A script is no larger than agents take."""
    for i, wave in enumerate(plan.waves):
        yield from _scripts(wave, ("waves", i))
        for j, machine in enumerate(wave.machines):
            yield from _scripts(machine, ("waves", i, "machines", j))


def _scripts(part: Wave | Machine, at: tuple[str | int, ...]) -> Iterator[Fault]:
    own = {"stopServices": part.scripts.stop_services, "startServices": part.scripts.start_services}
    for field, text in own.items():
        yield from _one({field: text}, (*at, "scripts", field), "this script")
    checks = {f"check-{number}": probe.command for number, probe in enumerate(part.verify) if probe.command}
    yield from _one(checks, (*at, "verify"), "the commands of these checks, which run as one script,")
    yield from _on_target(part, (*at, "targetScripts"))


def _on_target(part: Wave | Machine, at: tuple[str | int, ...]) -> Iterator[Fault]:
    """Give what is wrong with scripts on the VM in Azure: each has a name of its own, fits, and ends some time."""
    first = Firsts()
    for i, each in enumerate(part.target_scripts):
        yield from first.fault(f"script {quoted(each.name)}", each.name, (*at, i, "name"))
        yield from _one({each.name: each.script}, (*at, i, "script"), "this script")
        if not LEAST_TIME <= each.timeout <= MOST_TIME:
            yield Fault(pointer=pointer((*at, i, "timeout")), message="must lie between ten seconds and a day")


def _one(texts: Mapping[str, str], at: tuple[str | int, ...], what: str) -> Iterator[Fault]:
    if sum(len(text) + 50 for text in texts.values()) * MOST_BYTES < LARGEST // 2:
        return
    needed = max(_bytes(texts, windows=windows) for windows in _systems(texts))
    if needed > LARGEST:
        message = f"{what} would take {needed:,} bytes on its way, and agents take {LARGEST:,}: shorten it, or put it into a file on the machine and call that"
        yield Fault(pointer=pointer(at), message=message)


def _systems(texts: Mapping[str, str]) -> tuple[bool, ...]:
    """Tell for which systems it may be: a first line that names a program is for Linux, anything else for either."""
    return (False,) if all(text.startswith("#!") for text in texts.values()) else (False, True)


def _bytes(texts: Mapping[str, str], *, windows: bool) -> int:
    return size(wrap(GuestScript(name="script", text="", files=texts), RUN_COMMAND, "0" * 16, windows=windows))
