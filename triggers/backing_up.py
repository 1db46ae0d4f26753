"""Backups: a timer writes them, `GET /api/backups` lists them, `POST` writes one now or puts one back."""

import logging

import azure.functions as func

from shared import clock
from shared.backup.exporting import export, export_when_due, names
from shared.backup.restoring import manifest_of, restore
from shared.durable.seam import Blueprint
from shared.reporting.views import BackupList, BackupView
from shared.storage.patience import QUICK, with_patience
from triggers.admission import admits
from triggers.answering import answer_json

bp = Blueprint()


@bp.timer_trigger(arg_name="timer", schedule="0 17 * * * *")
def back_up_when_due(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the worker gives it by name
    """Write a backup where the newest is as old as the settings allow."""
    if made := export_when_due(clock.now()):
        logging.getLogger("azferry").warning("backup %s: %d rows", made.name, sum(made.rows.values()))


@bp.route(route="api/backups", methods=["GET"])
@admits("backups")
def list_backups(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the worker gives it by name
    """List the backups that are whole, the newest first."""
    found = [BackupView.of(manifest_of(name)) for name in reversed(names())]
    return answer_json(BackupList(value=tuple(found)))


@bp.route(route="api/backups", methods=["POST"])
@admits("back-up")
def back_up(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the worker gives it by name
    """Write a backup now; storage that hangs is told at once."""
    names()
    with with_patience(QUICK):
        return answer_json(BackupView.of(export(clock.now())), 201)


@bp.route(route="api/backups/{backup}/restore", methods=["POST"])
@admits("restore")
def restore_backup(req: func.HttpRequest) -> func.HttpResponse:
    """Put a backup back into an empty ledger; storage that hangs is told at once."""
    backup = manifest_of(req.route_params["backup"])
    with with_patience(QUICK):
        return answer_json(BackupView.of(restore(backup.name)))
