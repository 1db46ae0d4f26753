"""Messages of the queue: a plan as JSON, base64 or YAML, or the name of a blob that holds one."""

import base64
import binascii
from datetime import datetime
from typing import Any, Final

from shared.intake.known_profiles import ProfilesToStart
from shared.ledger import events
from shared.ledger.event_data import EventData
from shared.ledger.inbox import load_sent
from shared.models import Model, Scope
from shared.plan.documents import read_document
from shared.plan.model import Plan
from shared.plan.reader import read_plan, to_plan
from shared.problems import NotFound, Problem, UnreadablePlan
from shared.reporting.problem_document import ProblemDocument
from shared.reporting.problem_documents import to_document

INTAKE: Final = "intake"  # messages that are no plan belong to this migration, which is none
MOST_REASONS: Final = 100
PLAN_BLOB: Final = "planBlob"


class Refusal(Model):
    """A message that was refused, as it goes to the poison queue."""

    message: str
    id: str = ""
    reasons: ProblemDocument


def plan_of_message(body: bytes, now: datetime) -> Plan:
    """Return the plan of a message: JSON first, then base64, then YAML.

    Raise what `read_plan` raises, `NotFound`, and `UnreadableRequest` for a blob's name that is none of a sent plan.
    """
    document = _document(body)
    if isinstance(document, dict) and document.keys() == {PLAN_BLOB}:
        name = document[PLAN_BLOB]
        found = load_sent(str(name))
        if found is None:
            raise NotFound(
                f"there is no plan blob {str(name)[:256]}", advice="Upload the plan first, then send its name."
            )
        return read_plan(found, "", now, ProfilesToStart())
    return to_plan(document, now, ProfilesToStart())


def refuse(body: bytes, message_id: str, at: datetime, problem: Problem) -> Refusal:
    """Write a message that cannot be taken in into the ledger, whole, with its reasons; gives what to keep of it."""
    reasons = ProblemDocument.model_validate(to_document(problem))
    reasons = reasons.model_copy(update={"errors": reasons.errors[:MOST_REASONS]})
    refusal = Refusal(message=body.decode("utf-8", "backslashreplace"), id=message_id, reasons=reasons)
    place = Scope(migration=INTAKE, phase=message_id, round=0, now=at)
    text = f"a message was refused: {problem.facts.title}: {problem.facts.detail}"
    events.write(
        place, "message-refused", text, data=EventData(message=refusal.message, id=refusal.id, reasons=refusal.reasons)
    )
    return refusal


def _document(body: bytes) -> Any:
    """Give the data of a message."""
    try:
        return read_document(body, "application/json")
    except UnreadablePlan:
        decoded = _decoded(body)
        return read_document(body, "application/yaml") if decoded is None else read_document(decoded, "")


def _decoded(body: bytes) -> bytes | None:
    """Decode base64 of text; None when it is none: many a word happens to be base64 of something."""
    try:
        decoded = base64.b64decode(body.strip().replace(b"\r", b"").replace(b"\n", b""), validate=True)
        return decoded if decoded.decode() else None
    except (binascii.Error, UnicodeDecodeError):
        return None
