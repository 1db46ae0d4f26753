"""A partition of the task hub in which nothing comes through is late, in plain words; the others are not."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from orchestrators.probe_partition import probe_partition
from shared.contracts.watcher import PartitionProbe
from shared.reconciliation import heartbeats, partitions
from shared.settings import settings
from tests.play import Stage

pytestmark = pytest.mark.usefixtures("store")
HOST_JSON = Path(__file__).parents[3] / "host.json"


class Hub:
    """A task hub in which the flows of these partitions come through, and the others' wait for ever."""

    def __init__(self, *owned, refuses=False):
        self.owned, self.refuses, self.states, self.started = owned, refuses, {}, []

    async def start_new(self, name, instance_id, client_input):
        if self.refuses:
            raise RuntimeError("503")
        probe = PartitionProbe.model_validate(client_input)
        self.started.append(probe.partition)
        self.states[instance_id] = ("Pending", None)
        if partitions.hash_of(instance_id) % partitions.COUNT in self.owned:
            self.come_through(probe)

    def come_through(self, probe):
        stage = Stage()
        stage.now = self.now
        reply = stage.play(probe_partition, probe)
        wire = {"reply": reply.model_dump(mode="json")}
        self.states[partitions.PROBES[probe.partition]] = ("Completed", wire)

    async def get_status(self, instance_id):
        if instance_id not in self.states:
            return None
        state, output = self.states[instance_id]
        return SimpleNamespace(runtime_status=SimpleNamespace(name=state), output=output)

    def ask(self, now):
        self.now = now
        asyncio.run(partitions.ask_all(self, now))


ALL = tuple(range(partitions.COUNT))


@pytest.mark.parametrize(("text", "value"), [("", 0x811C9DC5), ("a", 0xE40C292C), ("foobar", 0xBF9CF968)])
def test_ids_are_placed_by_the_hash_that_is_published(text, value):
    assert value == partitions.hash_of(text)


def test_each_partition_of_host_json_is_asked_by_a_flow_that_lies_in_it():
    count = json.loads(HOST_JSON.read_text())["extensions"]["durableTask"]["storageProvider"]["partitionCount"]

    assert count == partitions.COUNT
    assert list(ALL) == [partitions.hash_of(partitions.PROBES[each]) % count for each in ALL]


def test_a_hub_that_is_one_is_asked_once(at, monkeypatch):
    monkeypatch.setenv("AZFERRY_PARTITIONS", "1")
    settings.cache_clear()
    hub = Hub()
    hub.ask(at(0))

    assert [0] == hub.started
    hub.ask(at(16))
    assert ["partition 0"] == [each.text()[:11] for each in heartbeats.late(at(16))]


def test_partitions_that_answer_are_never_late(at):
    hub = Hub(*ALL)
    hub.ask(at(0))
    hub.ask(at(5))

    assert sorted([*ALL, *ALL]) == sorted(hub.started)
    assert () == heartbeats.late(at(600))


def test_a_partition_that_nobody_owns_is_late_and_the_others_are_not(at):
    hub = Hub(*(each for each in ALL if each != 3))
    for minutes in (0, 5, 10, 15):
        hub.ask(at(minutes))

    (late,) = heartbeats.late(at(16))
    assert late.text().startswith("partition 3 of the task hub was last seen at ")
    assert 1 == hub.started.count(3)


def test_it_is_late_no_more_once_its_flow_comes_through(at):
    hub = Hub(*ALL[1:])
    hub.ask(at(0))
    hub.ask(at(15))
    assert heartbeats.late(at(16))

    hub.now = at(17)
    hub.come_through(PartitionProbe(partition=0, began=at(0)))
    hub.ask(at(20))
    assert () == heartbeats.late(at(20))
    assert 2 == hub.started.count(0)


def test_a_timer_that_stopped_says_nothing_of_partitions(at):
    Hub(*ALL).ask(at(0))

    assert () == heartbeats.late(at(0) + timedelta(days=3))


def test_a_hub_that_takes_no_flow_is_late_and_stops_nobody(at):
    hub = Hub(refuses=True)
    hub.ask(at(0))
    hub.ask(at(5))

    assert len(ALL) == len(heartbeats.late(at(11)))


def test_an_answer_to_an_earlier_question_is_none(at):
    hub = Hub(*ALL)
    hub.ask(at(0))
    hub.ask(at(5))
    hub.refuses = True  # what lies in the hub is the answer of minute 5 from now on
    for minutes in (10, 15, 21):
        hub.ask(at(minutes))

    assert len(ALL) == len(heartbeats.late(at(21)))


def test_a_partition_that_an_earlier_release_asked_is_not_late_for_that(at):
    heartbeats.TABLE.put(heartbeats.ALL, "partition.0", heartbeats.Beat(name="partition.0", at=at(0), due=at(0)))
    Hub(*ALL).ask(at(30))

    assert () == heartbeats.late(at(30))
