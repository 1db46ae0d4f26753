"""How a command ends when it does not end well: the exit codes, and the exceptions that carry them.

0  it was done; `watch`: the migration Succeeded
1  the answer is no: the migration ended otherwise, `validate` found the plan invalid, or `doctor` an error
2  the command was given wrongly
3  the API answered with a problem
4  the API cannot be reached
5  `wait`: the time was over first
6  `doctor`: warnings, and nothing worse
130  stopped by Ctrl-C; the migration itself goes on
"""

from enum import IntEnum

from cli.problem import Document


class Exit(IntEnum):
    """The exit codes."""

    OK = 0
    NO = 1
    USAGE = 2
    PROBLEM = 3
    UNREACHABLE = 4
    TIMEOUT = 5
    WARNINGS = 6
    INTERRUPTED = 130


class Failing(Exception):  # noqa: N818 - it carries a problem document and an exit code
    """A command cannot go on; says why and with which exit code it ends."""

    exit = Exit.PROBLEM

    def __init__(self, document: Document, exit_code: Exit | None = None, retry_after: float | None = None) -> None:
        """Keep what is shown; `retry_after` in seconds as the API told it."""
        super().__init__(document.detail or document.title)
        self.document = document
        self.exit = exit_code or self.exit
        self.retry_after = retry_after

    @property
    def passes(self) -> bool:
        """Tell whether asking again later may help: throttled, restarting, out of reach."""
        return self.document.status in (429, 502, 503, 504)


class Unreachable(Failing):
    """Nobody answers at the URL."""

    exit = Exit.UNREACHABLE

    @property
    def passes(self) -> bool:
        """Tell that it may help to ask again."""
        return True
