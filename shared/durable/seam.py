"""The seam to Durable Functions: typed contracts, and the only ways in which an orchestrator may act and wait.

Three outcomes of an activity: a *reply*; a *refusal* (a `Problem` other than `Busy`: final, travels as data); *busy*
(`Busy`: the seam sleeps on a durable timer, growing to an hour). Anything else is a fault: retried a few times.
Only names that SDK 1.x and 2.x share are used. Traps of the SDK that stay shut here: a losing timer is always
cancelled, no timer is longer than a day, an empty `task_all` is never yielded, children return errors as data.
"""

import json
import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, cast

import azure.durable_functions as df

from shared.contracts.requests import WakeUps
from shared.durable.forms import KNOWN_FORM, refuse_unknown
from shared.durable.replay_log import log
from shared.durable.sdk_generation import generation
from shared.models import Done, Model, Request, Settled
from shared.observability.faults import UnexpectedError, in_one_sentence
from shared.observability.tracing import watched
from shared.problems import Busy, Interrupted, Problem, ProblemData, Refused, from_facts

Asked = TypeVar("Asked", bound=Request)
Reply = TypeVar("Reply", bound=Model)
T = TypeVar("T")


class Blueprint(df.Blueprint):  # type: ignore[misc] # the SDK publishes no types
    """The one blueprint that modules register their functions with."""

    def _register_builtin_http_functions(self) -> None:
        """Leave out what SDK 2.x adds to each blueprint for `call_http`: eighty of them would collide, and nobody calls it."""


FIRST_NAP, LONGEST_NAP = timedelta(seconds=5), timedelta(hours=1)
PATIENCE_WITH_BUSY = timedelta(hours=6)  # then a person should know


@lru_cache(maxsize=2)
def retrying(generation: str) -> Any:
    """Give how a fault is retried (refusals and busy travel as data). SDK 2.x warns where the class of 1.x is made."""
    if generation == "1":
        return df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=4)
    from durabletask.task import RetryPolicy  # noqa: PLC0415 - SDK 1.x does without it

    return RetryPolicy(first_retry_interval=timedelta(seconds=5), max_number_of_attempts=4)


class DurableTask(Protocol):
    """What an orchestrator yields."""

    @property
    def result(self) -> Any:
        """Give what the task came to."""


Waits: TypeAlias = Generator[DurableTask | list[DurableTask], Any, T]


class Timer(DurableTask, Protocol):
    """A task that can be taken back."""

    def cancel(self) -> None:
        """Take it back: an instance cannot end while a timer is open."""


class Context(Protocol):
    """The things that an orchestrator may do; everything else is forbidden by type."""

    @property
    def instance_id(self) -> str: ...  # noqa: D102
    @property
    def is_replaying(self) -> bool: ...  # noqa: D102
    @property
    def current_utc_datetime(self) -> datetime: ...  # noqa: D102
    def call_activity_with_retry(self, name: str, retry_options: Any, input_: Any) -> DurableTask: ...  # noqa: D102
    def call_sub_orchestrator(self, name: str, input_: Any, instance_id: str) -> DurableTask: ...  # noqa: D102
    def create_timer(self, fire_at: datetime) -> Timer: ...  # noqa: D102
    def wait_for_external_event(self, name: str) -> DurableTask: ...  # noqa: D102
    def task_all(self, activities: list[DurableTask]) -> DurableTask: ...  # noqa: D102
    def task_any(self, activities: list[DurableTask]) -> DurableTask: ...  # noqa: D102
    def continue_as_new(self, input_: Any) -> None: ...  # noqa: D102


@dataclass(frozen=True)
class Activity(Generic[Asked, Reply]):
    """The contract of one activity: its name, what it takes and what it gives."""

    name: str
    takes: type[Asked]
    gives: type[Reply]


@dataclass(frozen=True)
class Phase(Generic[Asked, Reply]):
    """The contract of one orchestrator."""

    name: str
    takes: type[Asked]
    gives: type[Reply]


ANNOUNCE = Activity("announce", WakeUps, Done)  # raise events at those who wait: a part of every call


def to_wire(request: Request, now: datetime) -> dict[str, Any]:
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


def call(context: Context, activity: Activity[Asked, Reply], request: Asked) -> Waits[Reply]:
    """Run an activity, and wake whom it settled something for: use as `job = yield from …`, with START_FAILOVER.

    Sleeps while the activity says `Busy`. Raises the activity's `Problem`; `Refused` with id `still-busy` when it was
    busy for six hours in which it came no further.
    """
    reply = yield from _called(context, activity, request)
    if isinstance(reply, Settled) and reply.announcements:
        yield from _called(context, ANNOUNCE, WakeUps(announcements=reply.announcements))
    return reply


