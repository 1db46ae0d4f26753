"""Plans as blobs, written once: `plans/{id}.json`; and the reports beside them."""

import hashlib
from functools import lru_cache
from typing import Final

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import ContentSettings

from shared.entities import key
from shared.plan.model import Plan
from shared.problems import AlreadyRunning, NotFound
from shared.settings import Settings, settings
from shared.tables import asking, container

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


def plan_of(migration: str) -> Plan:
    """Give the plan of a migration, parsed once per process. Raises `NotFound`."""
    return _parsed(load(migration))


def save_report(migration: str, kind: str, body: bytes) -> str:
    """Keep a report (html, json or csv), replacing the one before; gives its blob's name."""
    name = f"reports/{key(migration)}.{kind}"
    with asking("keeping a report"):
        blob = container().get_blob_client(name)
        blob.upload_blob(body, overwrite=True, content_settings=ContentSettings(content_type=REPORT_TYPES[kind]))
    return name


def load_report(migration: str, kind: str) -> bytes | None:
    """Give a report, or None."""
    return _read(f"reports/{key(migration)}.{kind}")


@lru_cache(maxsize=16)
def _load(_where: Settings, migration: str) -> bytes:
    body = _read(blob_name(migration))
    if body is None:
        raise NotFound(f"there is no plan of migration {migration}")
    return body


@lru_cache(maxsize=16)
def _parsed(body: bytes) -> Plan:
    return Plan.model_validate_json(body)


def _read(name: str) -> bytes | None:
    with asking("reading a blob"):
        try:
            return container().download_blob(name).readall()
        except ResourceNotFoundError:
            return None
