"""Reading YAML safely: plain data only, straight from the parser's events, so that nothing can be built or multiplied.

The core schema of YAML 1.2: `no` is a word and `12:30` is text; dates stay text. No tags, anchors or aliases.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from shared.problems import TooLarge, UnreadablePlan

DEEPEST = 32  # plans need 8
MOST_VALUES = 400_000  # twenty for each machine of the largest plan; more takes minutes and gigabytes to judge
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times faster; both give the same events
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_BROKEN = re.compile(
    r"[-+]?(?:[0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18}|[0-9]{1,18}(?:\.[0-9]{0,18})?[eE][-+]?[0-9]{1,2})"
)
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip

Events = Iterator[yaml.Event]


def read_yaml(text: str, most: int = MOST_VALUES) -> Any:
    """Give the data of one YAML document; raises UnreadablePlan with the line where it cannot be read.

    Raises TooLarge as soon as it has given more than `most` keys and values.
    """
    try:
        events = _counted(yaml.parse(text, Loader=_LOADER), 2 * most)
        next(events)  # the stream starts
        return _document(events)
    except yaml.YAMLError as error:
        raise _unreadable(_what(error), getattr(error, "problem_mark", None)) from None


def _counted(events: Events, most: int) -> Events:
    """Give events until there are too many; every value is one at least, and every key."""
    for number, event in enumerate(events):
        if number > most:
            raise too_many(most // 2)
        yield event


def too_many(most: int) -> TooLarge:
    """Say that there are more values than a plan can have."""
    return TooLarge(f"The plan has more than {most:,} values", advice="Split it into several plans.")


def _what(error: yaml.YAMLError) -> str:
    """Give the parser's words on one line."""
    return str(getattr(error, "problem", None) or error).splitlines()[0]


def _unreadable(what: str, mark: Any) -> UnreadablePlan:
    """Say what is wrong and where."""
    where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
    return UnreadablePlan(f"The plan is not readable YAML: {what}{where}", advice="Correct the text and send it again.")


def _document(events: Events) -> Any:
    """Read the only document."""
    if isinstance(next(events), yaml.StreamEndEvent):
        return None
    data = _value(next(events), events, 0)
    next(events)  # the document ends
    after = next(events)
    if not isinstance(after, yaml.StreamEndEvent):
        raise _unreadable("there is more than one document", after.start_mark)
    return data


def _value(event: yaml.Event, events: Events, depth: int) -> Any:
    _refuse_tricks(event, depth)
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event)
    if isinstance(event, yaml.SequenceStartEvent):
        return [_value(item, events, depth + 1) for item in _until(events, yaml.SequenceEndEvent)]
    return _mapping(events, depth + 1)


def _until(events: Events, end: type[yaml.Event]) -> Events:
    """Give events until an end; whoever takes a start takes its end, too."""
    while not isinstance(event := next(events), end):
        yield event


def _mapping(events: Events, depth: int) -> dict[str, Any]:
    """Read a mapping: keys are text, each once."""
    found: dict[str, Any] = {}
    for event in _until(events, yaml.MappingEndEvent):
        _refuse_tricks(event, depth)
        if not isinstance(event, yaml.ScalarEvent):
            raise _unreadable("a key must be plain text", event.start_mark)
        if event.value in found:
            raise _unreadable(f"the key '{event.value[:64]}' comes twice", event.start_mark)
        found[event.value] = _value(next(events), events, depth)
    return found


def _refuse_tricks(event: yaml.Event, depth: int) -> None:
    """Refuse aliases, anchors, tags and bottomless nesting."""
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise _unreadable("anchors and aliases (& and *) are not accepted", event.start_mark)
    if getattr(event, "tag", None):
        raise _unreadable("tags (!) are not accepted", event.start_mark)
    if depth > DEEPEST:
        raise _unreadable(f"it is nested more than {DEEPEST} levels deep", event.start_mark)


def _scalar(event: yaml.ScalarEvent) -> Any:
    """Read a scalar: quoted ones are text, plain ones may be null, true, false or a number."""
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _BROKEN.fullmatch(text) else text
