"""Sections of text about a migration: its head, what waits for whom, what went wrong. Pure."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from cli.answers import GateSeen, MachineSeen, MigrationSeen
from cli.tables import STYLES, counted
from cli.wording import count, hour, moment, plain
from shared.problems import ProblemData
from shared.reporting import release_commands
from shared.reporting.name_lists import some_of

MOST_NAMES = 6
STAYS = ("left", "inUse")
LEFT_WORDS = {"replicaDisk": "disks that held copies", "mobilityService": "the Mobility service inside"}


def head(migration: MigrationSeen) -> Iterator[Text]:
    """Say what migration this is and how far it is."""
    status = migration.outcome or migration.status
    first = Text.assemble((plain(migration.id), "bold"), "  ", (plain(status), STYLES.get(status, "bold")))
    yield first + Text(plain(f"  {migration.road or migration.scenario}, {count(migration.machines, 'machine')}"))
    yield Text(
        f"started {moment(migration.started_at)}"
        + (f" by {plain(migration.started_by)}" if migration.started_by else "")
    )
    if migration.ended_at:
        yield Text(f"ended   {moment(migration.ended_at)}")
    for line in migration.attention:
        yield Text(plain(f"! {line}"), style="bold red")
    yield from _how_far(migration)


def _how_far(migration: MigrationSeen) -> Iterator[Text]:
    progress = "" if migration.percent is None else f"{migration.percent:.0f} %  "
    if progress or migration.counts:
        yield Text(plain(progress + counted(migration.counts)))
    if migration.left_out:
        named = [f"{name} ({strategy})" for name, strategy in migration.left_out.items()]
        yield Text(plain(f"left out of the work by their strategy: {some_of(named, MOST_NAMES)}"))
    for wave in migration.waves:
        own = f", {wave.road}" if wave.road not in ("", migration.road) else ""
        far = f" ({counted(wave.counts)})" if wave.counts else ""
        yield Text(plain(f"  wave {wave.wave}{own}: {wave.state}{far}"))
    if not migration.ended and migration.phase and not migration.waves:
        yield Text(plain(f"phase {migration.phase}"))


def waits(migration: MigrationSeen, machines: Sequence[MachineSeen]) -> Iterator[Text]:
    """Say what people are asked for, then what machines wait for; each with the command that releases it."""
    for gate in migration.gates:
        yield from _gate(gate)
    commands = {gate.release for gate in migration.gates}
    if migration.waiting_for and migration.release not in commands:
        yield from _waiting(migration.waiting_for, migration.release, [])
    groups: dict[tuple[str, str], list[str]] = {}
    for each in machines:
        if each.waiting_for and each.problem is None and not (each.release and each.release in commands):
            groups.setdefault((each.waiting_for, each.release), []).append(each.name)
    for (what, release), names in groups.items():
        yield from _waiting(what, release, names)
    yield from _paused(migration, machines)


def _paused(migration: MigrationSeen, machines: Sequence[MachineSeen]) -> Iterator[Text]:
    """Say which machines were paused on their way, and hold before their next phase."""
    groups: dict[str, list[str]] = {}
    for each in machines:
        if each.paused_by and each.state != "Paused":
            groups.setdefault(each.paused_by, []).append(each.name)
    for by, names in groups.items():
        yield Text(plain(f"{_names(names)} paused by {by}: what is under way ends, the next phase does not begin"))
        yield command(release_commands.resume(migration.id, names[0] if len(names) == 1 else ""))


def _gate(gate: GateSeen) -> Iterator[Text]:
    place = ", ".join(part for part in (f"wave {gate.wave}" if gate.wave else "", gate.machine) if part)
    yield Text(plain(f"Gate {gate.name}" + (f" ({place})" if place else "") + f": {gate.text}"), style="bold yellow")
    if gate.pending and gate.pending != (gate.machine,):
        yield Text(plain(f"  machines: {_names(gate.pending)}"))
    if gate.expires:
        yield Text(f"  until {hour(gate.expires)}")
    if gate.release:
        yield command(gate.release)


def _waiting(what: str, release: str, names: Sequence[str]) -> Iterator[Text]:
    who = f"{_names(names)} " if names else ""
    yield Text(plain(f"{who}waiting: {what}"))
    if release:
        yield command(release)


def problems(migration: MigrationSeen, machines: Sequence[MachineSeen]) -> Iterator[Text]:
    """Say what went wrong where, with the cloud's code, causes and advice, and the command that goes on."""
    if migration.problem is not None:
        yield from _problem(migration.id, migration.problem, migration.release)
    for each in machines:
        if each.problem is not None:
            where = f"{each.name}" + (f", {each.failed_in}" if each.failed_in else "")
            yield from _problem(where, each.problem, each.release)


def _problem(where: str, facts: ProblemData, release: str) -> Iterator[Text]:
    yield Text(plain(f"Problem ({where}): {facts.title or facts.id}: {facts.detail}"), style="bold red")
    for fault in facts.errors:
        yield Text(plain(f"  {fault.pointer or '/'}: {fault.message}"))
    parts = (("code", facts.code), ("possible causes", facts.causes), ("what to do", facts.advice))
    yield from (Text(plain(f"  {label}: {text}")) for label, text in parts if text)
    if release:
        yield command(release)


def concerns(migration: MigrationSeen, machines: Sequence[MachineSeen]) -> Iterator[Text]:
    """Name the concerns, those that stop something first."""
    found = [*migration.concerns, *(concern for each in machines for concern in each.concerns)]
    order = {"critical": 0, "warning": 1, "information": 2}
    for concern in sorted(found, key=lambda concern: order.get(concern.category, 0)):
        accepted = f" (acknowledged by {concern.acknowledged_by})" if concern.acknowledged_by else ""
        yield Text(
            plain(
                f"{concern.category} {concern.id}, {concern.machine or 'plan'}: {concern.evidence or concern.title}{accepted}"
            )
        )
        if concern.advice and not concern.acknowledged_by:
            yield Text(plain(f"  what to do: {concern.advice}"))


def left_overs(machines: Sequence[MachineSeen]) -> Iterator[Text]:
    """Name what is left behind of machines, kind by kind; what was removed is none any more."""
    groups: dict[str, list[str]] = {}
    for machine in machines:
        for each in machine.evidence.left_overs:
            if each.state in STAYS:
                text = f"{each.id.rpartition('/')[2]} of {machine.name} ({each.detail})"
                groups.setdefault(each.kind, []).append(text)
    for kind, found in groups.items():
        yield Text(plain(f"left behind, {LEFT_WORDS.get(kind, kind)}: {some_of(found, MOST_NAMES)}"))


def command(release: str) -> Text:
    """Show a command that can be copied."""
    return Text(plain(f"  $ {release}"), style="cyan")


def _names(names: Sequence[str]) -> str:
    return some_of(names, MOST_NAMES)
