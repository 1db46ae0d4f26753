"""Where in the text of a plan the faults stand: the line and column of each, beside its pointer."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

import yaml

from shared.plan.pointers import reached, steps_of
from shared.problems import Fault

LONGEST: Final = 4 * 1024 * 1024  # characters: of a longer text the pointers have to do
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Path = tuple[str, ...]
Mark = Any  # of yaml, as events are: what they hold has no types
Events = Iterator[Any]


def located(text: str, faults: Iterable[Fault], document: Any) -> tuple[Fault, ...]:
    """Return the faults with their lines and columns; what is missing is shown where it is missing from.

    `document` is what the text means: it tells how far to read, and the faults of a large plan mostly stand above its machines.
    What a profile gave stands nowhere in the text.
    """
    found = tuple(faults)
    paths = {each.pointer: _existing(document, each.pointer) for each in found if not each.profile}
    marks = _marks(text, set(paths.values()))
    return tuple(each if each.profile else _at(each, marks.get(paths[each.pointer])) for each in found)


def _existing(document: Any, pointer: str) -> Path:
    """Return as much of a pointer's path as is there."""
    steps = steps_of(pointer)
    return steps[: reached(document, steps)[0]]


def _marks(text: str, paths: set[Path]) -> dict[Path, Mark]:
    """Return where these begin; nothing where the text is too long, or no YAML though it is JSON."""
    if len(text) > LONGEST:
        return {}
    wanted = {path[:length] for path in paths for length in range(len(path) + 1)}
    try:
        events = yaml.parse(text, Loader=_LOADER)
        begun = (each for each in events if not isinstance(each, yaml.StreamStartEvent | yaml.DocumentStartEvent))
        return dict(islice(_begin(next(begun), events, (), wanted), len(wanted)))
    except (yaml.YAMLError, RecursionError):
        return {}


def _begin(event: Any, events: Events, at: Path, wanted: set[Path]) -> Iterator[tuple[Path, Mark]]:
    """Yield where a value begins, and whatever in it is wanted."""
    yield at, event.start_mark
    number = 0
    while isinstance(event, yaml.CollectionStartEvent) and not isinstance(
        child := next(events), yaml.CollectionEndEvent
    ):
        is_field = isinstance(event, yaml.MappingStartEvent)
        path = (*at, child.value if is_field else str(number))
        value, number = next(events) if is_field else child, number + 1
        if path not in wanted:
            _pass(value, events)
            continue
        yield path, child.start_mark  # a field begins with its name
        yield from islice(_begin(value, events, path, wanted), 1, None)


def _pass(event: Any, events: Events) -> None:
    """Read to the end of a value."""
    depth = int(isinstance(event, yaml.CollectionStartEvent))
    while depth:
        inner = next(events)
        depth += isinstance(inner, yaml.CollectionStartEvent) - isinstance(inner, yaml.CollectionEndEvent)


def _at(fault: Fault, mark: Mark) -> Fault:
    return fault if mark is None else fault.model_copy(update={"line": mark.line + 1, "column": mark.column + 1})
