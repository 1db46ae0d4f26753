"""`python -m local.ssm`: the AWS Systems Manager stand-in as a process."""

import argparse
from pathlib import Path

import uvicorn

from ..loopback import address, bind
from .app import create_app
from .reach import Reach
from .world import World


def main() -> None:
    """Serve until stopped; prints `listening on http://127.0.0.1:PORT` once the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m local.ssm", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 chooses a free one")
    parser.add_argument("--clock", help="URL of the shared clock; real time without it")
    parser.add_argument("--simulator", help="URL of the ARM simulator that installed agents register with")
    parser.add_argument(
        "--aws", help="URL of EC2, whose security groups decide whether an installation reaches the appliance"
    )
    parser.add_argument("--kept", type=Path, help="the file that its state is kept in; without it nothing is")
    args = parser.parse_args()
    app = create_app(World(args.clock, args.simulator), Reach(args.aws), args.kept)
    listener = bind(args.port)
    listener.listen()
    print(f"listening on {address(listener)}", flush=True)  # noqa: T201  # read by the stack
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    main()
