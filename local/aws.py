"""Starts moto's server: EC2, STS and IAM over the real wire protocol, in this process, taught by `moto_gaps.py`."""

import argparse
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .moto_gaps import teach_moto
from .power import Neighbours


@contextmanager
def running(port: int = 0, neighbours: Neighbours | None = None) -> Iterator[str]:
    """Serve AWS until the block ends; gives its URL. Once a process: moto keeps its state in module variables."""
    teach_moto(neighbours or Neighbours())
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - moto reads its images when it is imported

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    try:
        host, bound = server.get_host_and_port()
        yield f"http://{host}:{bound}"
    finally:
        server.stop()


def main() -> None:
    """Serve until stopped; prints `listening on http://127.0.0.1:PORT`."""
    parser = argparse.ArgumentParser(prog="python -m local.aws", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 chooses a free one")
    parser.add_argument("--simulator", default="", help="URL of the simulator that hears which machines are off")
    parser.add_argument("--ssm", default="", help="URL of the SSM stand-in that hears it too")
    args = parser.parse_args()
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    with running(args.port, Neighbours(args.simulator, args.ssm)) as url:
        print(f"listening on {url}", flush=True)  # noqa: T201  # read by the stack
        stop.wait()


if __name__ == "__main__":
    main()
