"""Lists the functions of an app as the local host sees them: `python indexed.py APP`, in a process of its own."""

import json
import sys
from pathlib import Path

from local.host import indexing, isolation


def main() -> None:
    """Print each function's bindings in the form that worker.py prints them."""
    isolation.enter(Path(sys.argv[1]).resolve())
    json.dump({each.name: _bindings(each) for each in indexing.load_functions(Path.cwd())}, sys.stdout)


def _bindings(function: indexing.Function) -> list[list[str]]:
    ins = [[each.type, each.name, "in"] for each in (function.trigger, *function.inputs)]
    return sorted(ins + [[each.type, each.name, "out"] for each in function.outputs])


if __name__ == "__main__":
    main()
