"""Watch a vault: one listing per kind and tick serves all who wait for something in it."""

from datetime import timedelta

from shared.contracts.contracts import READ_VAULT, RECONCILE, WATCH_VAULT
from shared.contracts.watcher import TICKS_PER_HISTORY, Watch
from shared.durable.seam import Blueprint, Context, Waits, again, call, orchestrates, outcome
from shared.models import Done

bp = Blueprint()


@orchestrates(bp, WATCH_VAULT, root=True)
def watch_vault(context: Context, watch: Watch) -> Waits[Done]:
    """End when no row is left; whoever arms a wait later starts the watcher again."""
    for _ in range(watch.ticks):
        ticked = yield from call(context, READ_VAULT, watch)
        if ticked.unreconciled:
            yield from outcome(call(context, RECONCILE, watch))
        if not ticked.rows:
            return Done()
        watch = watch.replace(listed=ticked.listed)
        yield context.create_timer(context.current_utc_datetime + timedelta(seconds=ticked.next))
    again(context, watch.replace(ticks=TICKS_PER_HISTORY))
    return Done()
