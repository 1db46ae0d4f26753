"""The command that changes a running plan: what differs is shown first, then it asks."""

from typing import Annotated, Any

import typer

from cli.arguments import Comment, Migration, PlanFile
from cli.client import of
from cli.session import Session
from cli.starting import as_sent
from cli.wording import count
from shared.plan.carrying_over import MachineEffect
from shared.plan.differences import Difference


def change(
    ctx: typer.Context,
    migration: Migration,
    plan: PlanFile,
    comment: Comment = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="tell what would change, and change nothing")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask back; scripts need it")] = False,
) -> None:
    """Change the plan of a running migration: machines, what they become, windows, limits; what differs is shown first."""
    session = Session(ctx)
    body, headers = as_sent(plan)
    who = {"by": session.api.by} if session.api.by else {}
    judged = session.api.patch(of(migration), body, headers, {"dryRun": "true", **who})
    document = judged.json()
    if not session.as_data:
        _show(session, migration, document)
    if dry_run or not document.get("changes"):
        if session.as_data:
            session.write(document)
        return
    if not yes:
        typer.confirm(f"Change the plan of {migration}?", abort=True, err=session.as_data)
    query = who | ({"comment": comment} if comment else {})
    changed = session.api.patch(of(migration), body, headers | {"if-match": judged.headers["etag"]}, query).json()
    if session.as_data:
        session.write(changed)
        return
    session.say(f"Changed; the plan of {migration} is in version {changed['version']}")


def _show(session: Session, migration: str, document: dict[str, Any]) -> None:
    changes = [Difference.model_validate(each) for each in document.get("changes", ())]
    if not changes:
        session.say(f"{migration} runs this very plan: nothing to change")
        return
    session.say(f"{count(len(changes), 'difference')} to version {document['version']} of the plan:")
    for each in changes:
        session.say(f"  {each.text}")
    effects = [MachineEffect.model_validate(each) for each in document.get("effects", ())]
    if effects:
        session.say(f"What becomes of {count(len(effects), 'machine')}:")
    for effect in effects:
        session.say(f"  {effect.text}")
