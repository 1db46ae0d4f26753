"""Reads the `$filter` that Site Recovery takes: `Name eq 'value' and Name ge value …`."""

import re

from ..errors import bad_request

_TERM = re.compile(r"^\s*\(?\s*([A-Za-z]+)\s+(eq|ge|gt|le|lt)\s+(?:'([^']*)'|([^\s')]+))\s*\)?\s*$")


def parse_filter(text: str) -> dict[str, str]:
    """Return the values by lower-case name (`eq`), or by `name.ge` and the like; raise ARM's 400."""
    found: dict[str, str] = {}
    for term in re.split(r"\s+and\s+", text, flags=re.IGNORECASE) if text.strip() else []:
        match = _TERM.match(term)
        if match is None:
            raise bad_request(f"The filter '{text}' is not valid.", "InvalidFilter")
        name, operator, quoted, bare = match.groups()
        key = name.lower() if operator == "eq" else f"{name.lower()}.{operator}"
        found[key] = quoted if quoted is not None else bare
    return found
