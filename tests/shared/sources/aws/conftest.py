"""moto and the Systems Manager stand-in on the real wire, with the app's own settings pointed at them."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from local import aws
from local.ssm.app import create_app
from local.ssm.world import World
from shared.settings import settings
from shared.sources.aws import session
from shared.sources.aws.session import AwsPlace, ec2
from tests.loopback import serving

REGION = "eu-west-1"


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """One moto server for each xdist worker."""
    with aws.running() as url:
        yield url


class Line(BaseHTTPRequestHandler):
    """A line to moto that goes bad when told: it loses requests or answers, or says what moto never says."""

    behind: ClassVar[str] = ""
    orders: ClassVar[list[str]] = []
    passed: ClassVar[list[str]] = []
    refusals: ClassVar[dict[str, list[str]]] = {}  # bodies of 400s to come, by the call that is refused
    quiet: ClassVar[dict[str, list[str]]] = {}  # bodies of 200s to come instead of moto's

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        order = self.orders.pop(0) if self.orders else ""
        if order == "drop-before":
            self.close_connection = True
            return
        if order.startswith("<"):
            self._answer(503, order.encode())
            return
        action = parse_qs(body.decode()).get("Action", [""])[0]
        if self.refusals.get(action):
            self._answer(400, self.refusals[action].pop(0).encode())
            return
        if self.quiet.get(action):
            self._answer(200, self.quiet[action].pop(0).encode())
            return
        self.passed.append(action)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "content-length"}
        answer = httpx.post(self.behind, content=body, headers=headers)
        if order == "drop-after":
            self.close_connection = True
            return
        self._answer(answer.status_code, answer.content)

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def line(place: AwsPlace, moto: str, set_env: Callable[..., None]) -> Iterator[type[Line]]:
    """Put a line between the app and moto."""
    assert place
    made = type("OneLine", (Line,), {"behind": moto, "orders": [], "passed": [], "refusals": {}, "quiet": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), made)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    set_env(AZFERRY_AWS_ENDPOINT=f"http://127.0.0.1:{server.server_address[1]}")
    yield made
    session.forget()
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Clock:
    """The stand-in's clock, moved by hand."""

    now: datetime = field(default=datetime(2026, 11, 21, 5, tzinfo=UTC))

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def app(self) -> Starlette:
        async def clock(_: Request) -> JSONResponse:
            return JSONResponse({"mode": "skipping", "now": self.now.isoformat()})

        return Starlette(routes=[Route("/clock", clock)])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ssm_url(clock: Clock) -> Iterator[str]:
    with serving(clock.app()) as outside, serving(create_app(World(f"{outside}/clock"))) as url:
        yield url


@pytest.fixture
def set_env(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Change settings; clients that were made with the old ones are closed."""

    def change(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        session.forget()

    yield change
    session.forget()
    settings.cache_clear()


@pytest.fixture
def place(moto: str, set_env: Callable[..., None]) -> AwsPlace:
    """An empty region with ambient keys."""
    httpx.post(f"{moto}/moto-api/reset").raise_for_status()
    set_env(AWS_ACCESS_KEY_ID="k", AWS_SECRET_ACCESS_KEY="s", AZFERRY_AWS_ENDPOINT=moto)
    return AwsPlace(region=REGION)


@dataclass
class Vpc:
    """A network to put machines into."""

    place: AwsPlace
    id: str
    subnet: str
    group: str

    def machine(self, ip: str = "", *, groups: tuple[str, ...] = (), **tags: str) -> str:
        """Run an instance and give its id."""
        image = ec2(self.place).describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        more: dict[str, Any] = {"PrivateIpAddress": ip} if ip else {}
        tagged = [{"Key": key, "Value": value} for key, value in tags.items()]
        if tagged:
            more["TagSpecifications"] = [{"ResourceType": "instance", "Tags": tagged}]
        made = ec2(self.place).run_instances(
            ImageId=image,
            MinCount=1,
            MaxCount=1,
            InstanceType="t3.medium",
            SubnetId=self.subnet,
            SecurityGroupIds=list(groups or (self.group,)),
            **more,
        )
        return made["Instances"][0]["InstanceId"]


def new_vpc(place: AwsPlace, cidr: str = "10.0.0.0/16", subnet: str = "10.0.2.0/24") -> Vpc:
    client = ec2(place)
    vpc = client.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
    made = client.create_subnet(VpcId=vpc, CidrBlock=subnet)["Subnet"]["SubnetId"]
    group = client.create_security_group(GroupName="machines", Description="machines", VpcId=vpc)["GroupId"]
    return Vpc(place, vpc, made, group)


@pytest.fixture
def vpc(place: AwsPlace) -> Vpc:
    return new_vpc(place)
