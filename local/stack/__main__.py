"""`python -m local.stack migrate PLAN`, `python -m local.stack run`: the whole product on this machine."""

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from rich.console import Console

from ..azurite import AzuriteError
from .migrate import migrate
from .part import HOME, StackError
from .run import run

EXAMPLE = HOME / "examples" / "aws-to-azure.yaml"
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run a command; give its exit code."""
    given = _parser().parse_args(arguments)
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _interrupt)
    console = Console(highlight=False, markup=False, emoji=False)
    try:
        if given.command == "migrate":
            return migrate(given.plan, given.clock, console)
        return run(given.clock, given.world, console)
    except KeyboardInterrupt:
        console.print("stopped; nothing was left running")
        return INTERRUPTED
    except (StackError, AzuriteError) as problem:
        print(f"error: {problem}", file=sys.stderr)  # noqa: T201 - what this command prints
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.stack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    playing = commands.add_parser("migrate", help="play a whole migration and end")
    playing.add_argument("plan", type=Path, nargs="?", default=EXAMPLE)
    playing.add_argument("--clock", default="skipping", help="real, scaled:N or skipping")
    keeping = commands.add_parser("run", help="start the stack and keep it up")
    keeping.add_argument("--clock", default="scaled:60", help="real, scaled:N or skipping")
    keeping.add_argument("--world", type=Path, default=EXAMPLE, metavar="PLAN", help="the plan whose world is made")
    return parser


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
