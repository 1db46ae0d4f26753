"""From a cell to the text that a person sees in it."""

import re
from datetime import date, datetime, time
from typing import Any, Final

TRUE: Final = frozenset({"true", "yes", "1", "on", "y", "wahr", "vrai"})
FALSE: Final = frozenset({"false", "no", "0", "off", "n", "falsch", "faux", ""})
ERRORS: Final = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
_BLANKS: Final = re.compile(r"[\s\u00a0\u200b\ufeff\u2007\u202f]+")
_GROUPED: Final = re.compile(r"-?[0-9]{1,3}(?:[,.' \u00a0\u202f][0-9]{3})+")
_WHOLE: Final = re.compile(r"-?[0-9]{1,15}(?:[.,]0+)?")


def text_of(value: Any) -> str:
    """Return what a cell shows, without blanks around it; line breaks and other runs of blanks become one blank."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    return _plain(str(value))


def _plain(text: str) -> str:
    if text.isascii():
        return " ".join(text.split())  # the same, and several times as quick
    return _BLANKS.sub(" ", text).strip(" ")


def header_of(value: Any) -> str:
    """Return a header in the form in which headers are compared: letter case, blanks and a leading `*` do not count."""
    return text_of(value).lstrip("*").strip().casefold()


def whole_of(text: str) -> int | None:
    """Return a whole number, also as Excel writes it for people (`1,024`, `8.0`); None when it is none."""
    plain = text.strip()
    if _GROUPED.fullmatch(plain):
        return int(re.sub(r"[^0-9-]", "", plain))
    if _WHOLE.fullmatch(plain):
        return int(re.split(r"[.,]", plain, maxsplit=1)[0])
    return None


def is_true(text: str) -> bool | None:
    """Return what a word for yes or no says; None for another word."""
    word = text.casefold()
    return True if word in TRUE else False if word in FALSE else None


def is_error(text: str) -> bool:
    """Whether it is what Excel shows where a formula came to nothing."""
    return text in ERRORS


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run it: our values are never formulas."""
    return text.startswith("=") and len(text) > 1


def parts_of(text: str, separators: str = ";,") -> list[str]:
    """Return the parts of a cell with several values, each once, without what is empty."""
    cut = re.split(f"[{re.escape(separators)}]", text)
    return list(dict.fromkeys(part for each in cut if (part := each.strip())))
