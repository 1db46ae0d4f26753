"""Install agent: settled when the server knows the machine, whoever brought the agent onto it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from activities.install_agent import SHOWS_WITHIN, poll_agent
from shared.coordination import gates
from shared.problems import Refused
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import after_many_deaths

PHASE = "install_agent"
MACHINES = "Microsoft.OffAzure/*/machines/read"


def register(ferry: MigrationHarness) -> None:
    """Let the agent of web1 register."""
    ferry.cloud.ask("POST", "agents", {"ip": "10.0.2.21"})
    ferry.cloud.later(900)


def test_a_person_is_asked_until_the_machine_shows(prepared: MigrationHarness, dying: Callable[..., Dying]) -> None:
    look = prepared.look("web1", PHASE, tag="by-hand")
    assert not after_many_deaths(dying, lambda: poll_agent(look)).settled
    (gate,) = gates.of_migration(prepared.migration)
    row = prepared.row("web1")
    assert (gate.name, gate.pending, row.state) == ("install-agent", ("web1",), MachineState.AWAITING_USER_ACTION)
    assert row.release == f'azferry confirm {prepared.migration} --gate install-agent --machine web1 --comment "done"'
    register(prepared)
    later = look.replace(now=prepared.cloud.now(), event="look:2")
    assert after_many_deaths(dying, lambda: poll_agent(later)).settled
    assert prepared.row("web1").evidence.discovered_machine


def test_one_that_was_installed_and_never_shows_is_told(prepared: MigrationHarness) -> None:
    look = prepared.look("web1", PHASE)
    assert not poll_agent(look).settled
    with pytest.raises(Refused) as refused:
        poll_agent(look.replace(now=look.now + SHOWS_WITHIN * 2))
    assert refused.value.facts.id == "agent-not-registered"
    assert refused.value.facts.advice


def test_one_listing_serves_all_who_look_in_the_same_minute(prepared: MigrationHarness) -> None:
    def listings(seconds: int) -> int:
        before = len(prepared.cloud.log(MACHINES))
        for name in ("web1", "db1"):
            look = prepared.look(name, PHASE)
            assert not poll_agent(look.replace(now=minute + timedelta(seconds=seconds))).settled
            seconds += 20
        return len(prepared.cloud.log(MACHINES)) - before

    minute = prepared.cloud.now().replace(second=0) + timedelta(minutes=1)
    assert listings(10) == 1
    assert listings(70) == 1
    assert listings(170) == 2
