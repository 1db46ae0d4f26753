"""What the stand-in keeps on disk: started again after its process died, it goes on where it was."""

from collections import Counter
from pathlib import Path

from pydantic import BaseModel
from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response

from .command import Command
from .machines import Fault, Instance
from .service import Service

CHANGES = ("AmazonSSM.SendCommand", "AmazonSSM.CancelCommand")


class Kept(BaseModel):
    """The whole state of the stand-in."""

    instances: dict[str, Instance]
    commands: dict[str, Command]
    faults: list[Fault]
    calls: dict[str, int]
    missing: set[str]
    handed: set[str]
    registered: set[str]
    spent: list[tuple[str, int, int]]


class Keeper:
    """Keeps a service in a file: each change is there before it is answered."""

    def __init__(self, service: Service, file: Path) -> None:
        """Read what a process before this one kept there."""
        self._service, self._file = service, file
        if file.exists():
            restore(service, Kept.model_validate_json(file.read_bytes()))

    async def __call__(self, request: Request, answer: RequestResponseEndpoint) -> Response:
        """Answer a request, and keep what it changed."""
        reply = await answer(request)
        control = request.url.path.startswith("/control/") and request.method != "GET"
        if control or request.headers.get("x-amz-target") in CHANGES:
            self.keep()
        return reply

    def keep(self) -> None:
        """Write the state; a process that dies meanwhile leaves the state before."""
        new = self._file.with_suffix(".new")
        new.write_text(state(self._service).model_dump_json(), encoding="utf-8")
        new.replace(self._file)


def state(service: Service) -> Kept:
    """Give all that a service holds."""
    return Kept(
        instances=service.instances,
        commands=service.commands,
        faults=service.faults,
        calls=service.calls,
        missing=service.missing,
        handed=service.handed,
        registered=service.registered,
        spent=[(instance, index, times) for (instance, index), times in service.spent.items()],
    )


def restore(service: Service, kept: Kept) -> None:
    """Let a service hold this and nothing else."""
    service.instances, service.commands, service.faults = kept.instances, kept.commands, kept.faults
    service.calls = Counter(kept.calls)
    service.missing, service.handed, service.registered = kept.missing, kept.handed, kept.registered
    service.spent = {(instance, index): times for instance, index, times in kept.spent}
