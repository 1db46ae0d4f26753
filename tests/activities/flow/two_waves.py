"""A migration of two waves, its row, and how its rounds begin and are left."""

from typing import Any

from shared.contracts.requests import PhaseExit
from shared.coordination.decision import Decision
from shared.ledger import migrations
from shared.ledger.migration_row import MigrationRow
from shared.problems import Problem
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of


def two_waves(**changes: Any) -> dict[str, Any]:
    first = plan_of("web1", "web2")["waves"][0]
    second = plan_of("db1")["waves"][0] | {"name": "second", "dependsOn": ["first"]}
    second["machines"] = [{"name": "db1", "source": {"privateIp": "10.0.2.31"}, "bootGroup": 2}]
    return plan_of(**changes) | {"waves": [first, second]}


def migration(ferry: MigrationHarness) -> MigrationRow:
    found = migrations.get(ferry.migration)
    assert found
    return found


def decision_now(ferry: MigrationHarness) -> Decision:
    ferry.cloud.later(60)
    return Decision(by="ann", at=ferry.cloud.now(), comment="not today")


def leaving(ferry: MigrationHarness, problem: Problem | None = None, **more: Any) -> PhaseExit:
    return ferry.place(kind=PhaseExit, problem=problem.facts if problem else None, **more)


def members(ferry: MigrationHarness, wave: str = WAVE, number: int = 1) -> Any:
    return ferry.ask("list_members", ferry.place(wave=wave, phase="migrate_wave", round=number))
