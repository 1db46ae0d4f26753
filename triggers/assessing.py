"""`POST /api/plans/assess`, `GET /api/assessments/{assessment}`: a plan judged with what the clouds tell; nothing is started."""

import asyncio
from typing import Final

import azure.functions as func

from shared import clock
from shared.contracts.contracts import ASSESS_PLAN
from shared.durable.durable_client import ALIVE, UNCERTAIN, start, state
from shared.durable.seam import Blueprint
from shared.ledger import assessments
from shared.ledger.assessments import AssessmentOrder, AssessmentResult
from shared.models import Scope
from shared.plan.reader import read_plan
from shared.problems import Refused, UnreadableRequest, from_facts
from shared.reporting import release_commands
from shared.reporting.assessment_pages import KINDS, rendered_assessment
from shared.reporting.views import AssessmentStatus
from triggers.admission import admits
from triggers.answering import answer_file, answer_json
from triggers.principal import person_of

bp = Blueprint()

A_LOOK: Final = "2"  # seconds until it is worth asking again


@bp.route(route="api/plans/assess", methods=["POST"])
@bp.durable_client_input(client_name="client")
@admits("assess")
async def begin_assessment(req: func.HttpRequest, client) -> func.HttpResponse:  # type: ignore # noqa: ANN001, PGH003 - bare: the worker's rule
    """Begin to assess a plan: 202 with the place where the assessment will be. No migration is made."""
    now = await asyncio.to_thread(clock.now)
    plan = await asyncio.to_thread(read_plan, req.get_body(), req.headers.get("content-type", ""), now)
    order = AssessmentOrder(plan=plan, by=person_of(req, req.params.get("by", "")).name)
    name = assessments.assessment_id(order, now.isoformat())
    await asyncio.to_thread(assessments.save_order, name, order)
    await start(client, ASSESS_PLAN, Scope(migration=name, now=now), instance_of(name))
    return _under_way(name)


@bp.route(route="api/assessments/{assessment}", methods=["GET"])
@bp.durable_client_input(client_name="client")
@admits("assessment")
async def show_assessment(req: func.HttpRequest, client) -> func.HttpResponse:  # type: ignore # noqa: ANN001, PGH003 - bare: the worker's rule
    """Give an assessment as JSON, HTML or CSV; 202 while it is made."""
    kind, name = req.params.get("format", "json"), req.route_params["assessment"]
    if kind not in KINDS:
        raise UnreadableRequest(f"format must be one of {', '.join(KINDS)}")
    result = await asyncio.to_thread(assessments.load_result, name)
    if result is None:
        await asyncio.to_thread(assessments.load_order, name)
        if await state(client, instance_of(name)) in {*ALIVE, UNCERTAIN}:
            return _under_way(name)
        result = await asyncio.to_thread(assessments.load_result, name)  # it may have ended between the two looks
    return _answer(result, kind)


def instance_of(assessment: str) -> str:
    """Give the id of the instance that makes an assessment."""
    return f"assess-plan.{assessment}"


def _under_way(name: str) -> func.HttpResponse:
    place = f"/api/assessments/{name}"
    headers = {"Location": place, "Retry-After": A_LOOK}
    return answer_json(AssessmentStatus(id=name, place=place), 202, headers)


def _answer(result: AssessmentResult | None, kind: str) -> func.HttpResponse:
    """Answer with what came of it. Raises the problem that it ended with."""
    if result is not None and result.problem is not None:
        raise from_facts(result.problem)
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
