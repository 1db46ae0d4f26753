"""Starts moto's server: EC2, STS and IAM over the real wire protocol, in this process, taught by `moto_gaps.py`."""

import argparse
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer, make_server

from .moto_gaps import teach_moto
from .power import Neighbours


@contextmanager
def running(port: int = 0, neighbours: Neighbours | None = None, kept: Path | None = None) -> Iterator[str]:
    """Serve AWS until the block ends; gives its URL. Once a process: moto keeps its state in module variables.

    `kept` = the file in which it keeps its state too; without one the state ends with the process.
    """
    teach_moto(neighbours or Neighbours())
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = _server(port, kept)
    thread = threading.Thread(target=server.serve_forever, name="aws", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def application() -> Any:
    """Give moto as a WSGI app; all of them have the same state."""
    # moto reads its images when it is imported: this comes after it was taught
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415

    return DomainDispatcherApplication(create_backend_app)


def _server(port: int, kept: Path | None) -> BaseWSGIServer:
    """Return moto's server, as `ThreadedMotoServer` makes it, around what was kept."""
    from moto.moto_server.werkzeug_app import MotoRequestHandler  # noqa: PLC0415 - after it was taught

    from .moto_kept import Keeping  # noqa: PLC0415 - see above

    app = application()
    app = Keeping(app, kept) if kept else app
    return make_server("127.0.0.1", port, app, threaded=True, request_handler=_prompt(MotoRequestHandler))


def _prompt(handler: type[Any]) -> type[Any]:
    """Give a handler that sends head and body at once: else each answer waits 40 ms for the acknowledgement of its head."""
    return type("PromptHandler", (handler,), {"disable_nagle_algorithm": True, "wbufsize": 65_536})


def main() -> None:
    """Serve until stopped; prints `listening on http://127.0.0.1:PORT`."""
    parser = argparse.ArgumentParser(prog="python -m local.aws", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 chooses a free one")
    parser.add_argument("--simulator", default="", help="URL of the simulator that hears which machines are off")
    parser.add_argument("--ssm", default="", help="URL of the SSM stand-in that hears it too")
    parser.add_argument("--kept", type=Path, help="the file that its state is kept in; without it nothing is")
    args = parser.parse_args()
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    with running(args.port, Neighbours(args.simulator, args.ssm), args.kept) as url:
        print(f"listening on {url}", flush=True)  # noqa: T201  # read by the stack
        stop.wait()


if __name__ == "__main__":
    main()
