"""What the rows of the state tables hold."""

from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    """What an item shows in a state."""

    protection: str
    description: str
    allowed: tuple[str, ...] = ()
    active: str = "Primary"


@dataclass(frozen=True)
class Test:
    """What an item shows of its test failover; `allowed` (if not None) replaces what Protected allows."""

    state: str
    description: str
    allowed: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Action:
    """One action on an item: the operation it needs, its job, and the rows it moves through.

    `during`, `success` and `failure` are rows of STATES or, with `on_test`, of TESTS; empty = no change.
    """

    gate: str
    scenario: str
    shown: str
    during: str = ""
    success: str = ""
    failure: str = ""
    on_test: bool = False
