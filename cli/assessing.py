"""The command `assess`: a plan judged with what the clouds tell of its machines and target; nothing is started."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from cli.answers import AssessmentSeen, JudgedRuleSeen
from cli.arguments import Every, PlanFile, kind_of, to_write
from cli.failing import Exit
from cli.polling import awaited, not_yet
from cli.session import Session
from cli.starting import as_sent
from cli.tables import assessed
from cli.wording import count, plain
from shared.reporting.name_lists import some_of

KINDS: Final = ("html", "json", "csv")
MOST_FINDINGS = 5  # of one rule; a file has them all
STYLES: Final = {"critical": "bold red", "warning": "yellow", "information": "dim"}

Report = Annotated[
    Path | None,
    typer.Option(
        "--report", metavar="FILE", dir_okay=False, callback=to_write, help="write it there: .html, .csv or .json"
    ),
]


def assess(ctx: typer.Context, plan: PlanFile, report: Report = None, every: Every = 2.0) -> None:
    """Judge a plan with what the clouds tell of its machines and target; nothing is started."""
    session = Session(ctx)
    kind = kind_of(report, KINDS)
    body, headers = as_sent(plan)
    by = {"by": session.api.by} if session.api.by else {}
    begun = session.api.send("plans/assess", body, headers, by).json()
    name = begun["id"]
    raw = awaited(lambda: session.api.get(f"assessments/{name}"), every, "made", not_yet("assessment", name))
    seen = AssessmentSeen.model_validate(raw)
    if report:
        report.write_bytes(session.api.fetch(f"assessments/{seen.id}", {"format": kind}))
    if session.as_data:
        session.write(raw)
    else:
        _tell(session, seen)
        if report:
            session.say(f"Report: {report}")
    if seen.stops:
        raise typer.Exit(Exit.NO)


def _tell(session: Session, seen: AssessmentSeen) -> None:
    """Say what was found, rule by rule, then the machines."""
    for rule in seen.rules:
        for line in _rule(rule):
            session.say(line.plain, style=str(line.style))
    for pointer in seen.unmatched:
        session.say(f"{pointer}: nothing carries these tags")
    session.show(assessed(seen.machines))
    stopped = [each.name for each in seen.machines if each.blocked]
    if seen.blocked:
        session.say(f"{seen.plan} would be stopped before anything is changed", style="bold red")
    elif stopped:
        named = some_of(stopped, MOST_FINDINGS)
        session.say(f"{count(len(stopped), 'machine')} of {len(seen.machines)} would be stopped: {named}")
    else:
        session.say(f"nothing would stop {seen.plan}: {count(len(seen.machines), 'machine')}")
    session.say("nothing was started and nothing was changed")


def _rule(rule: JudgedRuleSeen) -> Iterator[Text]:
    """Say what a rule found, where, and what to do."""
    yield Text(plain(f"{rule.category} {rule.id}: {rule.title or rule.id}"), style=STYLES.get(rule.category, ""))
    for each in rule.findings[:MOST_FINDINGS]:
        accepted = f" (acknowledged by {each.acknowledged_by})" if each.acknowledged_by else ""
        yield Text(plain(f"  {each.machine or 'plan'}: {each.evidence}{accepted}"))
    if len(rule.findings) > MOST_FINDINGS:
        yield Text(f"  … and {len(rule.findings) - MOST_FINDINGS:,} more; --report FILE has all")
    if rule.advice and not all(each.acknowledged_by for each in rule.findings):
        yield Text(plain(f"  what to do: {rule.advice}"))
