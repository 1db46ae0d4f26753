"""Carries the power of EC2 instances to the other stand-ins: what is off does not replicate and answers no command."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

STARTED_AGAIN_WITHIN = 20.0  # real seconds: nobody would tell a second time of an instance that is off already


@dataclass(frozen=True)
class Neighbours:
    """Who is told of an instance that is switched off or on; an empty URL is nobody."""

    simulator: str = ""
    ssm: str = ""

    def tell(self, instance_id: str, ip: str, on: bool) -> None:
        """Tell both, again while one is being started again; raises httpx.HTTPError when one does not take it."""
        if self.simulator:
            body = {"ip": ip, "on": on}
            _send("POST", f"{self.simulator}/control/power", body).raise_for_status()
        if self.ssm:
            url = f"{self.ssm}/control/instances/{instance_id}/power"
            reply = _send("PUT", url, {"on": on})
            if reply.status_code != httpx.codes.NOT_FOUND:  # an instance that SSM never knew
                reply.raise_for_status()


def _send(method: str, url: str, body: dict[str, Any]) -> httpx.Response:
    deadline = time.monotonic() + STARTED_AGAIN_WITHIN
    while True:
        try:
            return _client().request(method, url, json=body)
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@cache
def _client() -> httpx.Client:
    """Return the one client of this process: making one costs tens of milliseconds, and moto answers from threads."""
    return httpx.Client(trust_env=False, timeout=10, headers={"Connection": "close"})


def watch(kind: Any, neighbours: Neighbours) -> None:
    """Make instances of moto's class tell the neighbours when they start, stop or are terminated."""
    for name, on in (("start", True), ("stop", False), ("terminate", False)):
        setattr(kind, name, _telling(getattr(kind, name), neighbours, on))


def _telling(original: Callable[..., Any], neighbours: Neighbours, on: bool) -> Callable[..., Any]:
    plain = getattr(original, "plain", original)

    def change(instance: Any, *args: Any, **more: Any) -> Any:
        ip = instance.private_ip
        reply = plain(instance, *args, **more)
        neighbours.tell(instance.id, ip or "", on)
        return reply

    change.plain = plain  # type: ignore[attr-defined]  # so that telling is never told twice
    return change
