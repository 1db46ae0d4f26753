"""The command that looks whether app and machine have what they need. It changes nothing."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import httpx
import typer

from cli.failing import Exit, Failing, Unreachable
from cli.session import Session
from cli.starting import as_sent
from cli.wording import count, plain
from shared.doctor import clock_skew, kinds, time_zones
from shared.doctor.finding import Diagnosis, FindingSeverity, HealthFinding, diagnosis_of
from shared.version import VERSION

INSTALL: Final = "pipx install --force dist/azferry-*.whl  # from a checkout of the app's release: make wheel"
STYLES: Final = {
    FindingSeverity.ERROR: "bold red",
    FindingSeverity.WARNING: "yellow",
    FindingSeverity.NOTICE: "cyan",
    FindingSeverity.OK: "green",
}
CODES: Final = {FindingSeverity.ERROR: Exit.NO, FindingSeverity.WARNING: Exit.WARNINGS}


def doctor(
    ctx: typer.Context,
    plan: Annotated[Path | None, typer.Argument(metavar="[PLAN]", help="also look at what this plan needs")] = None,
    every: Annotated[bool, typer.Option("--all", help="tell also what is well")] = False,
) -> None:
    """Look whether app and machine have what they need: rights, storage, sign-in, AWS, clocks; each finding with its remedy."""
    session = Session(ctx)
    seen = diagnosis_of([*_here(), *_of_app(session, plan)], VERSION)
    if session.as_data:
        session.write(seen.model_dump(mode="json", by_alias=True))
    else:
        _tell(session, seen, every=every)
    if code := CODES.get(seen.severity):
        raise typer.Exit(code)


def _here() -> Iterator[HealthFinding]:
    """Look at this machine."""
    yield kinds.RUNTIME.seen(f"this machine has azferry {VERSION} on Python {sys.version.split()[0]}")
    for each in time_zones.look(INSTALL):
        yield each.replace(seen=f"this machine: {each.seen}")


def _of_app(session: Session, plan: Path | None) -> Iterator[HealthFinding]:
    """Have the app look at itself, and compare it with this machine."""
    try:
        answer = _asked(session, plan)
        found = Diagnosis.model_validate(answer.json())
    except Unreachable as away:
        yield kinds.APP_AWAY.seen(str(away))
        return
    except Failing as refusal:
        seen = f"{session.api.url}: {refusal.document.title}: {refusal.document.detail}"
        yield kinds.APP_REFUSED.seen(seen, advice=refusal.document.advice or "azferry login --url …")
        return
    yield kinds.CONNECTED.seen(f"{session.api.url} answers")
    yield from _compared(answer, found)
    yield from found.findings


def _asked(session: Session, plan: Path | None) -> httpx.Response:
    if plan is None:
        return session.api.answer("doctor")
    body, headers = as_sent(plan)
    return session.api.send("doctor", body, headers)


def _compared(answer: httpx.Response, found: Diagnosis) -> Iterator[HealthFinding]:
    if found.version != VERSION:
        yield kinds.VERSIONS_DIFFER.seen(f"the app is {found.version}, this command line {VERSION}", install=INSTALL)
    if moment := clock_skew.date_of(answer.headers.get("date", "")):
        compared = clock_skew.judge("the app", datetime.now(UTC) - moment)
        yield compared.replace(seen=f"this machine: {compared.seen}")


def _tell(session: Session, seen: Diagnosis, *, every: bool) -> None:
    shown = [each for each in seen.findings if every or each.severity is not FindingSeverity.OK]
    for each in shown:
        session.say(f"{each.severity.value:7}  {each.id}: {plain(each.seen)}", style=STYLES[each.severity])
        if each.meaning:
            session.say(f"         {each.meaning}")
        if each.remedy:
            session.say(f"         $ {plain(each.remedy)}" if _is_command(each.remedy) else f"         {each.remedy}")
    well = sum(each.severity is FindingSeverity.OK for each in seen.findings)
    session.say(f"{count(well, 'look')} found all well" + ("" if every else "; --all tells them"))


def _is_command(remedy: str) -> bool:
    return remedy.partition(" ")[0] in ("az", "azd", "azferry", "aws", "curl", "git", "pipx") or remedy.startswith(
        "infra/"
    )
