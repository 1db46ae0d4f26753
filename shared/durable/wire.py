"""Requests, replies and problems as they travel between orchestrators and activities: plain JSON in one of three shapes.

A *reply*; a *refusal* (a `Problem` other than `Busy`: final); *busy* (`Busy`: the caller sleeps and asks again).
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from shared.durable.protocol import Reply, Wire
from shared.models import Model, Request
from shared.observability.faults import in_one_sentence
from shared.problems import Busy, Problem, ProblemData, Refused, from_facts


def to_wire(request: Request, now: datetime) -> Wire:
    """Give plain JSON, stamped with the orchestrator's clock."""
    return request.replace(now=now).model_dump(mode="json", by_alias=True, exclude_defaults=True)


def decoded(answer: Any) -> Any:
    """Decode once more where the payload came as JSON text: events and children do, depending on who sent them."""
    return json.loads(answer) if isinstance(answer, str) and answer[:1] in '{["' else answer


def read(gives: type[Reply], answer: Any) -> Reply:
    """Read a reply from the wire, or raise the refusal that stands in its place."""
    document = decoded(answer)
    if "refused" in document:
        raise from_facts(ProblemData.model_validate(document["refused"]))
    return gives.model_validate(document["reply"])


def as_problem(fault: Exception) -> Problem:
    """Give a fault as data; nobody expected it, so all it has is one sentence and the reference of its trace."""
    if isinstance(fault, Problem):
        return fault
    return Refused(
        in_one_sentence(str(fault)),
        id="fault",
        title="Unexpected failure",
        advice="This is a defect or a crash, not a refusal. Retry; if it comes back, look for the reference in the "
        "app's log and report both.",
    )


def to_refusal(problem: Problem) -> Wire:
    """Give a problem as it stands on the wire in the place of a reply."""
    return {"refused": problem.facts.model_dump(mode="json", by_alias=True, exclude_defaults=True)}


def answered(act: Callable[[], Model]) -> Wire:
    """Run it and put its outcome into one of the three shapes."""
    try:
        return {"reply": act().model_dump(mode="json", by_alias=True, exclude_defaults=True)}
    except Busy as busy:
        more = {"progressed": True} if busy.progressed else {}
        return {"later": {"after": busy.after.total_seconds(), "detail": str(busy), **more}}
    except Problem as refusal:
        return to_refusal(refusal)
