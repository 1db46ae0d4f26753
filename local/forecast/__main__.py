"""`python -m local.forecast PLAN`: plays a plan before anything moves, and tells what will be when, as JSON."""

# ruff: noqa: T201 - what this command prints
import argparse
import sys
from pathlib import Path

from ..stack.part import StackError
from .command import Wanted, forecast


def main(arguments: list[str] | None = None) -> int:
    """Print the forecast; give the exit code: 1 where the plan does not bear it."""
    parser = argparse.ArgumentParser(prog="python -m local.forecast", description=__doc__)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--world", type=Path)
    parser.add_argument("--with-trouble", type=int, metavar="SEED")
    given = parser.parse_args(arguments)
    wanted = Wanted(given.plan, given.world, trouble=given.with_trouble)
    try:
        outlook = forecast(wanted, lambda line: print(line, file=sys.stderr))
    except StackError as wrong:
        print(f"error: {wrong}", file=sys.stderr)
        return 2
    print(outlook.model_dump_json(by_alias=True, exclude_none=True, indent=1))
    return 0 if outlook.verdict is None or outlook.verdict.borne else 1


if __name__ == "__main__":
    sys.exit(main())
