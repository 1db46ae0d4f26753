"""Plans as blobs, written once: `plans/{id}.json`; and the reports beside them."""

import hashlib
import json
import re
from functools import lru_cache
from typing import Any, Final

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from shared.models import Scope
from shared.plan.error_messages import quoted
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave
from shared.plan.protection import ProtectTarget
from shared.plan.protection_plan import ONWARD, onward
from shared.plan.road_sections import Section, sections, seen_from
from shared.problems import AlreadyRunning, NotFound, UnreadableRequest
from shared.settings import Settings, settings
from shared.storage.entities import key
from shared.storage.tables import asking, container

_PLACEHOLDER: Final[dict[str, Any]] = {
    "name": "empty",
    "machines": [{"name": "empty", "source": {"instanceId": "i-00000000"}}],
}
# Plain segments below one folder: none is empty or of dots, so none leads out of it or into another container.
INBOX_NAME: Final = re.compile(r"inbox(?:/[A-Za-z0-9][A-Za-z0-9 ._-]{0,127}){1,6}")
REPORT_TYPES: Final = {"html": "text/html; charset=utf-8", "json": "application/json", "csv": "text/csv; charset=utf-8"}


def digest(body: bytes) -> str:
    """Give the hash by which two plans are the same."""
    return hashlib.sha256(body).hexdigest()


def blob_name(migration: str) -> str:
    """Give the name of a migration's plan in the container."""
    return f"plans/{key(migration)}.json"


def save(migration: str, body: bytes) -> str:
    """Keep a plan for good and give its blob's name. Saved twice it is saved once.

    Raises `AlreadyRunning` when another plan is kept under that id.
    """
    name = blob_name(migration)
    with asking("keeping a plan"):
        try:
            container().upload_blob(name, body)
        except ResourceExistsError:
            if _read(name) != body:
                raise AlreadyRunning(f"another plan is kept for migration {migration}") from None
    return name


def load(migration: str) -> bytes:
    """Give a plan as it was saved; kept in memory, as it never changes. Raises `NotFound`."""
    return _load(settings(), migration)


def is_kept(migration: str) -> bool:
    """Whether the migration's plan was saved."""
    try:
        load(migration)
    except NotFound:
        return False
    return True


def load_sent(name: str) -> bytes | None:
    """Return a plan that somebody put into the container's inbox before sending its name; None when there is none.

    Raise `UnreadableRequest` for a name outside of the inbox: whoever may write to the queue must not make the app
    read, with its own rights, what they may not read themselves.
    """
    if INBOX_NAME.fullmatch(name) is None:
        raise UnreadableRequest(
            f"{quoted(name)} is no name of a plan that was sent",
            advice="Upload the plan below inbox/ of the plans' container, e.g. inbox/finance.yaml, then send that name.",
        )
    return _read(name)


def plan_of(migration: str) -> Plan:
    """Give the plan of a migration, parsed once per process. Raises `NotFound`."""
    return _parsed(load(migration))


def plan_at(scope: Scope) -> Plan:
    """Give the plan as the wave (of the machine) of a place sees it; without one the plan itself. Raises `NotFound`.

    A machine that is being protected beyond its migration sees the road onward.
    """
    wave = scope.wave or (entry_of(scope.migration, scope.machine)[0].name if scope.machine else "")
    plan = _seen(load(scope.migration), wave) if wave else plan_of(scope.migration)
    wanted = protection_at(scope) if scope.phase == ONWARD and scope.machine else None
    return onward(plan, wanted) if wanted else plan


def protection_at(scope: Scope) -> ProtectTarget | None:
    """Give where the machine of a place is protected to once it is migrated; None = nowhere. Raises `NotFound`."""
    return plan_of(scope.migration).protection_of(*entry_of(scope.migration, scope.machine))


def sections_of(migration: str) -> tuple[Section, ...]:
    """Give the sections of a migration's plan. Raises `NotFound`."""
    return _sections(load(migration))


