"""`/api/migrations/{id}/…`: what operators tell a running migration; each is written down, then followed."""

import asyncio
from collections.abc import Callable
from typing import Literal

import azure.functions as func
from pydantic import Field

from shared.durable import Blueprint
from shared.gates import Verdict
from shared.hub import Client
from shared.steering import deciding, pausing, rounds
from shared.steering.deciding import Answer
from shared.steering.steered import Said, Steered, existing, follow
from triggers.answering import Command, answers_problems, body_of, reply, said_by

bp = Blueprint()

ONE = "api/migrations/{migration}"


class ForMachines(Command):
    """A command for some machines, or for all of them."""

    machines: tuple[str, ...] = Field(default=(), max_length=20_000, description="none = all that it can be for")


class Approval(ForMachines):
    """A decision at a gate."""

    gate: str = Field(min_length=1, max_length=64)
    decision: Literal["approve", "reject", "confirm"] = "approve"
    wave: str = ""


class CutOver(ForMachines):
    """Begin the cutover of a wave now."""

    wave: str = Field(min_length=1)


class Skipping(Command):
    """Leave a phase of a machine out."""

    machine: str = Field(min_length=1)
    phase: str = Field(min_length=1)


class Acknowledging(Command):
    """Take a concern upon oneself."""

    concern: str = Field(min_length=1)
    machine: str = "*"
    reason: str = Field(min_length=1)


async def _steer(
    req: func.HttpRequest, client: Client, command: Command, steer: Callable[[str, Said], Steered]
) -> func.HttpResponse:
    """Write it down, follow it, answer how the migration stands."""
    migration = req.route_params["migration"]
    steered = await asyncio.to_thread(lambda: steer(migration, said_by(req, command)))
    await follow(client, steered)
    row = await asyncio.to_thread(existing, migration)
    said = {"id": row.id, "status": row.status.value, "outcome": row.outcome.value, "round": row.round}
    return reply(said, 202, {"Location": f"/api/migrations/{row.id}"})


@bp.route(route=ONE + "/approvals", methods=["POST"])
@bp.durable_client_input(client_name="client")
@answers_problems
async def decide(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Approve, reject or confirm at a gate, for all that wait there or for some."""
    said = body_of(req, Approval)
    answer = Answer(gate=said.gate, decision=Verdict(said.decision), wave=said.wave, machines=said.machines)
    return await _steer(req, client, said, lambda migration, by: deciding.decide(migration, answer, by))


@bp.route(route=ONE + "/pause", methods=["POST"])
@bp.durable_client_input(client_name="client")
@answers_problems
async def pause(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Hold machines where it is safe to stay."""
    said = body_of(req, ForMachines)
    return await _steer(req, client, said, lambda migration, by: pausing.pause(migration, said.machines, by))


@bp.route(route=ONE + "/resume", methods=["POST"])
@bp.durable_client_input(client_name="client")
@answers_problems
async def resume(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Let paused machines go on."""
    said = body_of(req, ForMachines)
    return await _steer(req, client, said, lambda migration, by: pausing.resume(migration, said.machines, by))


@bp.route(route=ONE + "/cancel", methods=["POST"])
@bp.durable_client_input(client_name="client")
@answers_problems
async def cancel(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Give machines up: the source serves, replication is removed."""
    said = body_of(req, ForMachines)
    return await _steer(
        req, client, said, lambda migration, by: rounds.open_roll_back(migration, "cancel", said.machines, by)
    )


@bp.route(route=ONE + "/rollback", methods=["POST"])
@bp.durable_client_input(client_name="client")
@answers_problems
async def rollback(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Restore service on the source."""
    said = body_of(req, ForMachines)
    return await _steer(
        req, client, said, lambda migration, by: rounds.open_roll_back(migration, "rollback", said.machines, by)
    )


@bp.route(route=ONE + "/retry", methods=["POST"])
@bp.durable_client_input(client_name="client")
@answers_problems
async def retry(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Send failed machines on their way again, each from where it failed."""
    said = body_of(req, ForMachines)
    return await _steer(req, client, said, lambda migration, by: rounds.retry(migration, said.machines, by))


@bp.route(route=ONE + "/skip", methods=["POST"])
@bp.durable_client_input(client_name="client")
@answers_problems
async def skip(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Leave a phase of a machine out, with a reason."""
    said = body_of(req, Skipping)
    return await _steer(req, client, said, lambda migration, by: deciding.skip(migration, said.machine, said.phase, by))


@bp.route(route=ONE + "/cutover", methods=["POST"])
@bp.durable_client_input(client_name="client")
@answers_problems
async def cutover(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Begin the cutover of a wave without waiting for approval or window."""
    said = body_of(req, CutOver)
    return await _steer(
        req, client, said, lambda migration, by: deciding.cut_over_now(migration, said.wave, said.machines, by)
    )


@bp.route(route=ONE + "/acknowledge", methods=["POST"])
@bp.durable_client_input(client_name="client")
@answers_problems
async def acknowledge(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Take a concern upon oneself; the machine goes on when it is retried."""
    said = body_of(req, Acknowledging)

    def steer(migration: str, by: Said) -> Steered:
        return deciding.acknowledge(migration, said.concern, said.machine, by.but(comment=said.reason))

    return await _steer(req, client, said, steer)
