"""How a test lets a machine enter a phase and leave it, and stops it meanwhile."""

from typing import Any

from shared.contracts.requests import PhaseExit
from shared.coordination import operator_intents, waits
from shared.coordination.operator_intents import Control, Intent
from shared.problems import CloudRefused, Problem
from tests.activities.migration_harness import MigrationHarness

PROBLEM = CloudRefused("no room", code="28031", causes="a full disk", advice="Make room.")


def order(ferry: MigrationHarness, intent: Intent, machine: str = "*", comment: str = "") -> None:
    now = ferry.cloud.now()
    operator_intents.set_intent(
        Control(migration=ferry.migration, machine=machine, intent=intent, by="bob", at=now, comment=comment)
    )


def enter(ferry: MigrationHarness, machine: str, phase: str, owner: str = "walk") -> Any:
    ferry.comes_to(machine, phase)
    return ferry.ask("enter", ferry.look(machine, phase, owner=owner, tag=phase))


def leaving(ferry: MigrationHarness, phase: str, problem: Problem | None = None, owner: str = "walk") -> PhaseExit:
    return ferry.place("web1", phase, kind=PhaseExit, owner=owner, problem=problem.facts if problem else None)


def waiting(ferry: MigrationHarness) -> list[str]:
    return [f"{row.machine} {row.kind}" for row in waits.of_migration(ferry.migration)]
