"""What moto keeps on disk: started again after its process died, EC2, STS and IAM go on where they were."""

import pickle
import threading
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import parse_qs

from moto.backends import get_backend
from moto.core.model_instances import reset_model_data
from werkzeug.wsgi import get_input_stream

Service = Literal["ec2", "sts", "iam"]
SERVICES: tuple[Service, ...] = get_args(Service)
READS = ("Describe", "Get", "List")
App = Callable[[dict[str, Any], Any], Iterable[bytes]]  # WSGI


class Keeping:
    """WSGI middleware around moto: each change is on disk before it is answered."""

    def __init__(self, app: App, file: Path) -> None:
        """Read what a process before this one kept there."""
        self._app, self._file = app, file
        self._one_change = threading.Lock()
        if file.exists():
            restore(file.read_bytes())

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request, and keep what it changed."""
        body = get_input_stream(environ).read()
        environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        action = parse_qs(body.decode("latin-1")).get("Action", [""])[0]
        if action.startswith(READS):
            return self._app(environ, start_response)
        with self._one_change:
            answer = list(self._app(environ, start_response))
            self._keep()
            return answer

    def _keep(self) -> None:
        """Write the state; a process that dies meanwhile leaves the state before."""
        new = self._file.with_name(f"{self._file.name}.new")
        new.write_bytes(state())
        new.replace(self._file)


def state() -> bytes:
    """Give all that the services hold now."""
    return pickle.dumps({service: list(get_backend(service).iter_backends()) for service in SERVICES})


def restore(kept: bytes) -> None:
    """Let the services hold what they held then, and nothing else."""
    reset_model_data()
    for service in SERVICES:
        get_backend(service).clear()
    for service, backends in pickle.loads(kept).items():  # noqa: S301 - what `state` gave
        for account, region, backend in backends:
            get_backend(service)[account][region] = backend
