"""Install agent: settled when the server knows the machine, whoever brought the agent onto it."""

from collections.abc import Callable

import pytest

from activities.install_agent import SHOWS_WITHIN, look_agent
from shared import gates
from shared.problems import Refused
from shared.states import MachineState
from tests.activities.dying import Dying
from tests.activities.ferry import Ferry
from tests.activities.repeating import after_many_deaths

PHASE = "install_agent"


def register(ferry: Ferry) -> None:
    """Let the agent of web1 register."""
    ferry.cloud.ask("POST", "agents", {"ip": "10.0.2.21"})
    ferry.cloud.later(900)


def test_a_person_is_asked_until_the_machine_shows(prepared: Ferry, dying: Callable[..., Dying]) -> None:
    look = prepared.look("web1", PHASE, tag="by-hand")
    assert not after_many_deaths(dying, lambda: look_agent(look)).settled
    (gate,) = gates.of_migration(prepared.migration)
    row = prepared.row("web1")
    assert (gate.name, gate.pending, row.state) == ("install-agent", ("web1",), MachineState.AWAITING_USER_ACTION)
    assert row.release == f"python -m cli confirm {prepared.migration} --gate install-agent --machine web1"
    register(prepared)
    later = look.but(now=prepared.cloud.now(), event="look:2")
    assert after_many_deaths(dying, lambda: look_agent(later)).settled
    assert prepared.row("web1").evidence["discoveredMachine"]


def test_one_that_was_installed_and_never_shows_is_told(prepared: Ferry) -> None:
    look = prepared.look("web1", PHASE)
    assert not look_agent(look).settled
    with pytest.raises(Refused) as refused:
        look_agent(look.but(now=look.now + SHOWS_WITHIN * 2))
    assert refused.value.facts.id == "agent-not-registered"
    assert refused.value.facts.advice
