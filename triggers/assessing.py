"""`POST /api/plans/assess`, `GET /api/assessments/{assessment}`: a plan judged with what the clouds tell; nothing is started."""

import asyncio

import azure.functions as func

from shared import clock
from shared.durable.seam import Blueprint
from shared.ledger import assessments
from shared.ledger.assessments import AssessmentOrder, AssessmentResult
from shared.problems import Refused, UnreadableRequest
from shared.reporting import release_commands
from shared.reporting.assessment_pages import KINDS, rendered_assessment
from triggers.admission import admits
from triggers.answering import answer_file, answer_json
from triggers.bodies import plan_in
from triggers.orders import begin_order, look, under_way
from triggers.principal import person_of

bp = Blueprint()


@bp.route(route="api/plans/assess", methods=["POST"])
@bp.durable_client_input(client_name="client")
@admits("assess")
async def begin_assessment(req: func.HttpRequest, client) -> func.HttpResponse:  # type: ignore # noqa: ANN001, PGH003 - bare: the worker's rule
    """Begin to assess a plan: 202 with the place where the assessment will be. No migration is made."""
    now = await asyncio.to_thread(clock.now)
    plan = await asyncio.to_thread(plan_in, req, now)
    order = AssessmentOrder(plan=plan, by=person_of(req, req.params.get("by", "")).name)
    return _under_way(await begin_order(client, order, now))


@bp.route(route="api/assessments/{assessment}", methods=["GET"])
@bp.durable_client_input(client_name="client")
@admits("assessment")
async def show_assessment(req: func.HttpRequest, client) -> func.HttpResponse:  # type: ignore # noqa: ANN001, PGH003 - bare: the worker's rule
    """Give an assessment as JSON, HTML or CSV; 202 while it is made."""
    kind, name = req.params.get("format", "json"), req.route_params["assessment"]
    if kind not in KINDS:
        raise UnreadableRequest(f"format must be one of {', '.join(KINDS)}")
    result, is_made = await look(client, name, assessments.load_order)
    return _under_way(name) if is_made else _answer(result, kind)


def _under_way(name: str) -> func.HttpResponse:
    return under_way(name, f"/api/assessments/{name}")


def _answer(result: AssessmentResult | None, kind: str) -> func.HttpResponse:
    """Answer with what came of it."""
    if result is None or result.assessment is None:
        raise Refused(
            "the assessment ended without a result",
            id="assessment-lost",
            title="An assessment was lost",
            advice=f"Ask for it again: {release_commands.assess()}",
        )
    if kind == "json":
        return answer_json(result.assessment)
    text = rendered_assessment(result.assessment, kind)
    return answer_file(text, kind, result.assessment.id)
