"""Binds values of host.json as .NET's configuration does: names without letter case, everything as text first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .problems import HostError
from .timespan import parse_timespan

ROOT = "AzureFunctionsJobHost"
LARGEST = 2**31 - 1
_HEX = re.compile(r"(?:0x|#|&h)([0-9a-f]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Section:
    """One object of host.json; of a name that stands there twice, in two letter cases, the last counts."""

    path: str
    values: Mapping[str, Any]  # by lower-case name

    @staticmethod
    def of(path: str, found: Any) -> "Section":
        """Make a section of what was read; raises HostError when it is no object."""
        if not isinstance(found, dict | type(None)):
            raise HostError(f'host.json: "{path.rpartition(":")[2]}" must be an object.')
        return Section(path, {str(key).lower(): value for key, value in (found or {}).items()})

    def section(self, name: str) -> "Section":
        """Give a section of this one, an empty one when it is not there."""
        return Section.of(f"{self.path}:{name}", self.values.get(name.lower()))

    def has(self, name: str) -> bool:
        """Say whether a name stands there, be it with null."""
        return name.lower() in self.values

    def text(self, name: str, default: str) -> str:
        """Give a value as text; null is an empty one."""
        return _text(self.values[name.lower()]) if self.has(name) else default

    def number(self, name: str, default: int) -> int:
        """Give a 32-bit number; an empty text is the default. Raises HostError in the words of .NET."""
        text = self.text(name, "").strip()
        if not text:
            return default
        hexadecimal = _HEX.fullmatch(text)
        try:
            found = int(hexadecimal.group(1), 16) if hexadecimal else int(text)
        except ValueError:
            raise self.unreadable(name, "System.Int32") from None
        if not -LARGEST - 1 <= found <= LARGEST or "_" in text:
            raise self.unreadable(name, "System.Int32")
        return found

    def flag(self, name: str, *, default: bool) -> bool:
        """Give a true or false; raises HostError for anything else."""
        text = self.text(name, "").strip().lower()
        if not text:
            return default
        if text not in ("true", "false"):
            raise self.unreadable(name, "System.Boolean")
        return text == "true"

    def choice(self, name: str, default: str, allowed: Sequence[str]) -> str:
        """Give one of some words, by name without letter case or by number; a number beyond them is the default."""
        if not self.has(name):
            return default
        text = self.text(name, "").strip()
        for word in allowed:
            if word.lower() == text.lower():
                return word
        if text.isdigit():
            return allowed[int(text)] if int(text) < len(allowed) else default
        raise self.unreadable(name, name[0].upper() + name[1:])

    def span(self, name: str, default: timedelta) -> timedelta:
        """Give a time span; a bare number is days. Raises HostError when it is none."""
        text = self.text(name, "")
        if not text.strip():
            return default
        found = parse_timespan(text)
        if found is None:
            raise self.unreadable(name, "System.TimeSpan")
        return found

    def unreadable(self, name: str, kind: str) -> HostError:
        """Make the error for a value that is not of its kind."""
        path = f"{self.path}:{name[0].upper()}{name[1:]}"
        return HostError(
            f"host.json: Failed to convert configuration value '{self.text(name, '')}' at '{path}' to type '{kind}'."
        )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # JSON's 1.0 is 1
    return str(value)
