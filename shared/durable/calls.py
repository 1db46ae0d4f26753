"""What an orchestrator asks for: activities, which may be busy for a while, and children; a problem comes as data."""

from datetime import timedelta

from shared.contracts.requests import WakeUps
from shared.durable.protocol import Activity, Context, DurableTask, Input, Phase, Reply, T, Waits
from shared.durable.sdk import retrying
from shared.durable.sdk_generation import generation
from shared.durable.wire import as_problem, decoded, read, to_wire
from shared.models import Done, Request, Settled
from shared.problems import Problem, Refused

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
PATIENCE_WITH_BUSY = timedelta(hours=6)  # then a person should know
ANNOUNCE = Activity("announce", WakeUps, Done)  # raise events at those who wait: a part of every call


def call(context: Context, activity: Activity[Input, Reply], request: Input) -> Waits[Reply]:
    """Run an activity, and wake whom it settled something for: use as `job = yield from …`, with START_FAILOVER.

    Sleeps while the activity says `Busy`. Raises the activity's `Problem`; `Refused` with id `still-busy` when it was
    busy for six hours in which it came no further.
    """
    reply = yield from _called(context, activity, request)
    if isinstance(reply, Settled) and reply.announcements:
        yield from _called(context, ANNOUNCE, WakeUps(announcements=reply.announcements))
    return reply


def _called(context: Context, activity: Activity[Input, Reply], request: Input) -> Waits[Reply]:
    """Run an activity as often as it says that it is busy."""
    slept, pause_after = timedelta(), FIRST_PAUSE
    while True:
        wire = to_wire(request, context.current_utc_datetime)
        answer = decoded((yield context.call_activity_with_retry(activity.name, retrying(generation()), wire)))
        if "later" not in answer:
            return read(activity.gives, answer)
        if answer["later"].get("progressed"):
            slept, pause_after = timedelta(), FIRST_PAUSE
        if slept >= PATIENCE_WITH_BUSY:
            raise _still_busy(activity.name, slept, answer["later"]["detail"])
        pause = min(max(pause_after, timedelta(seconds=answer["later"]["after"])), LONGEST_PAUSE)
        yield context.create_timer(context.current_utc_datetime + pause)
        slept, pause_after = slept + pause, pause_after * 2


def _still_busy(name: str, slept: timedelta, detail: str) -> Refused:
    """Say that our patience has ended."""
    return Refused(
        f"{name} found the service busy for {slept}: {detail}",
        id="still-busy",
        title="The service stays busy",
        advice="Look at the service's health and its throttling limits, then retry.",
    )


def run(context: Context, phase: Phase[Input, Reply], request: Input, instance_id: str) -> Waits[Reply]:
    """Run an orchestrator as a child under an id that an operator can guess. Raises what it refused with."""
    return read(phase.gives, (yield begin(context, phase, request, instance_id)))


def begin(context: Context, phase: Phase[Input, Reply], request: Input, instance_id: str) -> DurableTask:
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