def _called(context: Context, activity: Activity[Asked, Reply], request: Asked) -> Waits[Reply]:
    """Run an activity as often as it says that it is busy."""
    slept, nap = timedelta(), FIRST_NAP
    while True:
        wire = to_wire(request, context.current_utc_datetime)
        answer = decoded((yield context.call_activity_with_retry(activity.name, retrying(generation()), wire)))
        if "later" not in answer:
            return read(activity.gives, answer)
        if answer["later"].get("progressed"):
            slept, nap = timedelta(), FIRST_NAP
        if slept >= PATIENCE_WITH_BUSY:
            raise _still_busy(activity.name, slept, answer["later"]["detail"])
        pause = min(max(nap, timedelta(seconds=answer["later"]["after"])), LONGEST_NAP)
        yield context.create_timer(context.current_utc_datetime + pause)
        slept, nap = slept + pause, nap * 2


def _still_busy(name: str, slept: timedelta, detail: str) -> Refused:
    """Say that our patience has ended."""
    return Refused(
        f"{name} found the service busy for {slept}: {detail}",
        id="still-busy",
        title="The service stays busy",
        advice="Look at the service's health and its throttling limits, then retry.",
    )


def run(context: Context, phase: Phase[Asked, Reply], request: Asked, instance_id: str) -> Waits[Reply]:
    """Run an orchestrator as a child under an id that an operator can guess. Raises what it refused with."""
    return read(phase.gives, (yield begin(context, phase, request, instance_id)))


def begin(context: Context, phase: Phase[Asked, Reply], request: Asked, instance_id: str) -> DurableTask:
    """Schedule a child without waiting for it; it must be awaited before the parent may end."""
    return context.call_sub_orchestrator(phase.name, to_wire(request, context.current_utc_datetime), instance_id)


def again(context: Context, request: Request) -> None:
    """Start over with a new input and an empty history. The caller must return at once. Drops unwaited events."""
    context.continue_as_new(to_wire(request, context.current_utc_datetime))


def outcome(body: Waits[T]) -> Waits[T | Problem]:
    """Run a body and give its problem as a value, so that something can be tidied up behind it."""
    try:
        return (yield from body)
    except Problem as problem:
        return problem
    except Exception as fault:  # noqa: BLE001 - a failed task arrives as a bare Exception: its type is lost in SDK 1.x
        return as_problem(fault)


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


def to_refusal(problem: Problem) -> dict[str, Any]:
    """Give a problem as it stands on the wire in the place of a reply."""
    return {"refused": problem.facts.model_dump(mode="json", by_alias=True, exclude_defaults=True)}


def serves(
    bp: Blueprint, activity: Activity[Asked, Reply]
) -> Callable[[Callable[[Asked], Reply]], Callable[[Asked], Reply]]:
    """Register a body as the activity of a contract; the plain body is given back, for tests and for calling."""

    def register(body: Callable[[Asked], Reply]) -> Callable[[Asked], Reply]:
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


def answered(act: Callable[[], Model]) -> dict[str, Any]:
    """Run it and put its outcome into one of the three shapes."""
    try:
        return {"reply": act().model_dump(mode="json", by_alias=True, exclude_defaults=True)}
    except Busy as busy:
        more = {"progressed": True} if busy.progressed else {}
        return {"later": {"after": busy.after.total_seconds(), "detail": str(busy), **more}}
    except Problem as refusal:
        return to_refusal(refusal)


def orchestrates(
    bp: Blueprint, phase: Phase[Asked, Reply], *, root: bool = False
) -> Callable[[Callable[[Context, Asked], Waits[Reply]]], Callable[[Context, Asked], Waits[Reply]]]:
    """Register a body as the orchestrator of a contract; the plain body is given back.

    Its problems and faults end as data, so that no fan-out breaks; a `root` fails instead, so that it is seen.
    """

    def register(body: Callable[[Context, Asked], Waits[Reply]]) -> Callable[[Context, Asked], Waits[Reply]]:
        def orchestrate(context: df.DurableOrchestrationContext) -> Waits[dict[str, Any]]:
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


def _in_known_form(body: Callable[[Context, Asked], Waits[Reply]], context: Context, request: Asked) -> Waits[Reply]:
    """Run the body, unless a later release began this flow in a form that this one does not know."""
    if request.form > KNOWN_FORM:
        raise refuse_unknown(request.form)
    return (yield from body(context, request))
