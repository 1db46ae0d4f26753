"""`GET /api/doctor` looks at all that the app needs; `POST` at what a plan needs besides. Both only read."""

import azure.functions as func

from shared import clock
from shared.durable.seam import Blueprint
from shared.plan.model import Plan
from triggers.admission import admits
from triggers.answering import answer_json
from triggers.bodies import plan_in
from triggers.principal import person_of

bp = Blueprint()


@bp.route(route="api/doctor", methods=["GET"])
@admits("doctor")
def doctor(req: func.HttpRequest) -> func.HttpResponse:
    """Look at the app, and at the places that its settings name."""
    return _examined(req)


@bp.route(route="api/doctor", methods=["POST"])
@admits("doctor-of-plan")
def doctor_of_plan(req: func.HttpRequest) -> func.HttpResponse:
    """Look at the app, and at what a plan needs."""
    return _examined(req, plan_in(req, clock.now()))


def _examined(req: func.HttpRequest, plan: Plan | None = None) -> func.HttpResponse:
    from shared.doctor.examination import examine  # noqa: PLC0415 - it knows all clouds; seldom asked

    return answer_json(examine(person_of(req), plan))
