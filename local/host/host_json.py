"""Reads host.json: the settings of the host, with Azure's defaults."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from .app_settings import resolve
from .durable.app import DurableSettings
from .lenient_json import read_object
from .problems import HostError
from .timespan import parse_timespan

FILE = "host.json"
OVERRIDE = "AzureFunctionsJobHost__"
DURABLE_NAMES = {
    "hubName": "hub",
    "maxConcurrentActivityFunctions": "max_activities",
    "maxConcurrentOrchestratorFunctions": "max_orchestrators",
    "defaultVersion": "default_version",
    "versionMatchStrategy": "version_match",
    "versionFailureStrategy": "version_failure",
}


@dataclass(frozen=True)
class HttpSettings:
    """host.json `extensions.http`; a limit below zero means none."""

    prefix: str = "api"
    max_outstanding: int = -1
    max_concurrent: int = -1


@dataclass(frozen=True)
class QueueSettings:
    """host.json `extensions.queues`; the polling default is the one of a development host (documented: 2 s)."""

    batch_size: int = 16
    new_batch_threshold: int = 8
    max_polling: timedelta = timedelta(seconds=2)
    visibility: timedelta = timedelta(0)
    max_dequeue: int = 5
    base64: bool = True


@dataclass(frozen=True)
class HostJson:
    """All of host.json that this host acts on."""

    http: HttpSettings
    queues: QueueSettings
    durable: DurableSettings
    log_levels: Mapping[str, str]


def read_host_json(app: Path) -> HostJson:
    """Read and check host.json of the app; raises HostError naming what is wrong."""
    path = app / FILE
    if not path.is_file():
        raise HostError(f"No {FILE} in {app}: a function app starts with `function_app.py` and `{FILE}`.")
    found = _with_overrides(read_object(path))
    if found.get("version") != "2.0":
        raise HostError(f'{path}: "version" must be "2.0".')
    extensions = _section(found, "extensions")
    try:
        return HostJson(
            http=_http(_section(extensions, "http")),
            queues=_queues(_section(extensions, "queues")),
            durable=_durable(_section(extensions, "durableTask")),
            log_levels=_section(_section(found, "logging"), "logLevel"),
        )
    except (TypeError, ValueError) as error:
        raise HostError(f"{path}: {error}") from error


def _section(parent: Mapping[str, Any], name: str) -> dict[str, Any]:
    # .NET configuration does not heed case.
    match = next((key for key in parent if key.lower() == name.lower()), name)
    found = parent.get(match, {})
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise HostError(f'{FILE}: "{name}" must be an object.')
    return found


def _with_overrides(found: dict[str, Any]) -> dict[str, Any]:
    """Apply app settings such as `AzureFunctionsJobHost__extensions__queues__batchSize` (documented)."""
    for name, value in os.environ.items():
        if name.startswith(OVERRIDE):
            _put(found, name.removeprefix(OVERRIDE).split("__"), value)
    return found


def _put(found: dict[str, Any], path: list[str], value: str) -> None:
    for step in path[:-1]:
        found = found.setdefault(next((key for key in found if key.lower() == step.lower()), step), {})
    found[next((key for key in found if key.lower() == path[-1].lower()), path[-1])] = value


def _http(section: dict[str, Any]) -> HttpSettings:
    return HttpSettings(
        prefix=str(section.get("routePrefix", "api")).strip("/"),
        max_outstanding=int(section.get("maxOutstandingRequests", -1)),
        max_concurrent=int(section.get("maxConcurrentRequests", -1)),
    )


def _queues(section: dict[str, Any]) -> QueueSettings:
    batch = _within(section, "batchSize", 16, range(1, 33))
    encoding = str(section.get("messageEncoding", "base64")).lower()
    if encoding not in ("base64", "none"):
        raise ValueError(f'queues.messageEncoding must be "base64" or "none", not {encoding!r}')
    return QueueSettings(
        batch_size=batch,
        new_batch_threshold=_within(section, "newBatchThreshold", batch // 2, range(1001)),
        max_polling=max(timedelta(milliseconds=100), _span(section, "maxPollingInterval", timedelta(seconds=2))),
        visibility=_span(section, "visibilityTimeout", timedelta(0)),
        max_dequeue=_within(section, "maxDequeueCount", 5, range(1, 1_000_000)),
        base64=encoding == "base64",
    )


def _durable(section: dict[str, Any]) -> DurableSettings:
    given = {name: section[key] for key, name in DURABLE_NAMES.items() if section.get(key) is not None}
    if "hub" in given:
        given["hub"] = resolve(str(given["hub"]), "durableTask.hubName")
    for name in ("max_activities", "max_orchestrators"):
        if name in given:
            given[name] = int(given[name])
    settings = DurableSettings(**given)
    _one_of("versionMatchStrategy", settings.version_match, ("None", "Strict", "CurrentOrOlder"))
    _one_of("versionFailureStrategy", settings.version_failure, ("Reject", "Fail"))
    return settings


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"durableTask.{name} must be one of {', '.join(allowed)}, not {value!r}")


def _within(section: dict[str, Any], name: str, default: int, allowed: range) -> int:
    value = int(section.get(name, default))
    if value not in allowed:
        raise ValueError(f"queues.{name} must be between {allowed[0]} and {allowed[-1]}, not {value}")
    return value


def _span(section: dict[str, Any], name: str, default: timedelta) -> timedelta:
    text = section.get(name)
    if text is None:
        return default
    # Older documents give queue polling as a number of milliseconds.
    span = timedelta(milliseconds=text) if isinstance(text, int) else parse_timespan(str(text))
    if span is None:
        raise ValueError(f"queues.{name} must be a time span such as 00:00:30, not {text!r}")
    return span
