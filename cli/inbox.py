"""The command `inbox`: what waits for people in all migrations, and what serves nowhere."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import typer
from pydantic import Field
from rich.table import Table

from cli.session import Session
from cli.wording import count, duration, hour, plain
from shared.models import Model
from shared.reporting.name_lists import some_of

MOST_NAMES = 4


class NameSeen(Model):
    """A machine by its name, with the test VM that one may look at."""

    name: str
    test_vm_address: str = ""


class DownSeen(Model):
    """A machine that serves nowhere."""

    migration: str
    name: str
    since: datetime | None = None
    way_back: str = ""


class UndeliveredSeen(Model):
    """A message that nobody could be told."""

    migration: str
    receiver: str
    heading: str = ""
    failure: str = ""
    command: str = ""


class ChecksSeen(Model):
    """Checks that rehearsals passed."""

    checks: tuple[str, ...] = ()
    machines: int = 0


class ItemSeen(Model):
    """Something that waits for a person."""

    kind: str
    migration: str
    name: str
    wave: str = ""
    machines: tuple[NameSeen, ...] = ()
    since: datetime | None = None
    expires: datetime | None = None
    then: str = ""
    approvers: tuple[str, ...] = ()
    release: str = ""
    expected_downtime_seconds: int | None = None
    checked: tuple[ChecksSeen, ...] = ()
    replica_gb: float | None = None


class InboxSeen(Model):
    """The inbox."""

    value: tuple[ItemSeen, ...] = ()
    nowhere: tuple[DownSeen, ...] = Field(default=())
    undelivered: tuple[UndeliveredSeen, ...] = Field(default=())


def inbox(ctx: typer.Context) -> None:
    """List what waits for people in all migrations, the most urgent first."""
    session = Session(ctx)
    answer = session.api.get("inbox")
    if session.as_data:
        session.write(answer)
        return
    seen = InboxSeen.model_validate(answer)
    for each in seen.nowhere:
        since = f" since {hour(each.since)}" if each.since else ""
        session.say(f"! {each.name} of {each.migration} serves nowhere{since}: {each.way_back}", style="bold red")
    if seen.value:
        session.show(table_of(seen.value))
        for item in seen.value:
            for line in _to_decide(item):
                session.say(line)
        for command in dict.fromkeys(each.release for each in seen.value if each.release):
            session.say(f"  {command}")
    else:
        session.say("Nothing waits for a person.")
    _tell_undelivered(session, seen.undelivered)


def _tell_undelivered(session: Session, undelivered: Iterable[UndeliveredSeen]) -> None:
    """Say what nobody could be told, each receiver of a migration once, with the command that sends it again."""
    groups: dict[tuple[str, str], list[UndeliveredSeen]] = {}
    for each in undelivered:
        groups.setdefault((each.migration, each.receiver), []).append(each)
    for (_, receiver), own in groups.items():
        number = f"{len(own)} message{'s' if len(own) > 1 else ''}"
        session.say(f"! {number} to {receiver} not delivered ({own[-1].failure}): {own[-1].heading}", style="yellow")
        session.say(f"  {own[-1].command}")


def _to_decide(item: ItemSeen) -> Iterator[str]:
    """Say what one has to know to decide: downtime, what rehearsals checked, where test VMs are, what a day costs."""
    where = f"{item.migration} {item.wave}".strip()
    if item.expected_downtime_seconds is not None:
        down = duration(item.expected_downtime_seconds)
        yield f"{where}: expected downtime of a machine {down} at most, as rehearsals took"
    for each in item.checked:
        yield f"{where}: rehearsals of {count(each.machines, 'machine')} passed: {plain(', '.join(each.checks))}"
    found = [f"{each.name} at {each.test_vm_address}" for each in item.machines if each.test_vm_address]
    if found:
        yield f"{where}: test VMs in the test network: {plain(some_of(found, MOST_NAMES))}"
    if item.replica_gb is not None:
        yield f"{where}: each day of waiting costs {len(item.machines) * 24:,} machine-hours and {item.replica_gb:,.0f} GB-days of replica disks"


def table_of(items: Iterable[ItemSeen]) -> Table:
    """Draw a line for each thing that waits."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for heading in ("Migration", "Wave", "Waits at", "Machines", "Since", "Until", "Who"):
        table.add_column(heading, overflow="fold")
    for each in items:
        names = some_of([machine.name for machine in each.machines], MOST_NAMES)
        until = f"{hour(each.expires)}, then {each.then}" if each.expires else ""
        cells = (each.migration, each.wave, each.name, names, hour(each.since), until, ", ".join(each.approvers))
        table.add_row(*(plain(cell) for cell in cells))
    return table
