"""Orchestration versions: which instances this host may run (host.json `defaultVersion` and its strategies)."""

from .app import DurableSettings

MISMATCH = "VersionMismatch: Orchestration version did not comply with Worker Versioning"


def compare(left: str | None, right: str | None) -> int:
    """Order two versions as Durable Task does: none first, dotted numbers as numbers, else text without case."""
    if not left or not right:
        return bool(left) - bool(right)
    numbers = _numbers(left), _numbers(right)
    if numbers[0] is not None and numbers[1] is not None:
        return (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])
    return (left.lower() > right.lower()) - (left.lower() < right.lower())


def mismatch(version: str | None, settings: DurableSettings) -> bool:
    """Say whether this host must not run an instance of that version."""
    order = compare(version, settings.default_version)
    if settings.version_match == "None" or order == 0:
        return False
    return not (settings.version_match == "CurrentOrOlder" and order < 0)


def _numbers(text: str) -> tuple[int, ...] | None:
    parts = text.split(".")
    # .NET's Version has two to four parts; a single number is not one.
    if not 2 <= len(parts) <= 4 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    return tuple(int(part) for part in parts)
