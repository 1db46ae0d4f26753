"""`/api/migrations`: a plan starts a migration; the ledger tells how it stands."""

import asyncio
from collections import Counter
from typing import Any

import azure.functions as func

from shared import gates
from shared.durable import Blueprint
from shared.hub import Client
from shared.intake import Taken, take_in
from shared.ledger import events, machines, migrations, waves
from shared.ledger.machines import MachineRow
from shared.ledger.migrations import MigrationRow
from shared.plan.reader import read_plan
from shared.problems import NotFound, TooLarge
from shared.settings import settings
from shared.states import MigrationStatus
from shared.steering.steered import begin, existing
from triggers.answering import MOST_BYTES, answers_problems, page_of, reply, said_by, size_of

bp = Blueprint()

LIST, ONE = "api/migrations", "api/migrations/{migration}"


@bp.route(route=LIST, methods=["POST"])
@bp.durable_client_input(client_name="client")
@answers_problems
async def start_migration(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Take a plan in and begin it; the same plan while it runs is the same migration."""
    if len(req.get_body()) > MOST_BYTES:
        raise TooLarge(f"the plan has {len(req.get_body())} bytes, at most {MOST_BYTES} are taken")
    taken, row = await asyncio.to_thread(_take_in, req)
    if row.status != MigrationStatus.ENDED:
        await begin(client, taken.first)
    headers = {"Location": f"/api/migrations/{row.id}", "Retry-After": "5"}
    return reply(_migration(row), 202 if taken.fresh else 200, headers)


def _take_in(req: func.HttpRequest) -> tuple[Taken, MigrationRow]:
    """Read the plan and write it down: this blocks, so it runs in a thread."""
    said = said_by(req)
    plan = read_plan(req.get_body(), req.headers.get("Content-Type", ""), said.at)
    by = said.by or (req.params.get("by", "") if settings().local else "")
    taken = take_in(plan, by, said.at, req.headers.get("Idempotency-Key", ""))
    return taken, existing(taken.migration)


@bp.route(route=LIST, methods=["GET"])
@answers_problems
def list_migrations(req: func.HttpRequest) -> func.HttpResponse:
    """Give migrations, the newest first."""
    rows, token = migrations.page(req.params.get("token", ""), size_of(req))
    return page_of(req, [_migration(row) for row in rows], token)


@bp.route(route=ONE, methods=["GET"])
@answers_problems
def show_migration(req: func.HttpRequest) -> func.HttpResponse:
    """Give one migration with its waves, open gates and how many machines stand where."""
    row = existing(req.route_params["migration"])
    return reply(_migration(row) | _inside(row.id))


@bp.route(route=ONE + "/machines", methods=["GET"])
@answers_problems
def list_machines(req: func.HttpRequest) -> func.HttpResponse:
    """Give the machines of a migration by name."""
    row = existing(req.route_params["migration"])
    rows, token = machines.page(row.id, req.params.get("token", ""), size_of(req))
    return page_of(req, [_machine(one) for one in rows], token)


@bp.route(route=ONE + "/machines/{machine}", methods=["GET"])
@answers_problems
def show_machine(req: func.HttpRequest) -> func.HttpResponse:
    """Give one machine with everything that is known of it."""
    row = existing(req.route_params["migration"])
    found = machines.get(row.id, req.route_params["machine"])
    if found is None:
        raise NotFound(f"migration {row.id} has no machine {req.route_params['machine']}")
    return reply(_machine(found))


@bp.route(route=ONE + "/events", methods=["GET"])
@answers_problems
def list_events(req: func.HttpRequest) -> func.HttpResponse:
    """Give what happened, oldest first; the last page's token is where a watcher goes on."""
    row = existing(req.route_params["migration"])
    found, token = events.page(row.id, req.params.get("token", ""), size_of(req), req.params.get("machine"))
    return page_of(req, [one.model_dump(mode="json", by_alias=True) for one in found], token)


def _migration(row: MigrationRow) -> dict[str, Any]:
    """Give a migration as the API shows it."""
    hidden = {"stamps", "plan_blob", "instances"}
    return row.model_dump(mode="json", by_alias=True, exclude=hidden)


def _machine(row: MachineRow) -> dict[str, Any]:
    """Give a machine as the API shows it: a script's URL is signed, so it stays inside."""
    shown = row.model_dump(mode="json", by_alias=True, exclude={"stamps", "owner"})
    kept = {name: value for name, value in row.evidence.items() if not name.startswith("verification")}
    return shown | {"evidence": kept}


def _inside(migration: str) -> dict[str, Any]:
    """Give what stands in other tables: counts, progress, waves, gates."""
    rows = list(machines.list(migration))
    copied = [row.percent for row in rows if row.percent is not None]
    return {
        "counts": dict(Counter(row.state.value for row in rows)),
        "percent": round(sum(copied) / len(rows), 1) if rows and copied else None,
        "waves": [one.model_dump(mode="json", by_alias=True, exclude={"stamps"}) for one in waves.list(migration)],
        "gates": [one.model_dump(mode="json", by_alias=True) for one in gates.of_migration(migration)],
    }
