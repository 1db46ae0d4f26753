"""Work that somebody outside asks of the turn thread."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from .store import Store


class Call:
    """Work from outside that is done inside a transaction and answered after its commit."""

    def __init__(self, work: Callable[[], Any], future: "Future[Any]") -> None:
        self._work, self._future = work, future
        self._result: Any = None
        self._error: BaseException | None = None

    def run(self, store: Store) -> None:
        """Do the work; what a refused call wrote is taken back."""
        store.mark()
        try:
            self._result = self._work()
        except Exception as error:  # noqa: BLE001 - the caller gets it
            store.back_to_mark()
            self._error = error

    def refuse(self, error: BaseException) -> None:
        """Answer without doing the work."""
        self._error = error
        self.answer()

    def answer(self) -> None:
        """Let the caller go on."""
        if self._future.done() or not self._future.set_running_or_notify_cancel():
            return
        if self._error is not None:
            self._future.set_exception(self._error)
        else:
            self._future.set_result(self._result)
