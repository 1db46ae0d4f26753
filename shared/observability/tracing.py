"""One trace a migration: a span around each of its activities, and counters of how they end.

Only the API of OpenTelemetry is used in here: until `shared.observability.telemetry` sets it up, all of it does nothing. The trace id
is made from the migration's id, so every process on every day adds to the same trace.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, StatusCode, TraceFlags

from shared.models import Request

TRACER = trace.get_tracer("azferry")
METER = metrics.get_meter("azferry")
ACTIVITIES = METER.create_counter("azferry_activities_total", "1", "activities run, by how they ended")
PLACES = ("migration", "wave", "machine", "phase", "round")
FAULT = "fault"


def trace_id(migration: str) -> int:
    """Give the trace id of a migration: 128 bits of a hash of its id."""
    return int.from_bytes(sha256(f"azferry trace {migration}".encode()).digest()[:16])


def watched(name: str, request: Request, act: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Run an activity within a span of its migration's trace, if it belongs to one, and count how it ended."""
    outcome, problem = FAULT, ""
    try:
        answer = _within_span(name, request, act)
        outcome, problem = ended(answer)
    finally:
        ACTIVITIES.add(1, {"activity": name, "outcome": outcome} | ({"problem": problem} if problem else {}))
    return answer


def ended(answer: Mapping[str, Any]) -> tuple[str, str]:
    """Give how an activity ended (reply, refused, later) and, where it refused, the problem's id."""
    outcome = next(iter(answer), FAULT)
    problem = answer[outcome].get("id", "") if outcome == "refused" else ""
    return outcome, str(problem)


def _within_span(name: str, request: Request, act: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    migration = getattr(request, "migration", "")
    if not migration:
        return act()
    attributes = {f"azferry.{each}": getattr(request, each) for each in PLACES if getattr(request, each, "")}
    # an exception's text may hold what a service said; the host logs it once, the span only bears its type
    with TRACER.start_as_current_span(
        name, _parent(migration), SpanKind.INTERNAL, attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            answer = act()
        except Exception as fault:
            _fails(span, FAULT, type(fault).__name__)
            raise
        _mark(span, *ended(answer))
        return answer


def _mark(span: Span, outcome: str, problem: str) -> None:
    span.set_attribute("azferry.outcome", outcome)
    if outcome == "refused":
        _fails(span, outcome, problem)


def _fails(span: Span, outcome: str, problem: str) -> None:
    span.set_attributes({"azferry.outcome": outcome, "azferry.problem": problem})
    span.set_status(StatusCode.ERROR, problem)


def _parent(migration: str) -> Context:
    """Give a parent in the migration's trace; nobody records it, all activities of a migration hang under it."""
    number = trace_id(migration)
    remote = SpanContext(number, number & (2**64 - 1) or 1, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return trace.set_span_in_context(NonRecordingSpan(remote))
