"""A row of the ledger of migrations, and what a change of it may say."""

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

from pydantic import Field

from shared.concerns.registry import Concern
from shared.coordination.decision import Decision
from shared.ledger.plan_change import RunningChange
from shared.ledger.versioned_row import Stamped
from shared.problems import ProblemData
from shared.states import MigrationStatus, Outcome


class MigrationRow(Stamped):
    """What is known of one migration."""

    id: str
    plan: str = ""
    scenario: str = ""
    mode: str = ""
    status: MigrationStatus = MigrationStatus.RUNNING
    outcome: Outcome = Outcome.NONE
    phase: str = ""
    waiting_for: str = ""
    release: str = Field(default="", description="the command that releases it")
    started_at: datetime | None = None
    ended_at: datetime | None = None
    started_by: str = ""
    starter: str = Field(
        default="", description="object id of who started it; empty = not known, as of a queue's message"
    )
    plan_hash: str = Field(default="", description="of the plan that it was started with")
    profile: str = Field(default="", description="that this plan lay upon; empty = none")
    profile_version: int = 0
    plan_version: int = Field(default=1, description="of the plan that it runs: one more with each change")
    plan_keys: tuple[str, ...] = Field(
        default=(), description="of the plans that followed the first, the last one holds"
    )
    plan_decision: Decision | None = Field(default=None, description="by which the latest one followed")
    plan_change: RunningChange | None = Field(default=None, description="the latest one that concerns machines")
    round: int = Field(default=1, description="the latest round")
    open_rounds: tuple[int, ...] = Field(default=(1,), description="rounds that still run")
    opener: str = Field(default="", description="which command opened the latest round")
    instances: tuple[str, ...] = Field(default=(), description="root instance ids, one per round")
    lives: dict[int, int] = Field(
        default={}, description="round -> how often its root began: 1, and one more each time it was lost"
    )
    problem: ProblemData | None = None
    concerns: tuple[Concern, ...] = Field(default=(), description="those of the plan as a whole")
    machines: int = 0

    @property
    def plan_key(self) -> str:
        """Which of its plans holds; empty = the one that it was started with."""
        return self.plan_keys[-1] if self.plan_keys else ""

    @property
    def earlier_key(self) -> str:
        """Which of its plans held before the one that holds."""
        return ("", *self.plan_keys)[-2:][0]


class MigrationChanges(TypedDict, total=False):
    """What a change of a migration's row may say; its rounds are opened and closed by functions of their own."""

    status: MigrationStatus
    phase: str
    waiting_for: str
    release: str
    problem: ProblemData | None
    concerns: tuple[Concern, ...] | Callable[[tuple[Concern, ...]], tuple[Concern, ...]]
    machines: int


class RoundChanges(MigrationChanges, total=False):
    """What the beginning or the end of a round changes of its migration's row."""

    outcome: Outcome
    ended_at: datetime | None
    round: int
    open_rounds: tuple[int, ...]
    opener: str
    instances: tuple[str, ...]
    stamp: datetime
