"""The configuration server's road: found by its fabric, machines added by address, agents pushed or installed by hand."""

from collections.abc import Callable
from typing import Any

import pytest

from activities.replication_server import account_for_push, find_server, pushed
from shared.ledger import events
from shared.problems import CloudRefused, Refused
from shared.requests import Look
from shared.states import MachineState
from tests.activities.dying import Dying
from tests.activities.ferry import Ferry, plan_of
from tests.activities.repeating import after_many_deaths, effects, patiently
from tests.clouds import VAULT

SERVER = "ferry-cs"
ADD = "*discoverProtectableItem/action"
REASON = [{"concern": "replication-mode-retired", "reason": "it still works and these are its last machines"}]


def classic(*names: str, install: str = "push", **changes: Any) -> dict[str, Any]:
    """A plan whose machines go through a configuration server."""
    appliance = {"name": SERVER, "runAsAccount": "pusher"}
    replication = {"mode": "configurationServer", "appliance": appliance, "agent": {"install": install}}
    return plan_of(*names, replication=replication, acknowledge=REASON) | changes


@pytest.fixture
def served(ferry: Ferry) -> Ferry:
    """Two machines, `web1` and `db1`, whose plan's own phases are through; agents are pushed."""
    ferry.begin(plan=classic("web1", "db1"))
    ferry.prepare()
    return ferry


def by_hand(ferry: Ferry) -> Ferry:
    """One machine on which a person installs the agent."""
    ferry.begin(plan=classic("web1", install="manual"))
    ferry.prepare()
    return ferry


def looking(ferry: Ferry, **more: Any) -> Look:
    look: Look = ferry.look("web1", "install_agent", **more)
    return look


def rules(ferry: Ferry, name: str) -> set[tuple[int, int]]:
    """The ports of the rules in an instance's first group that carry the migration's tag."""
    found = ferry.ec2().describe_instances(InstanceIds=[ferry.instances[name]])
    group = found["Reservations"][0]["Instances"][0]["SecurityGroups"][0]["GroupId"]
    answer = ferry.ec2().describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    ours = [rule for rule in answer["SecurityGroupRules"] if ferry.migration in str(rule.get("Tags"))]
    return {(rule["FromPort"], rule["ToPort"]) for rule in ours}


def test_machines_go_all_the_way(served: Ferry) -> None:
    served.walk("web1", "db1")
    assert {served.row(name).state for name in ("web1", "db1")} == {MachineState.FINALIZED}
    assert len(effects(served, ADD)) == 2


def test_a_mode_that_is_retired_is_walked_only_when_somebody_says_so(ferry: Ferry) -> None:
    ferry.begin(plan=classic("web1", acknowledge=[]))
    with pytest.raises(Refused, match="retired the configuration server"):
        ferry.prepare()
    assert ferry.effects("*vaults/write") == []


def test_ports_for_the_push_are_opened_on_the_machines_and_taken_back(served: Ferry) -> None:
    # web1 runs Linux, db1 runs Windows; both are in the same group
    assert rules(served, "web1") == {(22, 22), (445, 445), (135, 139), (49152, 65535)}
    assert rules(served, SERVER) == {(443, 443), (9443, 9443)}
    served.ask("close_rules", served.place(phase="open_security_groups"))
    assert rules(served, "web1") == rules(served, SERVER) == set()


def test_nothing_is_opened_on_machines_where_nothing_is_pushed(ferry: Ferry) -> None:
    by_hand(ferry)
    assert rules(ferry, "web1") == set()
    assert rules(ferry, SERVER) == {(443, 443), (9443, 9443)}


def test_a_machine_is_added_once_whatever_dies(served: Ferry, dying: Callable[..., Dying]) -> None:
    look = looking(served)
    seen = after_many_deaths(dying, lambda: patiently(served, "look_agent", look))
    assert not seen.settled
    assert len(effects(served, ADD)) == 1


