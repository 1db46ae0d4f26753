"""What earlier migrations did about a machine is known, and no advice undoes it."""

from collections.abc import Callable

from shared.concerns.judge import judge_machine
from shared.concerns.registry import MachineCase
from shared.concerns.source_facts import SourceFacts

MakeCase = Callable[..., MachineCase]


def test_a_machine_that_was_migrated_before_is_neither_to_be_started_nor_its_vm_to_be_removed(
    case: MakeCase, sound: SourceFacts
) -> None:
    moved = sound.replace(state="stopped", moved_by="web1 was migrated by case.1 and serves as web1")
    ids = {each.id for each in judge_machine(case(moved))}
    assert "migrated-before" in ids
    assert not ids & {"machine-not-running", "target-name-taken"}
