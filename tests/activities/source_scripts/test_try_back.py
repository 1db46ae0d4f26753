"""Try back: the server that pushes the agent tries the machine, and what was only judged is said to be so."""

from collections.abc import Callable

import pytest

from shared.contracts.requests import Poll
from shared.contracts.sources import CommandStarted
from shared.ledger import events
from shared.problems import Refused
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import after_many_deaths
from tests.activities.roads.test_configuration_server import SERVER, classic

PHASE = "check_connectivity"


@pytest.fixture
def pushing(ferry: MigrationHarness) -> MigrationHarness:
    """Two machines whose rules are open to the server that pushes; db1 runs Windows."""
    ferry.begin(plan=classic("web1", "db1"))
    for step in ("read_sources", "read_target"):
        ferry.ask(step, ferry.place(phase="assess"))
    ferry.ask("open_rules", ferry.place(phase="open_security_groups"))
    return ferry


def looking(ferry: MigrationHarness, machine: str, **more: str) -> Poll:
    look: Poll = ferry.look(machine, PHASE, **more)
    return look


def tried(ferry: MigrationHarness, machine: str) -> str:
    """Let the server try, wait, and look; what was said of it."""
    began = ferry.ask("try_back", looking(ferry, machine))
    ferry.cloud.later(120)
    ferry.ask("poll_back", looking(ferry, machine, job=began.command))
    return " ".join(each.text for each in events.page(ferry.migration, machine=machine)[0])


@pytest.mark.parametrize(("machine", "ports"), [("web1", "(22)"), ("db1", "(445 and 135)")])
def test_the_server_reaches_the_ports_of_a_push(pushing: MigrationHarness, machine: str, ports: str) -> None:
    text = tried(pushing, machine)
    assert f"tried from {SERVER}: it reaches" in text
    assert ports in text


def test_a_machine_whose_own_firewall_shuts_it_out_is_named_with_the_port(pushing: MigrationHarness) -> None:
    (instance,) = [
        each for each in pushing.ssm("GET", "instances").json() if each["instanceId"] == pushing.instances["db1"]
    ]
    pushing.ssm("PUT", "instances", [instance | {"shuts": [445]}])
    with pytest.raises(Refused, match=r"tried from ferry-cs: port 445 of 10\.0\.2\.22 is not reachable") as refused:
        tried(pushing, "db1")
    assert refused.value.facts.id == "push-unreachable"


def test_rules_that_are_closed_show_in_the_attempt(pushing: MigrationHarness) -> None:
    pushing.ask("close_rules", pushing.place(phase="open_security_groups"))
    with pytest.raises(Refused, match="port 445"):
        tried(pushing, "db1")


def test_it_is_sent_once_through_all_deaths(pushing: MigrationHarness, dying: Callable[..., Dying]) -> None:
    poll = looking(pushing, "db1")
    began = after_many_deaths(dying, lambda: pushing.ask("try_back", poll))
    assert [each["CommandId"] for each in pushing.commands()] == [began.command]


def test_without_an_agent_on_the_server_it_is_said_that_nothing_was_tried(pushing: MigrationHarness) -> None:
    (instance,) = [each for each in pushing.ssm("GET", "instances").json() if each["computerName"] == SERVER]
    pushing.ssm("PUT", "instances", [instance | {"agent": False}])
    assert pushing.ask("try_back", looking(pushing, "db1")) == CommandStarted()
    texts = " ".join(each.text for each in events.page(pushing.migration, machine="db1")[0])
    assert "judged from rules, not tried" in texts
