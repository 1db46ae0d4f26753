"""How an orchestrator waits: for an event, raced against its patience."""

from datetime import timedelta
from itertools import count
from math import ceil
from typing import TypeVar

from shared.contracts.contracts import ENTER, POLL_JOB
from shared.contracts.requests import Poll, PollResult, Submitted, where
from shared.durable.seam import Activity, Context, DurableTask, Waits, call
from shared.models import Model, Scope
from shared.problems import HeldByPause
from shared.scheduling.patience import grown

Looking = TypeVar("Looking", bound=Poll)
Sight = TypeVar("Sight", bound=PollResult)
Place = TypeVar("Place", bound=Scope)
Reply = TypeVar("Reply", bound=Model)

LONGEST_TIMER = timedelta(days=1)  # timers over six days are split by the SDK, and the split ones cannot be cancelled


def whole(time: timedelta) -> timedelta:
    """Give whole seconds, at least one, and one more: a timer may fire up to a second before its time.

    Whoever sleeps until a moment and then looks at the clock would go round and round in the last second before it.
    """
    return timedelta(seconds=max(1, ceil(time.total_seconds())) + 1)


def event_or_patience(context: Context, event: str, patience: timedelta) -> Waits[bool]:
    """Wait for an event at most `patience` (cut to a day); True when it came. A name may be waited for only once.

    The payload is ignored: an event is a hint, the waiter looks for itself.
    """
    timer = context.create_timer(context.current_utc_datetime + min(whole(patience), LONGEST_TIMER))
    arrival = context.wait_for_external_event(event)
    winner = yield context.task_any([arrival, timer])
    if winner is timer:
        return False
    timer.cancel()
    return True


def set_off(context: Context, task: DurableTask) -> Waits[None]:
    """Let a child begin without waiting for it: the SDK schedules a task when it is yielded, not when it is made.

    The child must still be awaited before its parent may end.
    """
    timer = context.create_timer(context.current_utc_datetime)
    winner = yield context.task_any([task, timer])
    if winner is not timer:
        timer.cancel()


def until(context: Context, poll: Activity[Looking, Sight], request: Looking) -> Waits[Sight]:
    """Look until what is seen is settled; between looks wait for the event that the look armed, or its patience.

    The patience grows with the wait, unless the look says that its next one is due at a moment. The first look of a phase
    enters it.
    """
    since = context.current_utc_datetime
    for turn in count(1):
        armed = arm(context, poll.name, request, turn).replace(since=since)
        try:
            seen = yield from call(context, poll, armed)
        except HeldByPause:
            request = yield from _resumed(context, request)
            since = context.current_utc_datetime
            continue
        if seen.settled:
            break
        request = request.replace(enters="")
        yield from event_or_patience(context, armed.event, patience_of(seen, context.current_utc_datetime - since))
    return seen


def first(context: Context, activity: Activity[Place, Reply], request: Place) -> Waits[Reply]:
    """Run the first activity of a phase, which enters it; where a pause holds the machine, wait until it is resumed."""
    try:
        return (yield from call(context, activity, request))
    except HeldByPause:
        request = yield from _resumed(context, request)
    return (yield from call(context, activity, request))


def _resumed(context: Context, request: Place) -> Waits[Place]:
    """Enter a phase when its machine is not paused any more; give what its first activity is asked then."""
    entered = request.replace(enters="")
    yield from until(context, ENTER, Poll(**where(entered), owner=request.enters, tag=request.phase))
    return entered.replace(since=context.current_utc_datetime) if isinstance(entered, Poll) else entered


def patience_of(result: PollResult, waited: timedelta) -> timedelta:
    """Give how long to wait for the next look, after so long a wait."""
    patience = timedelta(seconds=result.patience)
    return patience if result.exact else grown(patience, waited)


def asleep(context: Context, patience: int) -> Waits[None]:
    """Sleep so many seconds, unless there are none."""
    if patience:
        yield context.create_timer(context.current_utc_datetime + timedelta(seconds=patience))


def arm(context: Context, name: str, request: Looking, turn: int) -> Looking:
    """Give the request whom to wake and by which event; each look has an event name of its own."""
    event = ":".join(part for part in (name, request.tag if request.tag != name else "", str(turn)) if part)
    return request.replace(instance=context.instance_id, event=event, since=context.current_utc_datetime)


def submit(
    context: Context, activity: Activity[Looking, Submitted], request: Looking, turn: int = 1
) -> Waits[Submitted]:
    """Submit something and wait until its job has ended well; raises what the cloud said when it did not.

    The activity arms the wait before it answers, so that the watcher may be quicker than we are. The tag makes it the
    same wait that the looks at the job arm again and take back; `turn` tells several submissions of one activity apart.
    """
    tag = activity.name if turn == 1 else f"{activity.name}{turn}"
    submitted = yield from sent(context, activity, request, tag)
    if submitted.job:
        here = where(request.replace(enters=""))
        yield from until(context, POLL_JOB, Poll(**here, job=submitted.job, tag=tag, urgent=request.urgent))
    return submitted


def sent(context: Context, activity: Activity[Looking, Submitted], request: Looking, tag: str) -> Waits[Submitted]:
    """Submit something and wait until its job is worth a look, which the caller then takes with the same tag."""
    armed = arm(context, activity.name, request.replace(tag=tag), 0)
    submitted = yield from first(context, activity, armed)
    if submitted.job:
        yield from event_or_patience(context, armed.event, timedelta(seconds=submitted.patience))
    return submitted


def submit_each(context: Context, activity: Activity[Looking, Submitted], request: Looking) -> Waits[None]:
    """Submit one thing after another, each after the job of the one before, until the activity says that it is all."""
    for turn in count(1):
        submitted = yield from submit(context, activity, request, turn)
        if not submitted.more:
            return
        request = request.replace(enters="")