def section_at(scope: Scope) -> Section:
    """Give the section that a place lies in: that of its wave, without one the plan's own road. Raises `NotFound`."""
    found = (
        each for each in sections_of(scope.migration) if (scope.wave in each.waves if scope.wave else not each.name)
    )
    section = next(found, None)
    if section is None:
        raise NotFound(f"no road of migration {scope.migration} leads through wave {scope.wave or '(none)'}")
    return section


def save_expanded(migration: str, plan: Plan) -> Plan:
    """Keep the plan of single machines that assessment found; who came first stays. Gives what is kept."""
    name = f"plans/{key(migration)}.expanded.json"
    with asking("keeping the expanded plan"):
        try:
            container().upload_blob(name, plan.model_dump_json(by_alias=True, exclude_defaults=True).encode())
        except ResourceExistsError:
            return expanded_of(migration)
    return plan


def expanded_of(migration: str) -> Plan:
    """Give the plan of single machines: what tags select has become machines. Raises `NotFound` before assessment."""
    return _parsed_loosely(_load_expanded(settings(), migration))


def entry_of(migration: str, machine: str) -> tuple[Wave, Machine]:
    """Give the wave and the entry of one machine. Raises `NotFound`."""
    entries = _entries(_load_expanded(settings(), migration))
    if machine not in entries:
        raise NotFound(f"migration {migration} has no machine {machine}")
    return entries[machine]


def save_facts(migration: str, number: int, body: bytes) -> None:
    """Keep what a round read of the target, replacing what an earlier try of it read."""
    with asking("keeping facts"):
        container().upload_blob(f"facts/{key(migration)}.{number}.json", body, overwrite=True)


def load_facts(migration: str, number: int) -> bytes | None:
    """Give what a round read of the target, or None."""
    return _read(f"facts/{key(migration)}.{number}.json")


def save_part_of_facts(migration: str, number: int, body: bytes) -> None:
    """Keep what a round read of the target before the cloud was busy."""
    with asking("keeping facts"):
        container().upload_blob(f"facts/{key(migration)}.{number}.part.json", body, overwrite=True)


def load_part_of_facts(migration: str, number: int) -> bytes | None:
    """Give what a round read of the target before the cloud was busy, or None."""
    return _read(f"facts/{key(migration)}.{number}.part.json")


@lru_cache(maxsize=16)
def _load(_where: Settings, migration: str) -> bytes:
    body = _read(blob_name(migration))
    if body is None:
        raise NotFound(f"there is no plan of migration {migration}")
    return body


@lru_cache(maxsize=16)
def _parsed(body: bytes) -> Plan:
    return Plan.model_validate_json(body)


@lru_cache(maxsize=16)
def _sections(body: bytes) -> tuple[Section, ...]:
    return sections(_parsed(body))


@lru_cache(maxsize=256)
def _seen(body: bytes, wave: str) -> Plan:
    plan = _parsed(body)
    return seen_from(plan, plan.wave(wave))


@lru_cache(maxsize=16)
def _parsed_loosely(body: bytes) -> Plan:
    """Parse without the rules of the front door: a wave whose tags matched nothing is empty by now."""
    raw = json.loads(body)
    waves = tuple(_wave(wave) for wave in raw.pop("waves", ()))
    some = Plan.model_validate(raw | {"waves": [_PLACEHOLDER]})
    return some.model_copy(update={"waves": waves})


def _wave(raw: dict[str, Any]) -> Wave:
    machines = tuple(Machine.model_validate(each) for each in raw.pop("machines", ()))
    return Wave.model_validate(raw | {"machines": _PLACEHOLDER["machines"]}).model_copy(update={"machines": machines})


@lru_cache(maxsize=16)
def _entries(body: bytes) -> dict[str, tuple[Wave, Machine]]:
    return {machine.name: (wave, machine) for wave, machine in _parsed_loosely(body).entries()}


@lru_cache(maxsize=16)
def _load_expanded(_where: Settings, migration: str) -> bytes:
    body = _read(f"plans/{key(migration)}.expanded.json")
    if body is None:
        raise NotFound(f"migration {migration} is not assessed yet")
    return body


def _read(name: str) -> bytes | None:
    with asking("reading a blob"):
        try:
            return container().download_blob(name).readall()
        except ResourceNotFoundError:
            return None
