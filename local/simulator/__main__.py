"""Starts a simulator: `python -m local.simulator --port 0 --clock skipping`."""

import argparse
import contextlib
import sys
from pathlib import Path

from ..loopback import address, bind
from .options import Options, parse_clock, parse_start
from .server import server


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal ends the process."""
    parser = argparse.ArgumentParser(prog="python -m local.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--clock", default="real", type=parse_clock, help="real, scaled:N or skipping")
    parser.add_argument("--start", default=None, type=parse_start, help="where virtual time begins (ISO 8601)")
    parser.add_argument("--no-throttle", action="store_true", help="send rate headers but refuse nobody")
    parser.add_argument("--legacy-providers", action="store_true", help="let retired providers (InMageAzureV2) through")
    parser.add_argument("--kept", type=Path, help="the file that its world is kept in; without it nothing is")
    given = parser.parse_args(arguments)
    mode, factor = given.clock
    options = Options(
        mode, factor, given.start, given.host, given.port, not given.no_throttle, given.legacy_providers, given.kept
    )
    bound = bind(options.port, options.host)
    served, _ = server(options, lambda: print(f"listening on {address(bound)}", flush=True))  # noqa: T201 - read by the stack
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn raises it again once it has stopped cleanly
        served.run(sockets=[bound])
    return 0


if __name__ == "__main__":
    sys.exit(main())
