"""What pydantic found wrong, said in plain words with a JSON pointer."""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from shared.ids import NAME
from shared.intake.text import MANY_LINES, NOT_BLANK, ONE_LINE, SAYS_SOMETHING
from shared.plan.file_places import without_secrets
from shared.plan.pointers import pointer
from shared.plan.values import Part
from shared.problems import Fault

SUGGESTIONS = 50  # a plan with more misspelt fields than this is of another kind
LONGEST_QUOTE = 64

KINDS = {
    "string_type": "must be text; put it in quotes",
    "string_unicode": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "bool_type": "must be true or false",
    "model_type": "must be an object with fields",
    "model_attributes_type": "must be an object with fields",
    "dict_type": "must be an object with fields",
    "tuple_type": "must be a list",
    "missing": "is required",
}

LIMITS = {
    "string_too_short": "must have at least {min_length} character(s)",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} entry or entries",
    "too_long": "must have at most {max_length} entries",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be one of {expected}",
}

# What a pattern means, by a part of it that no other pattern has; a test sees that none is missing.
PATTERNS = {
    NAME: "lower-case letters, digits and hyphens, 31 at most, beginning with a letter or digit",
    "T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?$": "a local time such as 2026-12-01T22:00",
    r"|\+P": "a local time such as 2026-12-01T22:00, or a duration after acceptance such as +PT2H",
    "[A-Za-z0-9_+/-]{1,64}": "the name of a time zone such as Europe/Amsterdam",
    "(?:mon|tues|": "a day of the month such as second saturday, last sunday or last day",
    "^[a-z0-9]{2,40}$": "the short name of an Azure region such as westeurope",
    "{0,89}": "a resource group: letters, digits, _ ( ) . -, 90 at most, no dot at the end",
    "{0,78}": "a network or subnet: letters, digits, _ . -, 80 at most",
    "[A-Za-z][A-Za-z0-9_-]{1,63}": "an Azure VM size such as Standard_D2s_v5",
    "{0,61}": "an Azure VM name: letters, digits and hyphens, 63 at most, no hyphen at either end",
    "keep|dynamic": "an IPv4 address such as 10.0.2.15, keep (that of its source), or dynamic (Azure chooses)",
    r"(?:[0-9]{1,3}\.){3}": "an IPv4 address such as 10.0.2.15",
    "[A-Za-z][A-Za-z0-9-]{1,49}": "a vault name: letters, digits and hyphens, 2 to 50, beginning with a letter",
    "latestProcessed": "a recovery point: latest, latestProcessed, latestAppConsistent, latestCrashConsistent, the last one "
    "before a moment such as 2026-12-01T18:00:00Z, or the name of one (a GUID)",
    r"(\.[a-z][a-z0-9]*)+": "an approver: a role such as azferry.owner, or the object id (a GUID) of a person in Entra",
    "{8}-(?:": "a subscription id: a GUID such as 00000000-0000-0000-0000-000000000001",
    "^[a-z0-9]{3,24}$": "a storage account: 3 to 24 lower-case letters and digits",
    "{0,48}": "a Hyper-V site: letters, digits and hyphens, 50 at most, no hyphen at either end",
    "KeyVault": "the id of a key vault, beginning with /subscriptions/",
    "/runbooks/": "the id of a runbook: /subscriptions/…/providers/Microsoft.Automation/automationAccounts/…/runbooks/…",
    "^/subscriptions/": "an id of Azure such as /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg",
    "{0,252}": "the name or address of a server: letters, digits, dots and hyphens, none of these at either end",
    "{0,62}": "an appliance name: letters, digits and hyphens, 63 at most",
    r"+\.[a-z0-9-]+": "an EC2 instance type such as m6i.2xlarge",
    "^ami-": "an image id such as ami-0123456789abcdef0",
    "^subnet-": "a subnet id such as subnet-0123abcd",
    "^vpc-": "a VPC id such as vpc-0123abcd",
    "^i-": "an EC2 instance id such as i-0123456789abcdef0",
    "{64}": "a SHA-256: 64 hexadecimal digits",
    r"|\{machine\}){1,1024}": "an address such as s3://bucket/folder/{machine}.json or https://host/{machine}.json; it holds no user, no "
    "password, no blank and no quote",
    "s3://": "an address such as s3://bucket/key or https://host/file; it holds no user, no password, no blank and no quote",
    "https?": "an address such as http://{machine}:8080/health, with what is not ASCII percent-encoded",
    " _-]{0,63}": "a name: letters, digits, spaces, hyphens and underscores, 64 at most, beginning with a letter or digit",
    "arn:aws": "the ARN of an IAM role such as arn:aws:iam::123456789012:role/azferry",
    "^[a-z]{2}(?:-": "an AWS region such as eu-west-1",
    "^(?:\\*|": "the name of a machine, or * for all",
    "{0,63}$": "the id of a concern such as public-ip-lost",
}

