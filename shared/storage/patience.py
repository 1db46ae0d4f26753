"""How long storage may take: for the app's own work, for who waits in front of a screen, for a probe."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from azure.core.exceptions import ServiceResponseError, ServiceResponseTimeoutError

BUSY: Final = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Patience:
    """How long one operation of storage may take: tries after the first, seconds to connect and to hear something."""

    tries: int
    connecting: int
    reading: int

    def options(self, **more: Any) -> dict[str, Any]:
        """Give it as the SDK's clients take it, with more of their options."""
        sending = {"connection_timeout": self.connecting, "read_timeout": self.reading, **more}
        return {"retry_total": self.tries, **sending} | ({} if self.tries else {"transport": _once_more()(**sending)})


@cache
def _once_more() -> Callable[..., Any]:
    """Give the transport that sends once more where the connection was lost: a kept one may have been closed since."""
    from azure.core.pipeline.transport import RequestsTransport  # noqa: PLC0415 - `requests` is slow to read

    class OnceMore(RequestsTransport):  # type: ignore[misc] # azure-core gives the class lazily, without its type
        """A time-out is told at once; a body is bytes, so it can be sent again."""

        def send(self, request: Any, **options: Any) -> Any:
            """Give the answer. Raises what the transport raises."""
            try:
                return super().send(request, **options)
            except ServiceResponseTimeoutError:
                raise
            except ServiceResponseError:
                return super().send(request, **options)

    return OnceMore


QUICK: Final = Patience(tries=2, connecting=5, reading=30)
FOR_PEOPLE: Final = Patience(tries=0, connecting=5, reading=5)  # who waits in front of a screen is told soon
FOR_A_PROBE: Final = Patience(tries=0, connecting=2, reading=2)
_patience: ContextVar[Patience] = ContextVar("patience", default=QUICK)


@contextmanager
def with_patience(patience: Patience) -> Iterator[None]:
    """Ask storage with this patience within the block, also in the threads that it starts."""
    token = _patience.set(patience)
    try:
        yield
    finally:
        _patience.reset(token)


def patience_now() -> Patience:
    """Give the patience with which storage is asked here."""
    return _patience.get()
