"""`POST /api/migrations/{migration}/…`: decisions at gates, and commands that steer."""

import asyncio

import azure.functions as func

from shared import clock
from shared.decisions.steered import CommandOutcome, follow
from shared.durable.seam import Blueprint
from shared.ledger import migrations
from shared.record.keeping import keep_soon
from shared.reporting import ledger_views
from triggers.admission import admits
from triggers.answering import answer_json
from triggers.bodies import read_body
from triggers.operations import OPERATIONS, CommandRoute
from triggers.principal import person_of

bp = Blueprint()


def _serves(verb: str, command: CommandRoute) -> None:
    """Register the function of a command: do the ledger's part, wake whom it concerns, answer with the new state."""

    async def serve(req: func.HttpRequest, client) -> func.HttpResponse:  # type: ignore # noqa: ANN001, PGH003 - bare: the worker's rule
        migration = req.route_params["migration"]
        outcome = await asyncio.to_thread(_steer, migration, command, req)
        await follow(client, outcome)
        await asyncio.to_thread(lambda: keep_soon(migration, clock.now()))
        view = await asyncio.to_thread(lambda: ledger_views.after_command(migration, outcome, clock.now()))
        return answer_json(view, 202, {"Location": f"/api/migrations/{migration}"})

    serve.__name__ = f"command_{verb}"
    answering = bp.durable_client_input(client_name="client")(admits(verb)(serve))
    bp.route(route=f"api/migrations/{{migration}}/{verb}", methods=["POST"])(answering)


def _steer(migration: str, command: CommandRoute, req: func.HttpRequest) -> CommandOutcome:
    """Read who says what, and do the ledger's part."""
    migrations.existing(migration)
    body = read_body(req, command.takes)
    return command.act(migration, body.said_by(person_of(req, body.by), clock.now()))


for _operation in OPERATIONS:
    if _operation.route is not None:
        _serves(_operation.name, _operation.route)
