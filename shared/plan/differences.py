"""What differs between two plans, and which differences a running migration may take over."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from shared.models import Model
from shared.plan.model import Plan
from shared.plan.pointers import pointer
from shared.problems import Fault

WHOLE = frozenset({"windows"})  # lists that are told as they stand, not entry by entry
ANY = "*"
# Names on the way to what may be changed while a migration runs; what is changed elsewhere belongs to another plan.
CHANGEABLE = (
    ("limits", ANY),
    ("applications",),
    ("applications", ANY),
    ("applications", ANY, "windows"),
    ("waves", ANY, "cutover", "windows"),
    ("waves", ANY, "cutover", "expectedDuration"),
    ("waves", ANY, "machines", ANY, "windows"),
)
WHAT = "limits, and cutover windows of waves, applications and machines that the plan names"
LONGEST = 300  # of a value in a sentence


class Difference(Model):
    """One place in which two plans differ."""

    path: str = Field(description="names on the way to it, e.g. waves/shop/cutover/windows")
    names: tuple[str, ...] = Field(default=(), exclude=True, description="those names")
    pointer: str = Field(description="JSON pointer into the later plan; what was dropped has none of its own")
    before: Any = Field(default=None, description="left out: its default")
    after: Any = Field(default=None, description="left out: its default")

    @property
    def text(self) -> str:
        """Give the difference in words, as events and the command line tell it."""
        return f"{self.path}: {_brief(self.before)} becomes {_brief(self.after)}"


def differences(before: Plan, after: Plan) -> tuple[Difference, ...]:
    """Give where two plans differ, in the order of the first; waves, machines and applications are told by their names."""
    return tuple(_walk((), (), _plain(before), _plain(after)))


def forbidden(found: Sequence[Difference]) -> Iterator[Fault]:
    """Give a fault for each difference that a running migration cannot take over."""
    for each in found:
        if not any(_fits(each.names, allowed) for allowed in CHANGEABLE) or "{" in each.path:
            message = f"{each.text}: cannot be changed while the migration runs; only {WHAT} can"
            yield Fault(pointer=each.pointer, message=message)


def _fits(names: tuple[str, ...], allowed: tuple[str, ...]) -> bool:
    return len(names) == len(allowed) and all(want in (ANY, name) for name, want in zip(names, allowed, strict=True))


def _plain(plan: Plan) -> dict[str, Any]:
    document: dict[str, Any] = plan.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return document


def _walk(names: tuple[str, ...], at: tuple[str | int, ...], before: Any, after: Any) -> Iterator[Difference]:
    """Go down both as long as they have the same shape."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            earlier, later = before.get(key), after.get(key)
            earlier, later = _or_empty(earlier, later), _or_empty(later, earlier)
            yield from _walk((*names, key), (*at, key), earlier, later)
    elif _is_keyed(before) and _is_keyed(after) and names[-1] not in WHOLE:
        yield from _by_name(names, at, before, after)
    else:
        yield Difference(path="/".join(names), names=names, pointer=pointer(at), before=before, after=after)


def _or_empty(value: Any, other: Any) -> Any:
    """Take a part that is left out for one of which nothing is said."""
    return {} if value is None and isinstance(other, dict) else value


def _by_name(
    names: tuple[str, ...], at: tuple[str | int, ...], before: Sequence[Any], after: Sequence[Any]
) -> Iterator[Difference]:
    """Compare entries of the same name, wherever they stand."""
    earlier = {_key(each): each for each in before}
    later = {_key(each): (number, each) for number, each in enumerate(after)}
    for key in {**earlier, **later}:
        number, entry = later.get(key, (0, None))
        yield from _walk((*names, key), (*at, number) if entry is not None else at, earlier.get(key), entry)


def _is_keyed(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_key(each) for each in value)


def _key(entry: Any) -> str:
    """Give by what an entry is known: its name, or how machines behind tags are found."""
    if not isinstance(entry, Mapping):
        return ""
    return str(entry.get("name") or (json.dumps(entry["source"], sort_keys=True) if "source" in entry else ""))


def _brief(value: Any) -> str:
    """Give a value in a sentence."""
    if value is None:
        return "its default"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
