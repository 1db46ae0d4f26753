"""Reads JSON that Azure sends, several times as quick as `json`: answers about hundreds of rows or items are most of what is read."""

import json
from typing import Any

from pydantic_core import from_json


def read(body: str | bytes) -> Any:
    """Give what a text says, as `json.loads` does, which reads what the quick reader refuses: half of a character, say."""
    try:
        return from_json(body)
    except ValueError:
        return json.loads(body)
