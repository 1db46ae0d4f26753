"""Commands for proof: a migration's evidence pack is fetched, and checked without the app."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import Migration, check_new, to_write, usage
from cli.client import of
from cli.failing import Exit
from cli.session import Session
from cli.wording import count, moment
from shared.backup.manifest import digest_of
from shared.reporting.evidence_check import EvidenceCheck, check_pack

Into = Annotated[
    Path, typer.Option("--into", metavar="FILE", dir_okay=False, callback=to_write, help="write it there, as FILE.zip")
]
Pack = Annotated[Path, typer.Argument(metavar="FILE", help="the pack, a ZIP")]


def evidence(ctx: typer.Context, migration: Migration, into: Into) -> None:
    """Fetch the evidence pack: report, plan, events and decisions in a ZIP, with the SHA-256 of each."""
    session = Session(ctx)
    check_new(into, "--into")
    content = session.api.fetch(f"{of(migration)}/evidence")
    with into.open("xb") as file:
        file.write(content)
    digest = digest_of(content)
    if session.as_data:
        session.write({"file": str(into), "bytes": len(content), "sha256": digest})
        return
    session.say(f"Wrote {into} ({len(content):,} bytes)")
    session.say(f"SHA-256 {digest}")
    session.say("Note it where the pack is not kept: who changes a pack and its manifest cannot change your note.")
    session.say(f"  $ azferry verify-evidence {into}")


def verify_evidence(ctx: typer.Context, pack: Pack) -> None:
    """Check the files of an evidence pack against its manifest; no app is asked."""
    session = Session(ctx)
    if not pack.is_file():
        raise usage(f"there is no file {pack}", "FILE")
    found = check_pack(pack)
    digest = _digest(pack)
    if session.as_data:
        about = found.manifest.model_dump(mode="json", by_alias=True) if found.manifest else None
        session.write({"matches": found.matches, "mismatches": found.mismatches, "sha256": digest, "manifest": about})
    else:
        for line in _told(pack, found):
            session.say(line)
        session.say(f"SHA-256 of the pack: {digest}")
    if not found.matches:
        raise typer.Exit(Exit.NO)


def _told(pack: Path, found: EvidenceCheck) -> list[str]:
    """Say in words what came of it."""
    if found.matches and (manifest := found.manifest):
        outcome = manifest.outcome.value or manifest.status.value
        return [
            f"{pack} is whole: {count(len(manifest.files), 'file')} as the manifest says",
            f"Migration {manifest.migration}, {outcome}, as of {moment(manifest.as_of)}",
        ]
    return [f"{pack} is not as it was packed:", *(f"  - {each}" for each in found.mismatches)]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
