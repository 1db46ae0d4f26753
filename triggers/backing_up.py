"""Backups: a timer writes them, `GET /api/backups` lists them, `POST` begins to write one or to put one back."""

import asyncio
import logging
from typing import Final

import azure.functions as func

from shared import clock
from shared.backup.exporting import export_when_due, names
from shared.backup.manifest import name_at
from shared.backup.restore_results import begin_result, result_of
from shared.backup.restoring import manifest_of
from shared.contracts.backups import BackupRequest
from shared.contracts.contracts import RESTORE_BACKUP, WRITE_BACKUP
from shared.durable.durable_client import ALIVE, UNCERTAIN, begin, start, state
from shared.durable.seam import Blueprint
from shared.problems import NotAllowedNow, NotFound, Refused, from_facts
from shared.reporting.views import BackupList, BackupStatus, BackupView
from triggers.admission import admits
from triggers.answering import answer_json

bp = Blueprint()

A_LOOK: Final = "2"  # seconds until it is worth asking again
RESTORING: Final = "restore-backup"  # one at a time: two backups must not be put back into one ledger


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
@bp.durable_client_input(client_name="client")
@admits("back-up")
async def back_up(req: func.HttpRequest, client) -> func.HttpResponse:  # type: ignore # noqa: ANN001, ARG001, PGH003 - bare: the worker's rule
    """Begin to write a backup: 202 with the place where it will be."""
    now = await asyncio.to_thread(clock.now)
    name = name_at(now)
    await start(client, WRITE_BACKUP, BackupRequest(backup=name, now=now), f"write-backup.{name}")
    return _under_way(name, f"/api/backups/{name}")


@bp.route(route="api/backups/{backup}", methods=["GET"])
@bp.durable_client_input(client_name="client")
@admits("backup")
async def show_backup(req: func.HttpRequest, client) -> func.HttpResponse:  # type: ignore # noqa: ANN001, PGH003 - bare: the worker's rule
    """Give a backup; 202 while it is written."""
    name = req.route_params["backup"]
    going_on = await state(client, f"write-backup.{name}") in {*ALIVE, UNCERTAIN}
    try:
        return answer_json(BackupView.of(await asyncio.to_thread(manifest_of, name)))
    except NotFound:
        if not going_on:
            raise
        return _under_way(name, f"/api/backups/{name}")


@bp.route(route="api/backups/{backup}/restore", methods=["POST"])
@bp.durable_client_input(client_name="client")
@admits("restore")
async def begin_restore(req: func.HttpRequest, client) -> func.HttpResponse:  # type: ignore # noqa: ANN001, PGH003 - bare: the worker's rule
    """Begin to put a backup back into an empty ledger: 202 with the place where it is told what it came to."""
    name, now = req.route_params["backup"], await asyncio.to_thread(clock.now)
    await asyncio.to_thread(manifest_of, name)
    if await state(client, RESTORING) not in ALIVE:
        await asyncio.to_thread(begin_result, name, now)
        await begin(client, RESTORE_BACKUP, BackupRequest(backup=name, now=now), RESTORING)
    elif (known := await asyncio.to_thread(result_of, name)) is None or known.ended is not None:
        raise NotAllowedNow("another backup is put back just now", advice="Wait until that has ended, then look.")
    return _under_way(name, f"/api/backups/{name}/restore")


@bp.route(route="api/backups/{backup}/restore", methods=["GET"])
@bp.durable_client_input(client_name="client")
@admits("restored")
async def show_restore(req: func.HttpRequest, client) -> func.HttpResponse:  # type: ignore # noqa: ANN001, PGH003 - bare: the worker's rule
    """Tell what putting a backup back came to; 202 while it goes on."""
    name = req.route_params["backup"]
    backup = await asyncio.to_thread(manifest_of, name)
    going_on = await state(client, RESTORING) in {*ALIVE, UNCERTAIN}
    known = await asyncio.to_thread(result_of, name)
    if known is None:
        raise NotFound(f"nobody began to put {name} back", advice="POST to this address begins it.")
    if known.problem is not None:
        raise from_facts(known.problem)
    if known.ended is not None:
        return answer_json(BackupView.of(backup))
    if going_on:
        return _under_way(name, f"/api/backups/{name}/restore")
    raise Refused(
        f"putting {name} back ended without a result",
        id="restore-lost",
        title="A restore was lost",
        advice="Begin it again: what was written is written once more, and migrations come last.",
    )


def _under_way(name: str, place: str) -> func.HttpResponse:
    return answer_json(BackupStatus(name=name, place=place), 202, {"Location": place, "Retry-After": A_LOOK})
