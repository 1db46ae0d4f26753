"""Plans of single machines: what tags select has become machines; kept by assessment, as blobs."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from pydantic import JsonValue

from shared.ledger import migrations
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave
from shared.problems import NotFound
from shared.settings import Settings, settings
from shared.storage import blobs
from shared.storage.entities import key

_PLACEHOLDER: Final[dict[str, JsonValue]] = {
    "name": "empty",
    "machines": [{"name": "empty", "source": {"instanceId": "i-00000000"}}],
}


def save_expanded(migration: str, plan: Plan) -> Plan:
    """Keep the plan of single machines that assessment found; who came first stays. Gives what is kept."""
    version_key = migrations.plan_key(migration)
    return plan if keep_expanded(migration, version_key, plan) else expanded_in(migration, version_key)


def keep_expanded(migration: str, version_key: str, plan: Plan) -> bool:
    """Keep the plan of single machines of one version; false where it was kept before."""
    body = plan.model_dump_json(by_alias=True, exclude_defaults=True).encode()
    return blobs.write_once(_name(migration, version_key), body)


def expanded_of(migration: str) -> Plan:
    """Give the plan of single machines: what tags select has become machines. Raises `NotFound` before assessment."""
    return expanded_in(migration, migrations.plan_key(migration))


def expanded_in(migration: str, version_key: str) -> Plan:
    """Give it as it is in one version of the plan. Raises `NotFound`."""
    return _parsed_loosely(_load_expanded(settings(), migration, version_key))


def _name(migration: str, version_key: str) -> str:
    return f"plans/{key(migration)}{f'.{version_key}' if version_key else ''}.expanded.json"


def entry_of(migration: str, machine: str) -> tuple[Wave, Machine]:
    """Give the wave and the entry of one machine; one that was dropped from the plan as it stood last. Raises `NotFound`."""
    entries = _entries(_load_expanded(settings(), migration, migrations.plan_key(migration)))
    if machine in entries:
        return entries[machine]
    # it was added a moment ago, or dropped: every version is looked at, the latest first
    for version_key in reversed(("", *migrations.existing(migration).plan_keys)):
        earlier = _entries(_load_expanded(settings(), migration, version_key))
        if machine in earlier:
            return earlier[machine]
    raise NotFound(f"migration {migration} has no machine {machine}")


@lru_cache(maxsize=16)
def _parsed_loosely(body: bytes) -> Plan:
    """Parse without the rules of the front door: a wave whose tags matched nothing is empty by now."""
    raw = json.loads(body)
    waves = tuple(_wave(each, each.pop("machines", ())) for each in raw.pop("waves", ()))
    some = Plan.model_validate(raw | {"waves": [_PLACEHOLDER]})
    return some.model_copy(update={"waves": waves})


def _wave(raw: dict[str, JsonValue], entries: Sequence[JsonValue]) -> Wave:
    machines = tuple(Machine.model_validate(each) for each in entries)
    return Wave.model_validate(raw | {"machines": _PLACEHOLDER["machines"]}).model_copy(update={"machines": machines})


@lru_cache(maxsize=16)
def _entries(body: bytes) -> dict[str, tuple[Wave, Machine]]:
    return {machine.name: (wave, machine) for wave, machine in _parsed_loosely(body).entries()}


@lru_cache(maxsize=16)
def _load_expanded(_where: Settings, migration: str, version_key: str) -> bytes:
    body = blobs.read(_name(migration, version_key))
    if body is None:
        raise NotFound(f"migration {migration} is not assessed yet")
    return body
