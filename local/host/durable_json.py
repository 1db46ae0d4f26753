"""Reads `extensions.durableTask` of host.json: what stops an app in Azure stops it here, in the same words."""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import cast

from .app_settings import replaced
from .bound import Section
from .durable.app import DurableSettings, FailureStrategy, MatchStrategy
from .problems import HostError
from .task_hub import HUB_NAME, bad_hub, is_connection, no_connection

DEFAULT_HUB = "TestHubName"
LONGEST_DEFAULT_HUB = 45
PROVIDER = "AzureStorage"
PARTITIONS, BATCHES = range(1, 17), range(1, 33)
VISIBILITY = timedelta(minutes=1), timedelta(hours=1)
FIVE_MINUTES = timedelta(minutes=5)
NO_SESSIONS = (
    "Durable Functions with extendedSessionsEnabled set to 'true' is only supported when using the in-process .NET "
    "worker. Please remove the setting or change it to 'false'.See "
    "https://docs.microsoft.com/azure/azure-functions/durable/durable-functions-perf-and-scale#extended-sessions "
    "for more details."
)

NO_NOTIFICATIONS = "Failed to start lifecycle notification feature."
UNSUPPORTED_EVENT = (
    "Unsupported event types detected in 'EventGridPublishEventTypes'. You may only specify one or more of the "
    "following 'Started', 'Completed', 'Failed', 'Terminated'."
)
PUBLISHED = frozenset({"Started", "Running", "Completed", "Failed", "Terminated", "Suspended"})


def read_durable(section: Section, environment: Mapping[str, str] = os.environ) -> DurableSettings:
    """Give the settings of durable functions; raises HostError naming what Azure would not start with."""
    limits = _limits(section, environment)
    storage = section.section("storageProvider")
    visibility = _check_storage(storage, environment)
    _check_rest(section)
    _check_notifications(section.section("notifications"), environment)
    states = section.choice("overridableExistingInstanceStates", "NonRunningStates", ("AnyState", "NonRunningStates"))
    match = section.choice("versionMatchStrategy", "CurrentOrOlder", ("None", "Strict", "CurrentOrOlder"))
    failure = section.choice("versionFailureStrategy", "Reject", ("Reject", "Fail"))
    return DurableSettings(
        hub=_hub(section, environment),
        max_activities=limits["activity"],
        max_orchestrators=limits["orchestrator"],
        max_entities=limits["entity"],
        default_version=section.text("defaultVersion", "") or None,
        version_match=cast("MatchStrategy", match),
        version_failure=cast("FailureStrategy", failure),
        visibility=visibility,
        replaces_running=states == "AnyState",
    )


def is_consumption(environment: Mapping[str, str]) -> bool:
    """Say whether Azure's extension would take this for a Consumption plan: its defaults are lower there."""
    is_container = bool(environment.get("CONTAINER_NAME")) and not environment.get("WEBSITE_INSTANCE_ID")
    return environment.get("WEBSITE_SKU") == "Dynamic" or is_container


def _limits(section: Section, environment: Mapping[str, str]) -> dict[str, int]:
    usual = 10 * (os.cpu_count() or 1)
    defaults = {"activity": usual, "orchestrator": usual, "entity": usual}
    if is_consumption(environment):
        defaults = {"activity": 10, "orchestrator": 5, "entity": 10}
    return {kind: _positive(section, f"maxConcurrent{kind.title()}Functions", most) for kind, most in defaults.items()}


def _positive(section: Section, name: str, default: int) -> int:
    found = section.number(name, default)
    if found <= 0:
        raise HostError(f"host.json: {name[0].upper()}{name[1:]} must be a positive integer value.")
    return found


def _hub(section: Section, environment: Mapping[str, str]) -> str:
    if not section.has("hubName"):
        return _default_hub(environment.get("WEBSITE_SITE_NAME", ""))
    name = replaced(section.text("hubName", ""))
    if not HUB_NAME.fullmatch(name):
        raise HostError(f"host.json: {bad_hub(name)}")
    return name


def _default_hub(site: str) -> str:
    """Give the name that a site's hub has by itself; only such a name is mended."""
    letters = re.sub(r"[^A-Za-z0-9]", "", site)
    if not letters:
        return DEFAULT_HUB
    return (letters if letters[0].isalpha() else f"t{letters}")[:LONGEST_DEFAULT_HUB]


def _check_storage(storage: Section, environment: Mapping[str, str]) -> timedelta:
    """Check `storageProvider`; gives how long an activity that was taken is invisible."""
    provider = storage.text("type", PROVIDER)
    if provider.lower() != PROVIDER.lower():
        raise HostError(
            f"host.json: Storage provider type ({provider}) was not found. Available storage providers: {PROVIDER}."
        )
    _within(storage, "partitionCount", 4, PARTITIONS)
    _within(storage, "controlQueueBatchSize", 32, BATCHES)
    storage.span("maxQueuePollingInterval", timedelta(seconds=30))
    connection = storage.text("connectionName", "") or storage.text("connectionStringName", "")
    if not is_connection(connection, environment):
        raise HostError(f"host.json: {no_connection(connection)}")
    _visibility(storage, "controlQueueVisibilityTimeout")
    return _visibility(storage, "workItemQueueVisibilityTimeout")


def _within(storage: Section, name: str, default: int, allowed: range) -> None:
    found = storage.number(name, default)
    if found not in allowed or (storage.has(name) and not storage.text(name, "").strip()):
        what = f"{name[0].upper()}{name[1:]} must be an integer value between {allowed[0]} and {allowed[-1]}."
        raise HostError(f"host.json: {what}")


def _visibility(storage: Section, name: str) -> timedelta:
    found = storage.span(name, FIVE_MINUTES)
    least, most = VISIBILITY
    if not least <= found <= most:
        raise HostError(f"host.json: {name[0].upper()}{name[1:]} must be between 1 and 60 minutes, not {found}.")
    return found


def _check_notifications(section: Section, environment: Mapping[str, str]) -> None:
    """Check what lifecycle events are to be sent to Event Grid; this host sends none, Azure would not start."""
    if "eventgrid" not in section.values or section.values["eventgrid"] is None:
        return
    grid = section.section("eventGrid")
    key, topic = grid.text("keySettingName", ""), grid.text("topicEndpoint", "")
    if key and not environment.get(key):
        raise HostError(
            f"host.json: {NO_NOTIFICATIONS} Please check the configuration values for {key} on AppSettings."
        )
    if not key or not topic:
        raise HostError(f"host.json: {NO_NOTIFICATIONS} Please check the configuration values for {topic} and {key}.")
    for kind in grid.values.get("publisheventtypes") or ():
        if kind not in PUBLISHED:
            raise HostError(f"host.json: {NO_NOTIFICATIONS} {UNSUPPORTED_EVENT}")


def _check_rest(section: Section) -> None:
    """Check what this host does not act on, and what Azure would stop at nevertheless."""
    if section.flag("extendedSessionsEnabled", default=False):
        raise HostError(f"host.json: {NO_SESSIONS}")
    for name in ("maxEntityOperationBatchSize", "maxOrchestrationActions"):
        section.number(name, 0)
    tracing = section.section("tracing")
    tracing.choice("version", "V1", ("None", "V1", "V2"))
    protocols = ("None", "HttpCorrelationProtocol", "W3CTraceContext")
    tracing.choice("distributedTracingProtocol", "HttpCorrelationProtocol", protocols)
