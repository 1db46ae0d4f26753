"""`GET /api/migrations/{migration}/record`: what was decided, as it was kept where nobody can change it; and the timer that keeps it."""

import logging

import azure.functions as func

from shared import clock
from shared.durable.seam import Blueprint
from shared.ledger import migrations
from shared.problems import NotFound
from shared.record import upkeep
from shared.record.place import content_of, is_kept
from triggers.admission import admits
from triggers.answering import answer_download

bp = Blueprint()


@bp.timer_trigger(arg_name="timer", schedule="0 */5 * * * *")
def keep_record(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the worker gives it by name
    """Keep what a host that died, or storage that was busy, left out; and the evidence of migrations that ended."""
    if added := upkeep.look_after(clock.now()):
        logging.getLogger("azferry").info("%d entries were added to the record", added)


@bp.route(route="api/migrations/{migration}/record", methods=["GET"])
@admits("record")
def record_of_migration(req: func.HttpRequest) -> func.HttpResponse:
    """Give a migration's record as it stands, byte by byte; of a migration that the ledger has lost, too."""
    migration = req.route_params["migration"]
    content = content_of(migration) if is_kept() else b""
    if not content:
        migrations.existing(migration)
    if not is_kept():
        raise NotFound(
            "no record is kept here", advice="azd env set AZFERRY_RECORD_DAYS 400 && azd provision; see docs/record.md."
        )
    return answer_download(content, "application/x-ndjson", f"{migration}.record.jsonl")
