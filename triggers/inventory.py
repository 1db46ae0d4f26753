"""`POST /api/inventory`, `GET /api/inventories/{inventory}`: what is there before a plan is; nothing is started.

`POST /api/plans/select` tells what the selections of a plan find now.
"""

import asyncio

import azure.functions as func

from shared import clock
from shared.durable.seam import Blueprint
from shared.intake.known_profiles import KEPT_PROFILES
from shared.ledger import assessments
from shared.ledger.assessments import AssessmentOrder, AssessmentResult, GivenPlan, InventoryOrder
from shared.plan.inventory_place import place_of
from shared.plan.reader import read_plan
from shared.problems import NotFound, Refused, UnreadableRequest
from shared.reporting import release_commands
from shared.reporting.inventory import KINDS, rendered_inventory
from triggers.admission import admits
from triggers.answering import answer_file, answer_json
from triggers.bodies import InventoryRequest, plan_in, read_body
from triggers.orders import begin_order, look, under_way
from triggers.principal import person_of

bp = Blueprint()

LARGEST = 64 * 1024 * 1024


@bp.route(route="api/inventory", methods=["POST"])
@bp.durable_client_input(client_name="client")
@admits("take-inventory")
async def begin_inventory(req: func.HttpRequest, client) -> func.HttpResponse:  # type: ignore # noqa: ANN001, PGH003 - bare: the worker's rule
    """Begin to list the machines of a place: 202 with the place where the inventory will be."""
    now = await asyncio.to_thread(clock.now)
    order = await asyncio.to_thread(_order, req)
    return _under_way(await begin_order(client, order, now))


def _order(req: func.HttpRequest) -> AssessmentOrder:
    wanted = read_body(req, InventoryRequest, LARGEST)
    place, known = place_of(wanted.place, KEPT_PROFILES)
    given = tuple(
        GivenPlan(name=each.name, plan=read_plan(each.text.encode(), "", profiles=KEPT_PROFILES))
        for each in wanted.plans
    )
    by = person_of(req, wanted.by).name
    return AssessmentOrder(plan=place, by=by, inventory=InventoryOrder(target_known=known, plans=given))


@bp.route(route="api/inventories/{inventory}", methods=["GET"])
@bp.durable_client_input(client_name="client")
@admits("inventory")
async def show_inventory(req: func.HttpRequest, client) -> func.HttpResponse:  # type: ignore # noqa: ANN001, PGH003 - bare: the worker's rule
    """Give an inventory as JSON or as CSV that `import` reads; 202 while it is made."""
    kind, name = req.params.get("format", "json"), req.route_params["inventory"]
    if kind not in KINDS:
        raise UnreadableRequest(f"format must be one of {', '.join(KINDS)}")
    result, is_made = await look(client, name, _ordered)
    return _under_way(name) if is_made else _answer(result, kind)


@bp.route(route="api/plans/select", methods=["POST"])
@admits("select")
def preview_selections(req: func.HttpRequest) -> func.HttpResponse:
    """Tell which machines the selections of a plan find now; nothing is kept."""
    from shared.sources.previewing import preview  # noqa: PLC0415 - it knows all clouds; seldom asked

    return answer_json(preview(plan_in(req, clock.now())))


def _ordered(name: str) -> None:
    if assessments.load_order(name).inventory is None:
        raise NotFound(f"{name} is an assessment", advice=f"GET /api/assessments/{name}")


def _under_way(name: str) -> func.HttpResponse:
    return under_way(name, f"/api/inventories/{name}")


def _answer(result: AssessmentResult | None, kind: str) -> func.HttpResponse:
    """Answer with what was found."""
    if result is None or result.inventory is None:
        raise Refused(
            "there is no such inventory, or it ended without a result",
            id="inventory-lost",
            title="An inventory was lost",
            advice=f"Ask for it again: {release_commands.inventory()}",
        )
    if kind == "json":
        return answer_json(result.inventory)
    return answer_file(rendered_inventory(result.inventory, kind), kind, result.inventory.id)
