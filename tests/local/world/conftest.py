"""The three stand-ins that a world is made in."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import httpx
import pytest

from local import aws
from local.moto_gaps import tell
from local.power import Neighbours
from local.simulator.options import Options
from local.simulator.server import running as simulator_running
from local.ssm.app import create_app
from local.ssm.world import World as SsmWorld
from local.world.build import Places
from tests.at_hand import at_hand
from tests.loopback import served
from tests.without_sockets import by_asgi, by_wsgi_at_once, without_sockets


@pytest.fixture(scope="session")
def aws_url() -> Iterator[str]:
    with aws.running() as url, without_sockets({url: by_wsgi_at_once(aws.application())}):
        yield url


@pytest.fixture
def places(aws_url: str) -> Iterator[Places]:
    with ExitStack() as stack:
        simulator = stack.enter_context(simulator_running(Options(mode="skipping")))
        stack.enter_context(at_hand(simulator))
        app = create_app(SsmWorld(simulator=simulator.url))
        ssm, loop = stack.enter_context(served(app))
        stack.enter_context(without_sockets({ssm: by_asgi(app, loop)}))
        tell(Neighbours(simulator.url, ssm))
        yield Places(aws_url, ssm, simulator.url)
        tell(Neighbours())
        httpx.post(f"{simulator.url}/control/reset")


@pytest.fixture
def ec2(places: Places) -> Iterator[Any]:
    """EC2 as boto3 sees it, empty."""
    httpx.post(f"{places.aws}/moto-api/reset")
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
    client = boto3.client("ec2", endpoint_url=places.aws, region_name="eu-west-1", **keys)
    yield client
    client.close()
