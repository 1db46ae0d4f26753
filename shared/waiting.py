"""How an orchestrator waits: for a moment, or for an event raced against its patience."""

from datetime import datetime, timedelta

from shared.durable import Context, Waits

LONGEST_TIMER = timedelta(days=1)  # timers over six days are split by the SDK, and the split ones cannot be cancelled


def sleep(context: Context, duration: timedelta) -> Waits[None]:
    """Sleep on durable timers of at most a day."""
    yield from sleep_until(context, context.current_utc_datetime + duration)


def sleep_until(context: Context, moment: datetime) -> Waits[None]:
    """Sleep until a moment, on durable timers of at most a day."""
    while context.current_utc_datetime < moment:
        yield context.create_timer(min(moment, context.current_utc_datetime + LONGEST_TIMER))


def event_or_patience(context: Context, event: str, patience: timedelta) -> Waits[bool]:
    """Wait for an event at most `patience` (cut to a day); True when it came. A name may be waited for only once.

    The payload is ignored: an event is a hint, the waiter looks for itself.
    """
    timer = context.create_timer(context.current_utc_datetime + min(patience, LONGEST_TIMER))
    told = context.wait_for_external_event(event)
    winner = yield context.task_any([told, timer])
    if winner is timer:
        return False
    timer.cancel()
    return True
