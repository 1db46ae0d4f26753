"""The stand-in in a thread, its clock and the simulator it talks to in another, boto3 in front."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from local.ssm.app import create_app
from local.ssm.world import World


@dataclass
class Around:
    """The clock (moved by hand) and what the simulator was told."""

    now: datetime = datetime(2026, 11, 21, 5, tzinfo=UTC)
    notices: list[dict[str, Any]] = field(default_factory=list)
    broken: bool = False

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def app(self) -> Starlette:
        async def clock(_: Request) -> JSONResponse:
            return JSONResponse({"mode": "skipping", "now": self.now.isoformat()})

        async def agents(request: Request) -> JSONResponse:
            self.notices.append(await request.json())
            return JSONResponse({}, 500 if self.broken else 200)

        return Starlette(routes=[Route("/clock", clock), Route("/control/registrations", agents, methods=["POST"])])


@pytest.fixture
def around() -> Around:
    return Around()


@pytest.fixture
def ssm_url(around: Around, serve: Callable[[Starlette], str]) -> str:
    outside = serve(around.app())
    return serve(create_app(World(f"{outside}/clock", outside)))


@pytest.fixture
def client(ssm_url: str) -> Iterator[Callable[..., Any]]:
    made = []

    def make(region: str = "eu-west-1") -> Any:
        keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
        config = Config(retries={"total_max_attempts": 1})
        made.append(boto3.client("ssm", endpoint_url=ssm_url, region_name=region, config=config, **keys))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def ssm(client: Callable[..., Any]) -> Any:
    return client()


@pytest.fixture
def tell(ssm_url: str) -> Iterator[Callable[[str, str, Any], httpx.Response]]:
    with httpx.Client() as control:

        def send(method: str, path: str, body: Any) -> httpx.Response:
            return control.request(method, f"{ssm_url}/control/{path}", json=body)

        yield send


@pytest.fixture
def machine(tell: Callable[[str, str, Any], httpx.Response]) -> Callable[..., str]:
    def add(instance_id: str = "i-0aaa11112222bbbb1", **more: Any) -> str:
        tell("PUT", "instances", [{"instanceId": instance_id, **more}]).raise_for_status()
        return instance_id

    return add
