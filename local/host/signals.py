"""Turns Ctrl-C and SIGTERM into one event that the host waits for."""

import asyncio
import signal


def stop_event(loop: asyncio.AbstractEventLoop) -> asyncio.Event:
    """Give the event that is set when this process is asked to stop."""
    event = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, event.set)
        except NotImplementedError:  # Windows' loops have no signal handlers
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(event.set))
    return event
