"""Reads host.json: the settings of the host, with Azure's defaults."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from .bound import ROOT, Section
from .durable.app import DurableSettings
from .durable_json import read_durable
from .lenient_json import read_object
from .problems import HostError

FILE = "host.json"
OVERRIDE = "azurefunctionsjobhost__"
LEAST_POLLING = timedelta(milliseconds=100)


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
    found = Section.of(ROOT, _with_overrides(read_object(path)))
    if found.values.get("version") != "2.0":
        raise HostError(f'{path}: "version" must be "2.0".')
    extensions = found.section("extensions")
    levels = found.section("logging").values.get("loglevel") or {}
    return HostJson(
        http=_http(extensions.section("http")),
        queues=_queues(extensions.section("queues")),
        durable=read_durable(extensions.section("durableTask")),
        log_levels={name: str(level) for name, level in levels.items()},
    )


def _with_overrides(found: dict[str, Any]) -> dict[str, Any]:
    """Apply app settings such as `AzureFunctionsJobHost__extensions__queues__batchSize` (in any letter case)."""
    for name, value in os.environ.items():
        if name.lower().startswith(OVERRIDE):
            _put(found, name[len(OVERRIDE) :].split("__"), value)
    return found


def _put(found: dict[str, Any], path: list[str], value: str) -> None:
    for step in path[:-1]:
        named = next((key for key in reversed(found) if key.lower() == step.lower()), step)
        found = found.setdefault(named, {})
    for key in [key for key in found if key.lower() == path[-1].lower()]:
        del found[key]
    found[path[-1]] = value


def _http(section: Section) -> HttpSettings:
    return HttpSettings(
        prefix=section.text("routePrefix", "api"),
        max_outstanding=section.number("maxOutstandingRequests", -1),
        max_concurrent=section.number("maxConcurrentRequests", -1),
    )


def _queues(section: Section) -> QueueSettings:
    batch = _within(section, "batchSize", 16, range(1, 33))
    encoding = section.choice("messageEncoding", "Base64", ("None", "Base64"))
    polling = section.span("maxPollingInterval", timedelta(seconds=2))
    if polling < LEAST_POLLING:
        raise HostError("host.json: queues.maxPollingInterval must not be less than 00:00:00.1000000.")
    threshold = section.number("newBatchThreshold", batch // 2 * (os.cpu_count() or 1))
    if threshold < 0:
        raise HostError(f"host.json: queues.newBatchThreshold must not be negative: {threshold}")
    return QueueSettings(
        batch_size=batch,
        new_batch_threshold=threshold,
        max_polling=polling,
        visibility=section.span("visibilityTimeout", timedelta(0)),
        max_dequeue=_within(section, "maxDequeueCount", 5, range(1, 2**31)),
        base64=encoding == "Base64",
    )


def _within(section: Section, name: str, default: int, allowed: range) -> int:
    value = section.number(name, default)
    if value not in allowed:
        raise HostError(f"host.json: queues.{name} must be between {allowed[0]} and {allowed[-1]}, not {value}")
    return value