TEXTS = {
    ONE_LINE: "one line of text without control characters or marks that turn the direction of writing",
    MANY_LINES: "text without control characters or marks that turn the direction of writing",
    NOT_BLANK: "one line of text that is not blank, without control characters or marks that turn the direction of writing",
    SAYS_SOMETHING: "text that is not blank, without control characters or marks that turn the direction of writing",
}


def faults_of(error: ValidationError, suggestions: int = SUGGESTIONS) -> Iterator[Fault]:
    """Give every breach that pydantic found; the first misspelt fields with what may be meant."""
    unknown = 0
    for detail in error.errors(include_url=False):
        if _is_echo(detail):
            continue
        unknown += detail["type"] == "extra_forbidden"
        yield Fault(pointer=pointer(_path(detail)), message=_words(detail, suggest=unknown <= suggestions))


def _is_echo(detail: ErrorDetails) -> bool:
    """Tell whether a list is called too short only because none of its entries is valid: those are told themselves."""
    return detail["type"] == "too_short" and len(detail["input"]) >= detail.get("ctx", {})["min_length"]


def _path(detail: ErrorDetails) -> tuple[str | int, ...]:
    """Give where it stands; pydantic marks a fault in a key with an extra step."""
    return tuple(step for step in detail["loc"] if step != "[key]")


def _words(detail: ErrorDetails, *, suggest: bool) -> str:
    kind, value, limits = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return no_such_field(str(detail["loc"][-1]), suggest=suggest)
    if value is None and kind != "missing":
        return "is empty (null): give a value or leave it out"
    if kind == "string_pattern_mismatch":
        return f"{quoted(value)} is not {pattern_words(limits['pattern'])}"
    if kind == "value_error":
        return str(limits["error"])
    return KINDS.get(kind) or _limit(kind, limits, detail["msg"])


def _limit(kind: str, limits: Mapping[str, Any], otherwise: str) -> str:
    """Say which limit was broken."""
    return LIMITS[kind].format(**limits) if kind in LIMITS else otherwise


def pattern_words(pattern: str) -> str:
    """Return what a pattern means; the pattern itself where nobody wrote words for it."""
    if pattern in TEXTS:
        return TEXTS[pattern]
    return next((words for part, words in PATTERNS.items() if part in pattern), f"of the form {pattern}")


def no_such_field(field: str, *, suggest: bool = False) -> str:
    """Say that there is no such field, and which one may be meant."""
    close = get_close_matches(field[:LONGEST_QUOTE], sorted(_fields(Part)), n=1) if suggest else []
    return f"there is no field {quoted(field)} here" + (f"; did you mean '{close[0]}'?" if close else "")


def _fields(kind: type[Part]) -> set[str]:
    """Give the names of all fields of all parts of a plan."""
    own = {field.alias or name for name, field in kind.model_fields.items()}
    return own.union(*(_fields(child) for child in kind.__subclasses__()))


def quoted(value: object) -> str:
    """Return a value as it was written, without secrets, cut when it is long; what no eye can see is written as its code."""
    text = without_secrets(value if isinstance(value, str) else json.dumps(value, default=str))
    shown = text[:LONGEST_QUOTE]
    if not shown.isprintable():
        shown = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in shown)
    return f"'{shown}{'…' if len(text) > LONGEST_QUOTE else ''}'"
