"""The clouds of one test session (simulator, moto, SSM stand-in), empty for each test, and a ferry across them.

Fixtures: `ferry` (nothing begun), `enlisted` (two machines in the ledger only), `begun` (two machines, `web1` and `db1`, taken in), `prepared` (their plan's own phases
walked). From there `ferry.walk("web1", until="fail_over")`; see ferry.py. `dying` runs something that dies around its
n-th write to any cloud or to storage.
"""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from local import aws
from local.loopback import address, bind
from local.moto_gaps import tell
from local.power import Neighbours
from local.simulator.options import Options
from local.simulator.server import running
from local.ssm.app import create_app
from local.ssm.reach import Reach
from local.ssm.world import World as SsmWorld
from local.storage.service import CONNECTION, Storage
from local.world.build import Places
from shared.azure import clients
from shared.settings import settings
from shared.sources.aws import session
from shared.storage import tables
from tests.activities.aside import Aside
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, ec2_at, plan_of
from tests.activities.setup_snapshots import Tracks, tracks
from tests.activities.shared_ways import SharedWays
from tests.at_hand import at_hand
from tests.clouds import START, Cloud
from tests.loopback import served
from tests.without_sockets import by_asgi, by_wsgi_at_once, without_sockets


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that is the same for all workers of xdist, and no other session's."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "ways"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def stand_ins(storage_in_process: Storage, session_folder: Path) -> Iterator[Places]:
    """The stand-ins of this worker, told of each other; their one clock is the simulator's."""
    listener = bind()
    ssm = address(listener)
    with (
        running(Options("skipping", start=START)) as simulator,
        aws.running() as moto,
    ):
        app = create_app(SsmWorld(f"{simulator.url}/control/clock", simulator.url), Reach(moto))
        shared = SharedWays(session_folder, (simulator.url, moto, ssm))
        with (
            tracks(simulator, Aside(app.state.service), storage_in_process, shared),
            served(app, listener) as (_, loop),
            at_hand(simulator),
            without_sockets({ssm: by_asgi(app, loop), moto: by_wsgi_at_once(aws.application())}),
        ):
            gc.collect()
            gc.freeze()  # moto's images and the simulator's tables stay, too: see tests/conftest.py
            yield Places(moto, ssm, simulator.url)
            _close()
            ec2_at(moto).close()


@pytest.fixture
def ferry(
    stand_ins: Places, storage_in_process: Storage, unique: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MigrationHarness]:
    """Empty clouds and empty storage, with the app's settings pointed at them."""
    variables = {
        "AZFERRY_ARM_ENDPOINT": stand_ins.simulator,
        "AZFERRY_ARM_TOKEN": "simulated",
        "AZFERRY_AWS_ENDPOINT": stand_ins.aws,
        "AZFERRY_SSM_ENDPOINT": stand_ins.ssm,
        "AZFERRY_STORAGE": CONNECTION,
        "AZFERRY_TABLE_PREFIX": unique,
        "AZFERRY_PLANS_CONTAINER": unique,
        "AZFERRY_GATHERING": "0",  # real seconds: virtual time makes a crowd of who looks alone
        "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    storage_in_process.empty()
    way = Tracks.now
    assert way
    way.begin()
    _empty(way, stand_ins)
    tell(Neighbours(stand_ins.simulator, stand_ins.ssm))
    with httpx.Client(base_url=stand_ins.simulator, timeout=30) as control:
        cloud = Cloud(control)
        cloud.ask("POST", "reset")
        cloud.ask("PATCH", "settings", {"throttled": False})
        way.begin()
        yield MigrationHarness(cloud, stand_ins)
        way.end()
        tell(Neighbours())
        cloud.ask("POST", "reset")
    settings.cache_clear()
    tables.forget()


def _empty(way: Tracks, stand_ins: Places) -> None:
    """Let EC2 and Systems Manager hold nothing; the first time really, later as they stood then, at a tenth of the cost."""
    if way.nothing:
        way.aside.stand(way.nothing)
        return
    httpx.post(f"{stand_ins.aws}/moto-api/reset").raise_for_status()
    ec2_at(stand_ins.aws).describe_vpcs()  # moto makes the default VPC at the first request
    httpx.post(f"{stand_ins.ssm}/control/reset").raise_for_status()
    way.nothing = way.aside.standing()


def _close() -> None:
    """Close the clients of the clouds. Tests of this folder share them (making them takes half a second); all others
    begin with closing them.
    """
    clients.forget()
    session.forget()


@pytest.fixture
def enlisted(ferry: MigrationHarness) -> MigrationHarness:
    """Two machines, `web1` and `db1`, in the ledger only: no cloud has anything."""
    ferry.take_in(plan_of("web1", "db1"))
    ferry.enlist()
    return ferry


@pytest.fixture
def begun(ferry: MigrationHarness) -> MigrationHarness:
    """Two machines, `web1` and `db1`, taken in; nothing walked."""
    ferry.begin("web1", "db1")
    return ferry


@pytest.fixture
def prepared(begun: MigrationHarness) -> MigrationHarness:
    """Two machines, `web1` and `db1`, whose plan's own phases are through."""
    begun.prepare()
    return begun


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Dying]:
    """Run a block that dies around its n-th write: `with dying(write=1, after=True) as death: ...; assert death.came`."""

    def run(write: int, *, after: bool) -> Dying:
        return Dying(monkeypatch, write, after=after)

    return run
