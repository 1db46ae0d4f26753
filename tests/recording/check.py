"""Compares what the app asked for over a test run with what infra grants: `python -m tests.recording.check`."""

import json
import sys
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from tests.infra.bicep import actions, allowed, granted, statements
from tests.recording.plugin import runs

# Asked for, and yet nothing to grant.
NEEDS_NO_GRANT = {
    "sts:AssumeRole": "with ambient AWS keys, which the app does not have in Azure",
    "sts:AssumeRoleWithWebIdentity": "the role's trust allows it",
    "sts:GetCallerIdentity": "everybody may ask who they are",
    "Microsoft.RecoveryServices/replicationEligibilityResults/read": "Azure lists no such action, so that a role which"
    " names it is refused; an app that is refused takes the fact for unknown and says so",
}


def recorded(folder: Path) -> dict[str, set[str]]:
    """Give each operation with the modules of the app that asked for it."""
    found: dict[str, set[str]] = {}
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            call = json.loads(line)
            found.setdefault(call["operation"], set()).add(call["by"])
    return found


def everything_granted() -> set[str]:
    """Give every action that the roles in Azure and in AWS grant, in lower case."""
    return granted() | aws_granted()


def aws_granted() -> set[str]:
    """Give every action that the role in AWS grants, in lower case."""
    return {action.lower() for statement in statements() for action in actions(statement)}


def refused(operations: Iterable[str]) -> list[str]:
    """Give the operations that real clouds would refuse."""
    amazon = aws_granted() | {each.lower() for each in NEEDS_NO_GRANT}
    return sorted(each for each in operations if each.lower() not in amazon and not allowed(each))


def main() -> int:
    """Say what was asked for; 1 when something is not granted or nothing was recorded at all."""
    calls = recorded(runs()[-1]) if runs() else {}
    missing = refused(calls)
    seen = {each.lower() for each in calls}
    unseen = [
        pattern for pattern in sorted(everything_granted()) if not any(fnmatchcase(each, pattern) for each in seen)
    ]
    print(f"{len(calls)} operations recorded, {len(missing)} of them not granted")  # noqa: T201 - a command line
    for each in missing:
        print(f"  not granted: {each} (asked by {', '.join(sorted(calls[each]))})")  # noqa: T201 - a command line
    print(f"granted, but not seen in this run: {len(unseen)}")  # noqa: T201 - a command line
    for each in unseen:
        print(f"  {each}")  # noqa: T201 - a command line
    return 1 if missing or not calls else 0


if __name__ == "__main__":
    sys.exit(main())
