"""The command `selectors`: which machines the selections of a plan find now; nothing is started."""

import typer

from cli.answers import SelectionPreviewSeen
from cli.arguments import PlanFile
from cli.inventory_tables import selected
from cli.session import Session
from cli.starting import as_sent
from cli.wording import count


def selectors(ctx: typer.Context, plan: PlanFile) -> None:
    """Tell which machines the selections of a plan find now; nothing is started."""
    session = Session(ctx)
    body, headers = as_sent(plan)
    raw = session.api.send("plans/select", body, headers).json()
    if session.as_data:
        session.write(raw)
        return
    seen = SelectionPreviewSeen.model_validate(raw)
    if not seen.entries:
        session.say("every machine of this plan is named: none is selected")
    for each in seen.entries:
        session.say(f"wave {each.wave}, {each.selects}: {count(len(each.machines), 'machine')}")
        if each.machines:
            session.show(selected(each.machines))
        if each.elsewhere:
            other = count(len(each.elsewhere), "machine")
            session.say(f"  {other} that it fits, too, belong to other entries: {', '.join(each.elsewhere)}")
