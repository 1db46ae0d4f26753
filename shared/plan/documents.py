"""From bytes to plain data: JSON or YAML, within limits, and nothing that could do harm or come back changed."""

import json
from math import isfinite
from typing import Any

from shared.plan.yaml_document import DEEPEST, MOST_VALUES, read_yaml, too_many
from shared.problems import TooLarge, UnreadablePlan, UnsupportedFormat

LARGEST = 16 * 1024 * 1024
MOST_FIELDS = 1_000  # of one object: the largest that a plan may have holds machines or concerns by name
JSON_TYPES = frozenset({"application/json", "text/json"})
YAML_TYPES = frozenset({"application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"})


def read_document(body: bytes, content_type: str) -> Any:
    """Give the data of a body; no content type means: JSON if it looks so, else YAML.

    Raises TooLarge, UnsupportedFormat, UnreadablePlan.
    """
    if len(body) > LARGEST:
        raise TooLarge(
            f"The plan has {len(body):,} bytes; {LARGEST:,} are allowed", advice="Split it into several plans."
        )
    kind = _format(content_type)
    text = _text(body)
    if kind == "json" or (not kind and text.lstrip().startswith("{")):
        return _read_json(text)
    data = read_yaml(text)
    _check(data)
    return data


def _format(content_type: str) -> str:
    """Tell json from yaml by the content type; empty when there is none."""
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charset = next(
        (value.partition("=")[2].strip("\"' ") for value in parameters if value.startswith("charset")), "utf-8"
    )
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedFormat(f"The charset {charset[:64]} is not supported", advice="Send the plan in UTF-8.")
    if kind in JSON_TYPES or kind.endswith("+json"):
        return "json"
    if kind in YAML_TYPES or kind.endswith("+yaml"):
        return "yaml"
    if kind:
        raise UnsupportedFormat(
            f"A plan cannot be sent as {kind[:64]}",
            advice="Send it with content type application/json or application/yaml.",
        )
    return ""


def _text(body: bytes) -> str:
    """Decode UTF-8, with or without a byte order mark."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadablePlan(f"The plan is not UTF-8 text (byte {error.start})", advice="Save it as UTF-8.") from None


def _read_json(text: str) -> Any:
    """Read JSON strictly: each key once, no NaN or Infinity, not too deep, not too much."""
    if text.count(",") + text.count("{") + text.count("[") > MOST_VALUES:  # seen before anything of it is built
        raise too_many(MOST_VALUES)
    try:
        data = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise _not_json(f"{error.msg} (line {error.lineno}, column {error.colno})") from None
    except (RecursionError, ValueError) as error:  # ValueError: an integer of thousands of digits
        raise _not_json(
            "it is nested too deeply" if isinstance(error, RecursionError) else "a number is too long"
        ) from None
    _check(data)
    return data


def _not_json(why: str) -> UnreadablePlan:
    """Say why it is no JSON."""
    return UnreadablePlan(f"The plan is not readable JSON: {why}", advice="Correct the text and send it again.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object whose keys come once each."""
    if len(pairs) > MOST_FIELDS:
        raise UnreadablePlan(
            f"An object of the plan has {len(pairs):,} fields, the first '{_safe(pairs[0][0][:64])}'; no object of a plan "
            f"has more than {MOST_FIELDS:,}"
        )
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _not_json(f"the key '{_safe(key[:64])}' comes twice in one object")
        found[key] = value
    return found


def _refuse_constant(name: str) -> Any:
    """Refuse what Python's reader takes and JSON does not know."""
    raise _not_json(f"{name} is not a number")


def _check(data: Any) -> None:
    """Refuse what could not be written down again: half characters, endless numbers, bottomless nesting."""
    level = [data]
    for _ in range(DEEPEST + 1):
        for value in level:
            _check_scalar(value)
        level = [child for value in level for child in _children(value)]
    if level:
        raise UnreadablePlan(f"The plan is nested more than {DEEPEST} levels deep")


def _children(value: Any) -> list[Any]:
    """Give what a value contains; keys are looked at like values."""
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []


def _check_scalar(value: Any) -> None:
    """Refuse half characters and numbers without end."""
    if isinstance(value, str) and not value.isascii() and _safe(value) != value:
        raise UnreadablePlan("The plan contains half a character (an unpaired surrogate)")
    if isinstance(value, float) and not isfinite(value):
        raise UnreadablePlan("The plan contains a number that is too large")


def _safe(text: str) -> str:
    """Give text that can be written as UTF-8."""
    return text.encode("utf-8", "replace").decode()
