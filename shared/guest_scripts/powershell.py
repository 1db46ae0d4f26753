"""Texts as PowerShell literals: data that can never become program text, in ASCII whatever is in them.

Windows PowerShell ends a string at five different quotes, and agents do not agree on how a script's other characters arrive.
"""

import re

_SPECIAL = re.compile(r"[^\t\x20-\x7e]")


def as_literal(text: str) -> str:
    """Give an expression whose value is the text."""
    if _SPECIAL.search(text) is None:
        return f"'{_doubled(text)}'"
    return f"([Regex]::Unescape('{_doubled(_SPECIAL.sub(_escaped, text.replace(chr(92), chr(92) * 2)))}'))"


def as_strings(text: str) -> str:
    """Give one expression for each line of the text, as they stand inside `@( )`."""
    return "\n".join(as_literal(line) for line in text.split("\n"))


def _doubled(text: str) -> str:
    return text.replace("'", "''")


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))
