"""Plans as blobs, written once: `plans/{id}.json`, and a changed one beside it; what a wave, a road or a machine sees."""

import hashlib
from functools import lru_cache

from shared.ledger import migrations
from shared.ledger.expanded_plans import entry_of
from shared.models import Scope
from shared.plan.model import Plan
from shared.plan.protection import ProtectTarget
from shared.plan.protection_plan import ONWARD, onward
from shared.plan.road_sections import Section, sections, seen_from
from shared.problems import AlreadyRunning, NotFound
from shared.settings import Settings, settings
from shared.storage import blobs
from shared.storage.entities import key


def digest(body: bytes) -> str:
    """Give the hash by which two plans are the same."""
    return hashlib.sha256(body).hexdigest()


def blob_name(migration: str, version_key: str = "") -> str:
    """Give the name of a migration's plan in the container: of the first, or of one that followed it."""
    return f"plans/{key(migration)}{f'.{version_key}' if version_key else ''}.json"


def save_as(migration: str, version_key: str, body: bytes) -> None:
    """Keep a plan that may follow the migration's; the key comes from its bytes, so it is the same when it is there."""
    blobs.write_once(blob_name(migration, version_key), body)


def save(migration: str, body: bytes) -> str:
    """Keep a plan for good and give its blob's name. Saved twice it is saved once.

    Raises `AlreadyRunning` when another plan is kept under that id.
    """
    name = blob_name(migration)
    if not blobs.write_once(name, body) and blobs.read(name) != body:
        raise AlreadyRunning(f"another plan is kept for migration {migration}")
    return name


def load(migration: str) -> bytes:
    """Give the plan that holds, as it was saved; kept in memory, as no version ever changes. Raises `NotFound`."""
    return load_as(migration, migrations.plan_key(migration))


def load_as(migration: str, version_key: str) -> bytes:
    """Give one version of a migration's plan. Raises `NotFound`."""
    return _load(settings(), migration, version_key)


def is_kept(migration: str) -> bool:
    """Whether the migration's plan was saved."""
    try:
        load(migration)
    except NotFound:
        return False
    return True


def plan_of(migration: str) -> Plan:
    """Give the plan of a migration, parsed once per process: the machines to be migrated. Raises `NotFound`."""
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


@lru_cache(maxsize=16)
def _load(_where: Settings, migration: str, version_key: str) -> bytes:
    body = blobs.read(blob_name(migration, version_key))
    if body is None:
        raise NotFound(f"there is no plan of migration {migration}")
    return body


@lru_cache(maxsize=16)
def _parsed(body: bytes) -> Plan:
    return Plan.model_validate_json(body).working()


@lru_cache(maxsize=16)
def _sections(body: bytes) -> tuple[Section, ...]:
    return sections(_parsed(body))


@lru_cache(maxsize=256)
def _seen(body: bytes, wave: str) -> Plan:
    plan = _parsed(body)
    return seen_from(plan, plan.wave(wave))
