"""Partitions of the task hub: a tiny flow in each of them shows that a host owns it and works.

Azure spreads instances over partitions by a hash of their id, and calls an instance Running or Pending whose partition
nobody owns: only a flow that does not come through tells. The local host has no partitions; there one flow shows that its hub works.
"""

import asyncio
import logging
from datetime import datetime
from itertools import count
from typing import Final

from shared.contracts.contracts import PROBE_PARTITION
from shared.contracts.watcher import PartitionProbe, PartitionShown
from shared.durable import durable_client
from shared.durable.durable_client import Client
from shared.durable.forms import FORM_OF_NEW_ROUNDS
from shared.durable.hub_calls import repeated
from shared.durable.seam import read
from shared.problems import Problem
from shared.reconciliation import heartbeats
from shared.reconciliation.heartbeats import Question
from shared.settings import settings

COUNT: Final = 8  # as host.json; a hub that was made with fewer is covered, too, as they divide 8
_FNV_OFFSET, _FNV_PRIME, _32_BITS = 2166136261, 16777619, 0xFFFFFFFF


def hash_of(instance: str) -> int:
    """Give the 32-bit FNV-1a hash of an id, by which Azure Storage's provider of Durable Functions places it."""
    value = _FNV_OFFSET
    for byte in instance.encode():
        value = ((value ^ byte) * _FNV_PRIME) & _32_BITS
    return value


def probe_of(partition: int) -> str:
    """Give the id of the flow that lies in a partition: the first of its kind that the hash puts there."""
    named = (f"partition.{partition}.{number}" for number in count(1))
    return next(name for name in named if hash_of(name) % COUNT == partition)


def name_of(partition: int) -> str:
    """Give the name under which a partition shows itself."""
    return f"partition.{partition}"


PROBES: Final = {partition: probe_of(partition) for partition in range(COUNT)}


async def ask_all(client: Client, now: datetime) -> None:
    """See which partitions (of the first so many, as the settings say) have come through since they were asked, and ask those anew.

    A flow that still waits there is left to it; a hub that takes none says so in the log.
    """
    probes = tuple(PROBES)[: settings().partitions]
    seen = dict(zip(probes, await asyncio.gather(*(_look(client, each) for each in probes)), strict=True))
    parts = {name_of(each): Question(_what(each), shown.began, shown.at) for each, (_, shown) in seen.items()}
    await asyncio.to_thread(heartbeats.ask, parts, now)
    await asyncio.gather(*(_ask(client, each, now) for each, (lives, _) in seen.items() if not lives))


async def _look(client: Client, partition: int) -> tuple[bool, PartitionShown]:
    """Give whether a partition's flow still waits, else what it came to; nothing where the hub does not tell."""
    try:
        status = await repeated(lambda: client.get_status(PROBES[partition]))
        name = status.runtime_status.name if status and status.runtime_status is not None else ""
        if name != "Completed":
            return name in durable_client.ALIVE, PartitionShown()
        return False, read(PartitionShown, status.output)
    except Exception as fault:  # noqa: BLE001 - the SDK gives no typed error; who does not tell has not answered
        logging.getLogger("azferry").info("the hub does not tell of %s: %s", _what(partition), fault)
        return False, PartitionShown()


def _what(partition: int) -> str:
    return f"partition {partition} of the task hub"


async def _ask(client: Client, partition: int, now: datetime) -> None:
    probe = PartitionProbe(partition=partition, began=now, form=FORM_OF_NEW_ROUNDS)
    try:
        await durable_client.begin(client, PROBE_PARTITION, probe, PROBES[partition])
    except Problem as refused:
        logging.getLogger("azferry").warning("%s could not be asked: %s", _what(partition), refused)
