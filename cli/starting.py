"""Commands before a migration runs: validate and start a plan, print the schema of plans."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import problem
from cli.answers import ConcernSeen
from cli.arguments import Every, Migration, PlanFile, Watch, usage
from cli.client import of
from cli.failing import Exit, Failing, Unreachable
from cli.options import Output
from cli.profiles_beside import ProfilesBeside
from cli.session import Session
from cli.watching import watch_until_end
from cli.wording import count
from shared.plan.model import Plan
from shared.plan.reader import read_plan
from shared.plan.schema import plan_schema
from shared.plan.strategies import left_out_of
from shared.problems import Problem
from shared.reporting.name_lists import some_of

MOST_NAMES = 20
TYPES = {".json": "application/json", ".yaml": "application/yaml", ".yml": "application/yaml"}


def validate(
    ctx: typer.Context,
    plan: PlanFile,
    local: Annotated[bool, typer.Option("--local", help="only on this machine, ask no app")] = False,
) -> None:
    """Check a plan, on this machine and by the app where one answers; nothing is created."""
    session = Session(ctx)
    body, kind = _read(plan)
    try:
        read = read_plan(body, kind, datetime.now(UTC), ProfilesBeside(plan, None if local else session))
    except Problem as wrong:
        raise Failing(problem.of(wrong), Exit.NO) from None
    judged = {} if local else _judged(session, body, kind)
    if session.as_data:
        session.write({"valid": True, "name": read.name, "concerns": [], "checkedBy": "local"} | judged)
    else:
        _tell(session, read, judged)
    if judged.get("valid") is False:
        raise typer.Exit(Exit.NO)


def _judged(session: Session, body: bytes, kind: str) -> dict[str, Any]:
    """Ask the app for its judgement; nothing when none answers."""
    try:
        answer: dict[str, Any] = session.api.send("plans/validate", body, _type(kind)).json()
    except Unreachable:
        return {}
    except Failing as failing:
        raise Failing(failing.document, Exit.NO if failing.document.status in (400, 413, 422) else None) from None
    return {"checkedBy": session.api.url} | answer


def _tell(session: Session, plan: Plan, judged: dict[str, Any]) -> None:
    """Say that it is valid, by whom, and what the app is concerned about."""
    work = plan.working()
    machines = sum(1 for _ in work.entries())
    session.say(f"{plan.name} is valid: {count(len(work.waves), 'wave')}, {count(machines, 'line')} of machines")
    if left_out := [f"{name} ({strategy})" for name, strategy in left_out_of(plan).items()]:
        session.say(f"left out of the work by their strategy: {some_of(left_out, MOST_NAMES)}")
    for document in judged.get("concerns", ()):
        concern = ConcernSeen.model_validate(document)
        session.say(
            f"{concern.category} {concern.id}, {concern.machine or 'plan'}: {concern.evidence or concern.title}"
        )
        if concern.advice:
            session.say(f"  what to do: {concern.advice}")
    if read_with := plan.profile:
        version = judged.get("profileVersion")
        where = f"in version {version}" if version else "as this machine finds it"
        session.say(f"it lies upon profile {read_with.name} {where}")
    session.say(f"checked by {judged['checkedBy']}" if judged else "checked on this machine only; no app was asked")


def start(
    ctx: typer.Context,
    plan: PlanFile,
    watch: Watch = False,
    idempotency_key: Annotated[
        str, typer.Option("--idempotency-key", metavar="KEY", help="the same key is the same migration, for ever")
    ] = "",
    every: Every = 2.0,
) -> None:
    """Start the migration of a plan; the same plan twice is one migration."""
    session = Session(ctx)
    api = session.api
    body, kind = _read(plan)
    headers = _type(kind) | ({"idempotency-key": idempotency_key} if idempotency_key else {})
    answer = api.send("migrations", body, headers, {"by": api.by} if api.by else {})
    document = answer.json()
    if session.as_data and not watch:
        session.write(document)
        return
    if not session.as_data:
        fresh = answer.status_code == 202
        session.say(f"Started {document['id']}" if fresh else f"{document['id']} of the same plan is there already")
        session.say(f"  $ azferry watch {document['id']}" if not watch else "")
    if watch:
        watch_until_end(session, document["id"], every)


def schema(ctx: typer.Context) -> None:
    """Print the JSON Schema of plans, for editors and other tools."""
    Session(ctx).write(plan_schema(), Output.JSON)


def plan(ctx: typer.Context, migration: Migration) -> None:
    """Print the plan that a migration runs, as it was frozen; it can be started again."""
    session = Session(ctx)
    session.write(session.api.get(f"{of(migration)}/plan"), Output.YAML)


def as_sent(plan: Path) -> tuple[bytes, dict[str, str]]:
    """Give a plan as it is sent to the app: its bytes, and the header that says what they are."""
    body, kind = _read(plan)
    return body, _type(kind)


def _read(plan: Path) -> tuple[bytes, str]:
    """Give a plan's bytes and content type; without a known ending the text itself tells."""
    if str(plan) == "-":
        return typer.get_binary_stream("stdin").read(), ""
    if not plan.is_file():
        raise usage(f"there is no file {plan}", "PLAN")
    return plan.read_bytes(), TYPES.get(plan.suffix.lower(), "")


def _type(kind: str) -> dict[str, str]:
    return {"content-type": kind} if kind else {}
