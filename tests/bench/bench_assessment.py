"""Counts what assessing a fleet asks of AWS, and times the judging: `python -m tests.bench.bench_assessment [COUNT]`.

The machines are Windows on Xen with two disks each: every one of them is looked into. What is asked of Azure does not grow
with the machines; it is not counted here.
"""

# ruff: noqa: T201 - a bench prints its table
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import uvicorn

from activities.facts.server_facts import read_server
from local import aws
from local.ssm.app import create_app
from local.ssm.world import World as Clock
from local.world.derive import derive
from local.world.model import World
from local.world.seeding import tell_ssm
from local.world.source import AwsMaker
from shared.concerns.judge import judge
from shared.concerns.registry import Case
from shared.concerns.server_facts import ApplianceFacts
from shared.concerns.source_facts import SourceFacts
from shared.concerns.target_facts import TargetFacts
from shared.plan.model import Plan
from shared.settings import settings
from shared.sources.aws import inspected, session, ssm
from shared.sources.aws.instances import batched
from shared.sources.aws.place import place_of
from shared.sources.aws.source_adapter import AwsSide
from shared.sources.aws.ssm import SsmScript

COUNT = 1_000
ON_XEN = {"image": "windows-2016", "type": "m4.large"}


@contextmanager
def systems_manager() -> Iterator[str]:
    """Serve the stand-in of Systems Manager."""
    app = create_app(Clock(None, None))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def fleet(count: int) -> tuple[Plan, World]:
    """Give a plan of so many machines in one VPC, and their world."""
    machines = [{"name": f"m{n}", "source": {"privateIp": f"10.0.{2 + n // 250}.{4 + n % 250}"}} for n in range(count)]
    target = {
        "subscriptionId": "00000000-0000-0000-0000-000000000001",
        "region": "westeurope",
        "resourceGroup": "rg",
        "network": {"vnet": "v", "subnet": "s", "testVnet": "t", "testSubnet": "s"},
        "cacheStorageAccount": "stcache",
        "vault": {"name": "rsv"},
    }
    aws_source = {"region": "eu-west-1", "vpcId": "vpc-0abc1234"}
    document = {"name": "fleet", "source": {"aws": aws_source}, "target": target}
    document["waves"] = [{"name": "w", "machines": machines}]
    made = derive(document).model_dump(mode="json", by_alias=True)
    for each in made["aws"]["instances"][:-1]:  # the last one is the server
        each.update(ON_XEN | {"disks": [{"sizeGb": 30}, {"sizeGb": 50}]})
    return Plan.model_validate(document), World.model_validate(made)


def count_requests(plan: Plan) -> Counter[str]:
    """Give a counter of requests by operation, filled as they are sent."""
    found: Counter[str] = Counter()

    def count(event_name: str, **_: Any) -> None:
        found[event_name.rpartition(".")[2]] += 1

    place: Any = place_of(plan)
    for client in (session.ec2(place), session.ssm(place)):
        client.meta.events.register("before-send", count)
    return found


def look_into(plan: Plan, facts: Mapping[str, SourceFacts]) -> None:
    """Send the inspections and read them once, as the assessment does."""
    ids = [each.instance_id for each in facts.values() if each.hypervisor == "xen" and each.ssm_online]
    text = tuple(inspected.script().text.splitlines())
    script = SsmScript(instance="", windows=True, lines=text, token="bench", since=datetime.now(UTC))
    for command in [ssm.send_to_many(place_of(plan), some, script) for some in batched(ids, ssm.IN_ONE_FILTER)]:
        ssm.read_invocations(place_of(plan), command)


def measure(plan: Plan) -> tuple[Counter[str], Counter[str], float]:
    """Give the requests of reading and of looking inside, and the seconds of judging."""
    requests = count_requests(plan)
    facts = AwsSide().read(plan).facts
    server, why = read_server(plan, facts, None)
    reading = Counter(requests)
    requests.clear()
    look_into(plan, facts)
    begun = time.process_time()
    judge(Case(plan, TargetFacts(), ApplianceFacts(server=server, not_read=why), facts))
    return reading, requests, time.process_time() - begun


def main(count: int) -> None:
    """Print the counts and the time."""
    plan, world = fleet(count)
    with aws.running() as moto, systems_manager() as agents:
        variables = {"AZFERRY_AWS_ENDPOINT": moto, "AZFERRY_SSM_ENDPOINT": agents}
        os.environ.update(variables | {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"})  # any will do
        settings.cache_clear()
        tell_ssm(agents, world, AwsMaker(moto, world.aws).make())
        reading, inside, spent = measure(plan)
        session.forget()
    print(f"{count:,} machines: {reading.total()} requests to AWS to read sources, server and ways")
    print("  " + ", ".join(f"{name} {times}" for name, times in reading.most_common()))
    print(f"  to look inside all of them: {inside.total()}   target: one command, sent and read, for 50 machines")
    print("  " + ", ".join(f"{name} {times}" for name, times in inside.most_common()))
    print(f"judging them, s of CPU {spent:.2f}   target 2")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
