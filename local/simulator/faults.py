"""Faults on order: which calls, jobs and machines go wrong, and how often."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import count
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal[
    "throttle",  # 429 with Retry-After
    "server-error",  # `status` (5xx), nothing done
    "refused",  # as recorded of `code` (see refusals.py), or `status`, `code` and `message`; nothing done
    "drop-before",  # the connection ends, nothing done
    "drop-after",  # the effect is there, the connection ends
    "job-fails",  # the job ends Failed at `task` with ASR `code`
    "job-hangs",  # the job stays InProgress at `task`
    "slow-replication",  # `factor` times slower
    "stalled-replication",  # no progress at all while the fault lives
    "no-recovery-points",  # recovery points stop coming
    "replica-disks-stay",  # the disks that held a copy are not deleted with it
    "appliance-never-registers",
    "component-unhealthy",  # `match` names the component of an appliance
]
KINDS: tuple[str, ...] = get_args(Kind)


class Fault(BaseModel):
    """One order, as the control API takes it; `times` null = until taken away, `skip` = let that many pass first.

    Matching is by globs in any case: `operation` (a role action such as `*/testFailover/action`), `match` (a request's
    path, or an object's id or name), `scenario` (a job's scenarioName such as `UnplannedFailover`; a recovery plan's own
    job is `RecoveryPlan.UnplannedFailover`, its machines' jobs have the plain name).
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    kind: Kind
    operation: str = "*"
    match: str = "*"
    scenario: str = "*"
    times: int | None = Field(default=1, ge=1)
    skip: int = Field(default=0, ge=0)
    status: int = Field(default=503, ge=400, le=599)
    retry_after: int | None = Field(default=None, alias="retryAfter")
    code: str = ""
    message: str = ""
    possible_causes: str = Field(default="", alias="possibleCauses")
    recommended_action: str = Field(default="", alias="recommendedAction")
    task: str = ""
    factor: float = Field(default=4.0, gt=0)


@dataclass
class _Order:
    fault: Fault
    left: int | None
    skip: int
    hits: int = 0


@dataclass
class Faults:
    """The orders in force; asking for one uses it up."""

    _orders: dict[str, _Order] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def order(self, fault: Fault) -> str:
        """Put a fault in force and return its id."""
        name = f"fault-{next(self._numbers)}"
        self._orders[name] = _Order(fault, fault.times, fault.skip)
        return name

    def withdraw(self, name: str | None = None) -> None:
        """Take one fault (or all) out of force."""
        if name is None:
            self._orders.clear()
        else:
            self._orders.pop(name, None)

    def listing(self) -> list[dict[str, object]]:
        """Return the orders with how often each was met."""
        return [
            {"id": name, "hits": order.hits, "left": order.left, **order.fault.model_dump(by_alias=True)}
            for name, order in self._orders.items()
        ]

    @property
    def any_ordered(self) -> bool:
        """Whether a request may use one up."""
        return bool(self._orders)

    def for_request(self, kinds: tuple[str, ...], operation: str, path: str) -> Fault | None:
        """Use up and return a fault for a request."""
        return self._take(kinds, (("operation", operation),), (path,))

    def orders(self, kind: str) -> list[Fault]:
        """Return the faults of a kind that are not used up."""
        return [order.fault for order in self._orders.values() if order.fault.kind == kind and order.left != 0]

    def for_job(self, kind: str, scenario: str, *objects: str, task: str = "") -> Fault | None:
        """Use up and return a fault for a job on an object known by these ids and names."""
        return self._take((kind,), (("scenario", scenario), ("task", task)), objects)

    def holds(self, kind: str, *objects: str) -> Fault | None:
        """Return a lasting condition on an object without using it up."""
        for order in self._orders.values():
            if order.fault.kind == kind and _any(order.fault.match, objects):
                order.hits += 1
                return order.fault
        return None

    def _take(
        self, kinds: tuple[str, ...], facts: tuple[tuple[str, str], ...], objects: tuple[str, ...]
    ) -> Fault | None:
        for order in self._orders.values():
            fault = order.fault
            met = fault.kind in kinds and all(_glob(getattr(fault, name), value) for name, value in facts)
            if met and _any(fault.match, objects) and _use(order):
                return fault
        return None


def _use(order: _Order) -> bool:
    if order.skip:
        order.skip -= 1
        return False
    if order.left == 0:
        return False
    order.hits += 1
    order.left = None if order.left is None else order.left - 1
    return True


def _glob(pattern: str, value: str) -> bool:
    return fnmatchcase(value.lower(), pattern.lower())


def _any(pattern: str, objects: tuple[str, ...]) -> bool:
    return pattern == "*" or any(_glob(pattern, subject) for subject in objects)
