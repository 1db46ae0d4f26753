"""The watcher of a vault and the probe of a partition: what they are told, and what they keep in mind from tick to tick."""

from datetime import datetime

from pydantic import Field

from shared.models import NEVER, Model, Request, Settled

# Then a watcher starts over with an empty history; it receives no events, so none can be lost. Each tick replays those
# before it.
TICKS_PER_HISTORY = 5
NEAR = 60  # seconds between two listings of a first copy that is new or about to end


class VaultListings(Model):
    """What the watcher of a vault keeps in mind from tick to tick: what it listed when."""

    jobs: datetime = Field(default=NEVER, description="when jobs were listed last")
    items: datetime = Field(default=NEVER, description="when protected items were listed last")
    standby: datetime = Field(
        default=NEVER, description="when the copies of those that stand by were written down last"
    )
    retold: datetime = Field(default=NEVER, description="when those were woken again last whose place waits for them")
    copies: int = Field(default=NEAR, description="seconds between two listings of items that first copies are worth")
    busy: datetime = Field(default=NEVER, description="when somebody last waited for more than a first copy")


class Watch(Request):
    """The watcher of one vault."""

    vault: str = Field(description="watch key of the vault")
    listed: VaultListings = VaultListings()
    ticks: int = Field(default=50, description="how many make one history; 50 = as earlier releases began it")


class PartitionProbe(Request):
    """A look whether a partition of the task hub works."""

    partition: int = 0
    began: datetime = Field(default=NEVER, description="when the probe was begun")


class PartitionShown(Model):
    """A partition of the task hub worked."""

    began: datetime = Field(default=NEVER, description="when the probe was begun")
    at: datetime = Field(default=NEVER, description="when it worked")


class WatcherTick(Settled):
    """What a tick of the watcher found: whom to wake, and when to look again; no rows = the watcher may end."""

    next: int = Field(default=30, description="seconds until the next tick")
    rows: int = 0
    listed: VaultListings = VaultListings()
    unreconciled: bool = Field(default=False, description="nobody reconciles any more: the watcher does it once")
