r"""Faults as people read them: what failed, one sentence and a reference; traces and .NET details stay in the log.

A failed task reaches an orchestrator as text: `{reason} \n {details}`, where the details of Azure's extension are two
kilobytes of a .NET exception, and the reason of a child that was terminated may be missing.
"""

import re
from traceback import format_exception
from typing import Final

from shared.ids import short_hash

LONGEST: Final = 300
ENDED: Final = "it was ended from outside, without a reason"
_REFERENCE = re.compile(r"\(reference [0-9a-f]{8}\)")
_ACTIVITY = re.compile(r"^Activity function '(?P<name>[^']+)' failed:\s+(?:UnexpectedError: )?")
_ORCHESTRATOR = re.compile(r"^Orchestrator function '(?P<name>[^']+)' failed:\s+")
_WORKER = re.compile(r"^Exception: (?P<said>.+)$", re.MULTILINE)  # how the Functions host shows a worker's exception


class UnexpectedError(RuntimeError):
    """A fault of an activity, cut to one sentence with a reference: the log has its trace under the same reference."""

    def __init__(self, fault: Exception) -> None:
        """Make a reference of the fault's trace."""
        self.reference = short_hash("".join(format_exception(fault)), 8)
        super().__init__(f"{type(fault).__name__}: {_first_line(str(fault))} (reference {self.reference})")


def in_one_sentence(fault: str) -> str:
    """Give the text of a failed task as one sentence that ends with a reference: its own, else a hash of the whole."""
    reason = fault.partition(" \n ")[0].strip()
    if reason in ("", "None"):
        return ENDED
    head = _ACTIVITY.match(reason) or _ORCHESTRATOR.match(reason)
    remainder = reason[head.end() :] if head else reason
    worker = _WORKER.search(remainder)
    sentence = _first_line(worker["said"].removeprefix("UnexpectedError: ") if worker else remainder)
    if not _REFERENCE.search(sentence):
        sentence = f"{sentence} (reference {short_hash(fault, 8)})"
    return f"{head['name']}: {sentence}" if head else sentence


def _first_line(text: str) -> str:
    """Give the first line that says something, without control characters, cut where it is long."""
    line = next((each.strip() for each in text.splitlines() if each.strip()), "no text")
    plain = "".join(each if each.isprintable() else " " for each in line)
    if len(plain) <= LONGEST:
        return plain
    reference = _REFERENCE.search(plain)
    return f"{plain[:LONGEST]}…" + (f" {reference[0]}" if reference else "")
