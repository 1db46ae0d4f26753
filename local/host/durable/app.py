"""What the engine is told about the app and its settings, and what its queries take and give."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

MatchStrategy = Literal["None", "Strict", "CurrentOrOlder"]
FailureStrategy = Literal["Reject", "Fail"]


@dataclass(frozen=True)
class Activity:
    """One activity: JSON text in (None: no input), JSON text out; it raises when it fails.

    The failure's text becomes `Activity function '{name}' failed: {type}: {text}`, as Azure writes it.
    """

    name: str
    run: Callable[[str | None], str] | Callable[[str | None], Awaitable[str]]
    is_async: bool = False


@dataclass(frozen=True)
class DurableApp:
    """The durable functions of one app; names are matched without regard to case, as Azure does."""

    orchestrators: Mapping[str, Callable[[str], str]]
    activities: Mapping[str, Activity] = field(default_factory=dict)
    entities: Mapping[str, Activity] = field(default_factory=dict)  # a batch as JSON text in, what came of it out


@dataclass(frozen=True)
class DurableSettings:
    """host.json `extensions.durableTask`, with Azure's defaults (documented)."""

    hub: str = "TestHubName"
    max_activities: int = 20
    max_orchestrators: int = 20
    max_entities: int = 20
    default_version: str | None = None
    version_match: MatchStrategy = "CurrentOrOlder"
    version_failure: FailureStrategy = "Reject"
    visibility: timedelta = timedelta(minutes=5)  # after which an activity that a dead host had taken runs again
    replaces_running: bool = False  # a start under the id of a running instance replaces it (AnyState)
    early_timers: bool = False  # durable timers come as early as Azure's queues may let them come


@dataclass(frozen=True)
class Query:
    """Which instances a listing or a purge means; None or empty means any. Times are aware."""

    statuses: frozenset[str] = frozenset()
    created_from: datetime | None = None
    created_to: datetime | None = None
    prefix: str = ""
    top: int = 100
    continuation: str | None = None  # the id after which the page begins
    show_input: bool = True


@dataclass(frozen=True)
class Page:
    """One page of a listing by id: statuses on the wire shape, and the id after which the next page begins."""

    items: list[dict[str, Any]]
    continuation: str | None
