"""The command `waves`: waves and boot groups proposed for a plan, on this machine; the plan changes only where `--into` says so."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import problem
from cli.arguments import PlanFile, to_write, usage
from cli.failing import Exit, Failing
from cli.importing import change_line, write_whole
from cli.profiles_beside import ProfilesBeside
from cli.session import Session
from cli.wording import count
from shared.problems import Problem

if TYPE_CHECKING:  # imported where waves are proposed only
    from shared.lists.waves.results import WaveProposal
    from shared.reporting.assessment import Assessment

MOST_LINES = 200  # of changes; `-o json` has all of them

Assessed = Annotated[
    Path | None,
    typer.Option(
        "--assessment", metavar="FILE", exists=True, dir_okay=False, help="what `assess --report FILE.json` found"
    ),
]
Largest = Annotated[
    int, typer.Option("--largest", metavar="N", min=0, help="machines of a wave at most; 0: the plan's limits")
]
Anew = Annotated[bool, typer.Option("--anew", help="take waves of the same settings as one, and divide it anew")]
Into = Annotated[
    Path | None,
    typer.Option("--into", metavar="FILE", dir_okay=False, callback=to_write, help="write the changed plan there"),
]


def propose(
    ctx: typer.Context,
    plan: PlanFile,
    assessment: Assessed = None,
    largest: Largest = 0,
    anew: Anew = False,
    into: Into = None,
) -> None:
    """Propose waves and boot groups for a plan, each with its reasons; nothing is applied by itself."""
    session = Session(ctx)
    if into and not into.resolve().parent.is_dir():
        raise usage(f"{into} is in no folder that is there", "--into")
    proposal = _proposed(
        _text(plan), assessment, {"largest": largest, "anew": anew, "profiles": ProfilesBeside(plan, session)}
    )
    writes = into is not None and (proposal.changed or into.resolve() != plan.resolve())
    if into and writes:
        write_whole(into.resolve(), proposal.plan)
    if session.as_data:
        session.write(proposal.model_dump(mode="json", by_alias=True) | {"written": writes})
    elif into:
        for line in _told(proposal, into):
            session.say(line)
    else:
        typer.echo(proposal.part, nl=False)


def _text(plan: Path) -> str:
    if str(plan) != "-" and not plan.is_file():
        raise usage(f"there is no file {plan}", "PLAN")
    try:
        return (typer.get_binary_stream("stdin").read() if str(plan) == "-" else plan.read_bytes()).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise usage(f"{plan} is not UTF-8 text", "PLAN") from None


def _proposed(text: str, assessment: Path | None, wanted: dict[str, Any]) -> "WaveProposal":
    from shared.lists.waves.proposing import propose_waves  # noqa: PLC0415 - see above

    try:
        return propose_waves(text, _found(assessment), **wanted)
    except Problem as wrong:
        raise Failing(problem.of(wrong), Exit.NO) from None


def _found(assessment: Path | None) -> "Assessment | None":
    """Read what an assessment found. Raise `BadParameter` for what is none."""
    from shared.reporting.assessment import Assessment  # noqa: PLC0415 - see above

    if assessment is None:
        return None
    try:
        found = Assessment.model_validate_json(assessment.read_bytes())
    except ValueError:
        found = Assessment()
    if not found.machines:
        advice = "`azferry assess PLAN --report FILE.json` writes one"
        raise usage(f"{assessment} is no assessment with machines: {advice}", "--assessment")
    return found


def _told(proposal: "WaveProposal", into: Path) -> Iterator[str]:
    """Yield what became otherwise, what has to be looked at, and what the plan lacks."""
    lines = [
        change_line(each.replace(before=_in_words(each.before), after=_in_words(each.after)))
        for each in proposal.changes
    ]
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield f"… and {len(lines) - MOST_LINES:,} more changes; -o json shows all"
    yield from (f"look at this: {note}" for note in proposal.notes)
    yield f"{into}: {'written' if proposal.changed else 'unchanged'}; {count(len(proposal.waves), 'wave')}"
    yield "the plan is valid" if proposal.valid else "the plan still lacks:"
    yield from (f"  {problem.fault_line(each)}" for each in proposal.errors[:MOST_LINES])


def _in_words(value: Any) -> Any:
    return (", ".join(value) or "nothing") if isinstance(value, list) else value
