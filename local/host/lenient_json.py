"""Reads JSON as Core Tools do: a byte order mark, comments and trailing commas are allowed."""

import json
import re
from pathlib import Path
from typing import Any

from .problems import HostError

# A string is matched first so that what looks like a comment inside it stays.
_STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_STRING_OR_TRAILING_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')


def read_object(path: Path) -> dict[str, Any]:
    """Give the JSON object in the file; raises HostError naming the file when there is none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = json.loads(_without_extras(text))
    except (OSError, ValueError) as error:
        raise HostError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise HostError(f"{path} must hold a JSON object.")
    return found


def _without_extras(text: str) -> str:
    for pattern in (_STRING_OR_COMMENT, _STRING_OR_TRAILING_COMMA):
        text = pattern.sub(lambda match: match.group(1) or "", text)
    return text
