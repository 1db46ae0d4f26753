"""The command `forecast`: plays a plan on the local stack before anything moves; that stack is in the repository, not in the wheel."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from cli.arguments import PlanFile, kind_of, to_write, usage
from cli.client import of
from cli.failing import Exit, Failing
from cli.problem import Document
from cli.profiles_beside import ProfilesBeside
from cli.session import Session
from cli.wording import count, duration, hour, plain
from shared.reporting.name_lists import some_of

KINDS: Final = ("html", "json")
MOST_NAMES: Final = 6
FORECAST: Final = "local.forecast.command"  # by name: the wheel holds no local stack, and must not look for one
MISSING: Final = Document(
    title="The forecast is not installed here",
    detail="a forecast plays the plan on the local stack, which is part of azferry's repository and of no package",
    advice="Get the repository, run `make setup` in it, and call .venv/bin/azferry forecast PLAN there.",
)

Earlier = Annotated[
    list[str] | None,
    typer.Option(
        "--from", metavar="ID|FILE", help="durations as this migration measured them: its id, or its report as .json"
    ),
]
World = Annotated[
    Path | None,
    typer.Option(
        "--world",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="machines, disks and people: a world file, or what `assess --report FILE.json` found",
    ),
]
WithTrouble = Annotated[
    int | None,
    typer.Option("--with-trouble", metavar="SEED", help="let things go wrong; the same seed is the same trouble"),
]
Report = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", dir_okay=False, callback=to_write, help="write it there: .html or .json"),
]


def forecast(
    ctx: typer.Context,
    plan: PlanFile,
    world: World = None,
    earlier: Earlier = None,
    trouble: WithTrouble = None,
    report: Report = None,
) -> None:
    """Play a plan on the local stack and tell what will be when; nothing is asked of any cloud."""
    session = Session(ctx)
    kind_of(report, KINDS)
    if not _is_there():
        raise Failing(MISSING, Exit.NO)
    command = import_module(FORECAST)
    reports = tuple(_report(session, each) for each in earlier or ())
    wanted = command.Wanted(plan, world, reports, trouble, profiles=ProfilesBeside(plan, session))
    outlook = _played(session, command, wanted)
    data: dict[str, Any] = outlook.model_dump(mode="json", by_alias=True, exclude_none=True)
    if report:
        report.write_text(command.rendered(outlook, report.suffix.lstrip(".").lower()), encoding="utf-8")
    if session.as_data:
        session.write(data)
    else:
        _tell(session, outlook)
        session.say(f"Report: {report}" if report else "Everything: --report FILE.html, or -o json")
    if not outlook.verdict.borne:
        raise typer.Exit(Exit.NO)


def _is_there() -> bool:
    """Tell whether the local stack can be imported; another package of that name is none of ours."""
    try:
        return find_spec(FORECAST) is not None
    except ModuleNotFoundError:
        return False


def _report(session: Session, earlier: str) -> bytes:
    """Give the report of an earlier migration: a file, else as the app gives it."""
    path = Path(earlier)
    if path.suffix.lower() == ".json":
        if not path.is_file():
            raise usage(f"there is no file {path}", "--from")
        return path.read_bytes()
    return session.api.fetch(f"{of(earlier)}/report", {"format": "json"})


def _played(session: Session, command: Any, wanted: Any) -> Any:
    """Play it. Raises `Failing` where the plan cannot be played."""
    try:
        return command.forecast(wanted, (lambda _line: None) if session.as_data else session.say)
    except command.StackError as wrong:
        document = Document(title="The plan cannot be played", detail=str(wrong), advice="See docs/forecast.md.")
        raise Failing(document, Exit.NO) from None


def _tell(session: Session, outlook: Any) -> None:
    """Say what one has to know first; the rest is in the report."""
    took = duration(outlook.makespan)
    session.say(
        f"{outlook.plan}: {count(len(outlook.machines), 'machine')}, {hour(outlook.begin)} to {hour(outlook.end)}, {took}"
    )
    for wave in outlook.waves:
        session.say(f"wave {wave.name}: {hour(wave.begin)} to {hour(wave.end)}")
        for opening in wave.openings:
            if opening.machines:
                session.say(f"  opening {hour(opening.opens)} to {hour(opening.closes)}: {_names(opening.machines)}")
    median, ninety = duration(outlook.downtime_median_seconds), duration(outlook.downtime90_seconds)
    session.say(f"downtime of a machine: {median or 'none'} (median), {ninety or 'none'} (nine of ten take no longer)")
    for cost in outlook.costs:
        longest = duration(cost.longest_seconds)
        session.say(f"held back by {cost.reason}: {count(cost.machines, 'machine')}, the longest {longest}")
    for duty in outlook.duties:
        at = hour(duty.decided) or "nobody comes"
        session.say(
            f"{hour(duty.opens)} gate {duty.gate} {duty.wave}: {_names(duty.machines) or 'the plan'}; decided {at}"
        )
    for trouble in outlook.troubles:
        session.say(f"trouble: {trouble.what}{'' if trouble.hits else ' (not met)'}")
    for step in outlook.critical_path:
        session.say(f"critical: {step.machine or 'plan'} {step.name} {duration(step.seconds)}", style="dim")
    for line in _verdict(outlook):
        session.say(line.plain, style=str(line.style))


def _verdict(outlook: Any) -> Sequence[Text]:
    if outlook.verdict.borne:
        return [Text("every machine arrives within the plan's windows", style="green")]
    return [Text(plain(each), style="bold red") for each in outlook.verdict.reasons]


def _names(names: Sequence[str]) -> str:
    return some_of(list(names), MOST_NAMES)
