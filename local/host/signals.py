"""Turns Ctrl-C and SIGTERM into one event that the host waits for."""

import asyncio
import os
import signal

INTERRUPTED = 130


def stop_event(loop: asyncio.AbstractEventLoop) -> asyncio.Event:
    """Give the event that is set when this process is asked to stop; asked twice it ends at once."""
    event = asyncio.Event()

    def stop() -> None:
        if event.is_set():
            # Ending at any moment is safe: all that was acknowledged is on disk.
            os._exit(INTERRUPTED)
        event.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows' loops have no signal handlers
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
    return event
