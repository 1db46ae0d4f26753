"""`POST /api/plans/validate`, `GET /api/schemas/plan`: plans before they start; `GET …/plan`: the one that a migration runs."""

import json
from typing import Final

import azure.functions as func

from shared import clock
from shared.durable.seam import Blueprint
from shared.intake.register import check_deciders
from shared.intake.validate import validation_of
from shared.ledger import migrations, plans
from shared.notifications.receivers import check_receivers
from shared.plan.plan_yaml import plan_text
from shared.plan.schema import plan_schema
from shared.plan.underlaying import attributing
from shared.problems import UnreadableRequest
from triggers.admission import admits
from triggers.answering import answer_json
from triggers.bodies import plan_in
from triggers.principal import person_of

bp = Blueprint()

FORMATS: Final = ("json", "yaml")


@bp.route(route="api/plans/validate", methods=["POST"])
@admits("validate")
def validate_plan(req: func.HttpRequest) -> func.HttpResponse:
    """Judge a plan as far as that goes without the clouds; nothing is created."""
    plan = plan_in(req, clock.now())
    with attributing(plan):
        check_deciders(plan, person_of(req))
        check_receivers(plan)
    return answer_json(validation_of(plan))


@bp.route(route="api/schemas/plan", methods=["GET"])
@admits("schema")
def schema_of_plan(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the worker gives it by name
    """Give the JSON Schema of plans."""
    return answer_json(plan_schema())


@bp.route(route="api/migrations/{migration}/plan", methods=["GET"])
@admits("plan")
def plan_of_migration(req: func.HttpRequest) -> func.HttpResponse:
    """Give the plan of a migration as it was frozen, with the machines that are left out of the work."""
    kind, migration = req.params.get("format", "json"), req.route_params["migration"]
    if kind not in FORMATS:
        raise UnreadableRequest(f"format must be one of {', '.join(FORMATS)}")
    migrations.existing(migration)
    document = json.loads(plans.load(migration))
    if kind == "json":
        return answer_json(document)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return func.HttpResponse(plan_text(document), mimetype="application/yaml", charset="utf-8", headers=headers)
