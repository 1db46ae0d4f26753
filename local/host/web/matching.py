"""Matches paths with templates as ASP.NET Core's router does: segment by segment, from the right within one."""

from dataclasses import dataclass

from .parameter import Parameter
from .template import Segment, parse_template


@dataclass(frozen=True)
class Template:
    """A parsed template; literals do not heed letter case."""

    text: str
    segments: tuple[Segment, ...]

    def match(self, path: str) -> dict[str, str] | None:
        """Return the route parameters of a decoded path, None when it is another route's."""
        pieces = _pieces(path)
        values = self._captured(pieces, path)
        if values is None or not all(
            part.accepts(values.get(part.name))
            for segment in self.segments
            for part in segment
            if isinstance(part, Parameter)
        ):
            return None
        return values

    def _captured(self, pieces: list[str], path: str) -> dict[str, str] | None:
        values: dict[str, str] = {}
        for at, piece in enumerate(pieces):
            if not piece or at >= len(self.segments):
                return None
            segment = self.segments[at]
            if _catches_all(segment):
                # The rest of the path as it stands, its last slash included.
                values[_only(segment).name] = "/".join(path.removeprefix("/").split("/")[at:])
                return values
            if not _takes(segment, piece, values):
                return None
        return self._without(len(pieces), values)

    def _without(self, count: int, values: dict[str, str]) -> dict[str, str] | None:
        """Let the segments behind the path's end be left out, if each of them may."""
        for segment in self.segments[count:]:
            if len(segment) != 1 or not isinstance(segment[0], Parameter):
                return None
            parameter = segment[0]
            if parameter.default is not None:
                values[parameter.name] = parameter.default
            elif not (parameter.optional or parameter.catches_all):
                return None
        return values


def compile_template(text: str) -> Template:
    """Return a template that matches paths. Raise TemplateError when Azure would refuse it."""
    return Template(text, parse_template(text))


def fold(text: str) -> str:
    """Return a text in the letters by which .NET compares without case: one for one, so that ß stays ß."""
    return "".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in text)


def _pieces(path: str) -> list[str]:
    relative = path.removeprefix("/")
    if not relative:
        return []
    # One slash at the end is taken off; a path of two slashes has one empty piece.
    return relative.removesuffix("/").split("/")


def _catches_all(segment: Segment) -> bool:
    return isinstance(segment[0], Parameter) and segment[0].catches_all


def _only(segment: Segment) -> Parameter:
    (part,) = segment
    assert isinstance(part, Parameter)  # noqa: S101 - a catch-all stands alone: the parser saw to it
    return part


def _takes(segment: Segment, piece: str, values: dict[str, str]) -> bool:
    if len(segment) == 1:
        (part,) = segment
        if isinstance(part, str):
            return fold(part) == fold(piece)
        values[part.name] = piece
        return True
    found = _complex(segment, piece)
    values.update(found or {})
    return found is not None


def _complex(segment: Segment, piece: str) -> dict[str, str] | None:
    """Match a segment of several parts; an optional one at its end may be missing with the period before it."""
    found = _from_the_right(segment, piece)
    last = segment[-1]
    if found is not None or not (isinstance(last, Parameter) and last.optional):
        return found
    return None if piece.endswith(".") else _from_the_right(segment[:-2], piece)


def _from_the_right(parts: Segment, piece: str) -> dict[str, str] | None:
    """Give each literal its last place before the one found last; a parameter gets what lies between, never nothing."""
    values: dict[str, str] = {}
    pending: Parameter | None = None
    end = len(piece)
    for at in reversed(range(len(parts))):
        part = parts[at]
        if isinstance(part, Parameter):
            pending = part
            continue
        start = fold(piece).rfind(fold(part), 0, end - (pending is not None))
        if start < 0 or (at == len(parts) - 1 and start + len(part) != len(piece)):
            return None
        if pending is not None:
            values[pending.name] = piece[start + len(part) : end]
        pending, end = None, start
    if pending is not None:
        values[pending.name] = piece[:end]
        end = 0
    return values if end == 0 and all(values.values()) else None
