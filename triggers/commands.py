"""`POST /api/migrations/{migration}/…`: decisions at gates, and commands that steer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import azure.functions as func

from shared import clock
from shared.decisions.deciding import acknowledge, cut_over_now, decide, skip
from shared.decisions.pausing import pause, resume
from shared.decisions.resolving import Answer
from shared.decisions.rounds import open_roll_back, retry
from shared.decisions.steered import CommandOutcome, OperatorAction, follow, said_by
from shared.durable.seam import Blueprint
from shared.reporting import ledger_views
from triggers.admission import admits
from triggers.answering import answer_json
from triggers.bodies import Acknowledging, Approval, Body, CutOverNow, Skipping, Some, read_body
from triggers.principal import person_of

bp = Blueprint()


@dataclass(frozen=True)
class CommandRoute:
    """A command: what it takes, and what it does to the ledger."""

    takes: type[Body]
    act: Callable[[str, Any, OperatorAction], CommandOutcome]


def _decide(migration: str, body: Approval, action: OperatorAction) -> CommandOutcome:
    answer = Answer(
        gate=body.gate,
        decision=body.decision,
        wave=body.wave,
        machines=body.machines,
        waves=body.waves,
        all_ready=body.all_ready,
    )
    return decide(migration, answer, action)


COMMANDS = {
    "approvals": CommandRoute(Approval, _decide),
    "pause": CommandRoute(Some, lambda migration, body, said: pause(migration, body.machines, said)),
    "resume": CommandRoute(Some, lambda migration, body, said: resume(migration, body.machines, said)),
    "retry": CommandRoute(Some, lambda migration, body, said: retry(migration, body.machines, said)),
    "cancel": CommandRoute(
        Some, lambda migration, body, said: open_roll_back(migration, "cancel", body.machines, said)
    ),
    "rollback": CommandRoute(
        Some, lambda migration, body, said: open_roll_back(migration, "rollback", body.machines, said)
    ),
    "cutover": CommandRoute(
        CutOverNow, lambda migration, body, said: cut_over_now(migration, body.wave, body.machines, said)
    ),
    "skip": CommandRoute(Skipping, lambda migration, body, said: skip(migration, body.machine, body.phase, said)),
    "acknowledge": CommandRoute(
        Acknowledging, lambda migration, body, said: acknowledge(migration, body.concern, body.machine.strip("*"), said)
    ),
}


def _serves(verb: str, command: CommandRoute) -> None:
    """Register the function of a command: do the ledger's part, wake whom it concerns, answer with the new state."""

    async def serve(req: func.HttpRequest, client) -> func.HttpResponse:  # type: ignore # noqa: ANN001, PGH003 - bare: the worker's rule
        migration = req.route_params["migration"]
        steered = await asyncio.to_thread(_steer, migration, command, req)
        await follow(client, steered)
        view = await asyncio.to_thread(lambda: ledger_views.after_command(migration, steered.told, clock.now()))
        return answer_json(view, 202, {"Location": f"/api/migrations/{migration}"})

    serve.__name__ = f"command_{verb}"
    answering = bp.durable_client_input(client_name="client")(admits(verb)(serve))
    bp.route(route=f"api/migrations/{{migration}}/{verb}", methods=["POST"])(answering)


def _steer(migration: str, command: CommandRoute, req: func.HttpRequest) -> CommandOutcome:
    """Read who says what, and do the ledger's part."""
    ledger_views.existing(migration)
    body = read_body(req, command.takes)
    comment = getattr(body, "comment", "") or getattr(body, "reason", "")
    return command.act(migration, body, said_by(person_of(req, body.by), clock.now(), comment))


for _verb, _command in COMMANDS.items():
    _serves(_verb, _command)
