"""Whether a record is as it was written: within itself, and against what the ledger says. What is not, in words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, pairwise
from typing import Any, Final

from shared.record.entries import Record, RecordEntry, RecordKind, is_decision, is_within

MOST_NAMED: Final = 20
WIDENING: Final = ("waves", "machines")  # a decision that is told of another gate, too, is for more than before
FOLLOWING: Final = ("wave", "machine", "text")  # and what follows from that


def faults_within(record: Record) -> Iterator[str]:
    """Tell what was changed, what is missing, and what stands out of order."""
    yield from (f"line {number} is no entry of a record" for number in record.broken)
    entries = {each.number: each for each in record.entries}
    yield from (f"{entries[number].text} was changed: its hash is not its own" for number in record.changed)
    numbers = [each.number for each in record.entries]
    yield from _missing(numbers)
    yield from (f"entry {number} stands {many} times" for number, many in Counter(numbers).items() if many > 1)
    yield from (
        f"entry {after} stands behind entry {before}: out of order"
        for before, after in pairwise(numbers)
        if after < before
    )
    yield from _links(entries, set(record.changed))


def _missing(numbers: list[int]) -> Iterator[str]:
    gone = sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers)) if _is_sane(numbers) else []
    for _, group in groupby(enumerate(gone), key=lambda each: each[1] - each[0]):
        together = [number for _, number in group]
        few = f"entry {together[0]} is" if len(together) == 1 else f"entries {together[0]} to {together[-1]} are"
        yield f"{few} missing"


def _is_sane(numbers: list[int]) -> bool:
    """Whether the highest number is one that a record can have: it need not be counted up to an invented one."""
    return max(numbers, default=0) < 2 * len(numbers) + 1_000_000


def _links(entries: Mapping[int, RecordEntry], changed: set[int]) -> Iterator[str]:
    """Tell of entries that hold another hash than the one before has; of two where one was changed that one is told."""
    for number, entry in entries.items():
        before = entries.get(number - 1)
        if before is not None and entry.previous != before.hash and not {number, before.number} & changed:
            yield f"{entry.text} does not follow entry {before.number} as that stands: one of both was written anew"
        if number == 1 and entry.previous and number not in changed:
            yield f"{entry.text} follows an entry that is not there: the record began before it"


def faults_against(record: Record, ledger: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Tell where the ledger's events (as the API shows them) say otherwise than the record."""
    events = {str(each["id"]): each for each in ledger if is_decision(each)}
    kept = {each.about: each for each in record.entries if each.kind is RecordKind.DECISION}
    yield from _amended(record)
    for about, entry in kept.items():
        if about not in events:
            yield f"{entry.text} is not in the ledger: it was taken out, or an older backup was restored"
        elif not is_within(entry.event, events[about]):
            yield f"{entry.text} is told otherwise by the ledger: {_difference(entry.event, events[about])}"
    for about, event in events.items():
        if about not in kept:
            yield f"{event.get('text') or about} is in the ledger, and not in the record: it is kept within minutes"


def _amended(record: Record) -> Iterator[str]:
    """Tell of what was told a second time, otherwise: the ledger was changed between both."""
    earlier: dict[str, RecordEntry] = {}
    for entry in record.entries:
        before = earlier.get(entry.about)
        if before is not None and not _is_widened(before.event, entry.event):
            change = _difference(before.event, entry.event)
            yield f"{entry.text} tells anew what entry {before.number} told, otherwise: {change}"
        earlier[entry.about] = entry


def _is_widened(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether an event was only told for further waves and machines."""
    first, second = before.get("decision") or {}, after.get("decision") or {}
    grown = all(set(first.get(each) or ()) <= set(second.get(each) or ()) for each in WIDENING)
    others = {name: value for name, value in before.items() if name not in (*FOLLOWING, "decision")}
    same = {name: value for name, value in first.items() if name not in WIDENING}
    return grown and is_within(others, after) and is_within(same, second)


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    return ", ".join(_differing(before, after, ""))[:500]


def _differing(before: Mapping[str, Any], after: Mapping[str, Any], within: str) -> Iterator[str]:
    for name, value in before.items():
        other = after.get(name)
        if isinstance(value, Mapping) and isinstance(other, Mapping):
            yield from _differing(value, other, f"{within}{name}.")
        elif not is_within(value, other):
            yield f"{within}{name} is {other!r}, it was {value!r}"
