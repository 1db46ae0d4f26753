"""Registering bodies as the activities and orchestrators of their contracts."""

import logging
from collections.abc import Callable
from typing import cast

from shared.durable.calls import outcome
from shared.durable.forms import KNOWN_FORM, refuse_unknown
from shared.durable.protocol import Activity, Context, Input, Phase, Reply, T, Waits, Wire
from shared.durable.replay_log import log
from shared.durable.sdk import Blueprint, OrchestrationContext
from shared.durable.wire import answered, decoded, to_refusal
from shared.observability.faults import UnexpectedError
from shared.observability.tracing import watched
from shared.problems import Interrupted, Problem


def serves(
    bp: Blueprint, activity: Activity[Input, Reply]
) -> Callable[[Callable[[Input], Reply]], Callable[[Input], Reply]]:
    """Register a body as the activity of a contract; the plain body is given back, for tests and for calling."""

    def register(body: Callable[[Input], Reply]) -> Callable[[Input], Reply]:
        def serve(payload: dict) -> dict:  # type: ignore[type-arg] # the worker accepts only the bare class
            request = activity.takes.model_validate(payload)
            return dict(
                in_short(
                    activity.name, lambda: watched(activity.name, request, lambda: answered(lambda: body(request)))
                )
            )

        serve.__name__ = activity.name
        bp.activity_trigger(input_name="payload", activity=activity.name)(serve)
        return body

    return register


def in_short(name: str, act: Callable[[], T]) -> T:
    """Run it; a fault leaves its trace in the log, and only a sentence with the trace's reference goes on."""
    try:
        return act()
    except Exception as fault:
        raise logged(name, fault) from fault


def logged(name: str, fault: Exception) -> UnexpectedError:
    """Log a fault and give what may be told of it."""
    error = UnexpectedError(fault)
    logging.getLogger("azferry").error("%s failed (reference %s)", name, error.reference, exc_info=fault)
    return error


def orchestrates(
    bp: Blueprint, phase: Phase[Input, Reply], *, root: bool = False
) -> Callable[[Callable[[Context, Input], Waits[Reply]]], Callable[[Context, Input], Waits[Reply]]]:
    """Register a body as the orchestrator of a contract; the plain body is given back.

    Its problems and faults end as data, so that no fan-out breaks; a `root` fails instead, so that it is seen.
    """

    def register(body: Callable[[Context, Input], Waits[Reply]]) -> Callable[[Context, Input], Waits[Reply]]:
        def orchestrate(context: OrchestrationContext) -> Waits[Wire]:
            request = phase.takes.model_validate(decoded(context.get_input()))
            ended = yield from outcome(_in_known_form(body, cast(Context, context), request))
            if isinstance(ended, Problem):
                log(context).warning(
                    "%s stopped: %s %s", phase.name, ended.facts.id, ended.facts.code
                )  # its text is in the ledger
                if root and not isinstance(ended, Interrupted):
                    raise ended
                return to_refusal(ended)
            return {"reply": ended.model_dump(mode="json", by_alias=True, exclude_defaults=True)}

        orchestrate.__name__ = phase.name
        bp.orchestration_trigger(context_name="context", orchestration=phase.name)(orchestrate)
        return body

    return register


def _in_known_form(body: Callable[[Context, Input], Waits[Reply]], context: Context, request: Input) -> Waits[Reply]:
    """Run the body, unless a later release began this flow in a form that this one does not know."""
    if request.form > KNOWN_FORM:
        raise refuse_unknown(request.form)
    return (yield from body(context, request))