def test_a_machine_is_added_once_when_its_answer_is_lost(served: Ferry) -> None:
    served.cloud.fault("drop-after", operation=ADD, times=1)
    look = looking(served)
    patiently(served, "look_agent", look)
    served.cloud.later(60)
    assert patiently(served, "look_agent", look.but(now=served.cloud.now())).settled
    assert len(effects(served, ADD)) == 1
    assert served.row("web1").evidence["discoveredMachine"].startswith(VAULT.id.replace("/subs", "/Subs"))


def test_what_is_told_of_a_machine_that_cannot_be_added_is_shown(served: Ferry) -> None:
    served.cloud.fault("job-fails", scenario="DiscoverPhysicalMachine", code="78145", message="no such machine")
    look = looking(served)
    served.ask("look_agent", look)
    served.cloud.later(60)
    with pytest.raises(CloudRefused, match="no such machine") as refused:
        served.ask("look_agent", look.but(now=served.cloud.now()))
    assert refused.value.facts.code == "78145"


def test_an_agent_installed_by_hand_is_waited_for(ferry: Ferry) -> None:
    look = looking(by_hand(ferry), tag="by-hand")
    ferry.ask("look_agent", look)
    ferry.cloud.later(60)
    waiting = ferry.ask("look_agent", look.but(now=ferry.cloud.now()))
    assert not waiting.settled
    assert "passphrase" in ferry.row("web1").waiting_for
    ferry.cloud.ask("POST", "agents", {"ip": "10.0.2.21"})
    assert ferry.ask("look_agent", look.but(now=ferry.cloud.now())).settled
    assert "agent-registered" in [one.what for one in events.page(ferry.migration)[0]]


def test_nobody_is_asked_to_install_what_is_pushed(served: Ferry) -> None:
    served.step("web1", "install_agent")
    assert served.commands() == []
    assert "gate" not in str(served.row("web1").waiting_for)


def test_a_push_that_fails_stops_the_machine_and_a_retry_removes_what_it_left(served: Ferry) -> None:
    served.cloud.ask("PATCH", "machines/web1", {"push": "credentials"})
    served.walk("web1", until="enable_replication")
    with pytest.raises(Refused, match="EP0858") as refused:
        served.step("web1", "enable_replication")
    assert "account" in refused.value.facts.advice
    served.cloud.ask("PATCH", "machines/web1", {"push": "ok"})
    again = served.look("web1", "enable_replication", round=2)
    assert patiently(served, "start_replication", again).job


def test_what_azure_says_of_the_retired_provider_is_shown(served: Ferry) -> None:
    served.walk("web1", until="enable_replication")
    served.cloud.ask("PATCH", "settings", {"legacy_providers": False})
    with pytest.raises(CloudRefused, match="no longer supported") as refused:
        served.ask("start_replication", served.look("web1", "enable_replication"))
    assert refused.value.facts.code == "ProviderRetired"


def test_an_account_that_the_server_does_not_keep_is_named(ferry: Ferry) -> None:
    ferry.begin(plan=classic("web1"))
    assert ferry.world
    aws = ferry.world.aws.model_copy(
        update={"appliance": ferry.world.aws.appliance.model_copy(update={"accounts": ()})}
    )  # type: ignore[union-attr] # it has one
    ferry.world = ferry.world.model_copy(update={"aws": aws})
    ferry.prepare()
    ferry.walk("web1", until="enable_replication")
    with pytest.raises(Refused, match="keeps no account pusher"):
        ferry.ask("start_replication", ferry.look("web1", "enable_replication"))


def test_the_server_is_found_through_the_plans_mode(served: Ferry) -> None:
    assert served.plan
    found = find_server(served.plan)
    assert found
    assert (found.name, found.unhealthy) == (SERVER, ())
    other = served.plan.replication.model_copy(update={"mode": "appliance"})
    appliance = served.plan.model_copy(update={"replication": other})
    assert find_server(appliance) is None
    assert (pushed(served.plan), account_for_push(served.plan)) == (True, "pusher")
    assert (pushed(appliance), account_for_push(appliance)) == (False, "")
