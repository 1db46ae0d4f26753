"""The configuration server's road: found by its fabric, machines added by address, agents pushed or installed by hand."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from activities.gates.texts import text
from shared.contracts.requests import GatePoll, GatePollResult, Poll
from shared.ledger import events, migrations
from shared.problems import CloudRefused, Refused
from shared.roads.registry import road_of
from shared.roads.server_road import AgentRoad
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths, effects, patiently, submits_once
from tests.activities.test_roll_back import back
from tests.clouds import VAULT

SERVER = "ferry-cs"
ADD = "*discoverProtectableItem/action"
REASON = [{"concern": "replication-mode-retired", "reason": "it still works and these are its last machines"}]
PARTS = ("configurationServer", "processServer", "masterTargetServer")


def classic(*names: str, install: str = "push", **changes: Any) -> dict[str, Any]:
    """A plan whose machines go through a configuration server."""
    appliance = {"name": SERVER, "runAsAccount": "pusher"}
    replication = {"mode": "configurationServer", "appliance": appliance, "agent": {"install": install}}
    return plan_of(*names, replication=replication, acknowledge=REASON) | changes


@pytest.fixture
def served(ferry: MigrationHarness) -> MigrationHarness:
    """Two machines, `web1` and `db1`, whose plan's own phases are through; agents are pushed."""
    ferry.begin(plan=classic("web1", "db1"))
    ferry.prepare()
    return ferry


def by_hand(ferry: MigrationHarness) -> MigrationHarness:
    """One machine on which a person installs the agent."""
    ferry.begin(plan=classic("web1", install="manual"))
    ferry.prepare()
    return ferry


def looking(ferry: MigrationHarness, **more: Any) -> Poll:
    look: Poll = ferry.look("web1", "install_agent", **more)
    return look


def rules(ferry: MigrationHarness, name: str) -> set[tuple[int, int]]:
    """The ports of the rules in an instance's first group that carry the migration's tag."""
    found = ferry.ec2().describe_instances(InstanceIds=[ferry.instances[name]])
    group = found["Reservations"][0]["Instances"][0]["SecurityGroups"][0]["GroupId"]
    answer = ferry.ec2().describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    ours = [rule for rule in answer["SecurityGroupRules"] if ferry.migration in str(rule.get("Tags"))]
    return {(rule["FromPort"], rule["ToPort"]) for rule in ours}


def test_machines_go_all_the_way(served: MigrationHarness) -> None:
    served.walk("web1", "db1")
    assert {served.row(name).state for name in ("web1", "db1")} == {MachineState.FINALIZED}
    assert len(effects(served, ADD)) == 2
    assert effects(served, "*/replicationProtectedItems/failoverCommit/action") == [], "a migration is not committed"


def test_a_mode_that_is_retired_is_walked_only_when_somebody_says_so(ferry: MigrationHarness) -> None:
    ferry.begin(plan=classic("web1", acknowledge=[]))
    with pytest.raises(Refused, match="retired the configuration server"):
        ferry.prepare()
    assert ferry.effects("*vaults/write") == []


def test_ports_for_the_push_are_opened_on_the_machines_and_taken_back(served: MigrationHarness) -> None:
    # web1 runs Linux, db1 runs Windows; both are in the same group
    assert rules(served, "web1") == {(22, 22), (445, 445), (135, 139), (49152, 65535)}
    assert rules(served, SERVER) == {(443, 443), (9443, 9443)}
    served.ask("close_rules", served.place(phase="open_security_groups"))
    assert rules(served, "web1") == rules(served, SERVER) == set()


def test_nothing_is_opened_on_machines_where_nothing_is_pushed(ferry: MigrationHarness) -> None:
    by_hand(ferry)
    assert rules(ferry, "web1") == set()
    assert rules(ferry, SERVER) == {(443, 443), (9443, 9443)}


def test_a_machine_is_added_once_whatever_dies(served: MigrationHarness, dying: Callable[..., Dying]) -> None:
    look = looking(served)
    seen = after_many_deaths(dying, lambda: patiently(served, "poll_agent", look))
    assert not seen.settled
    assert len(effects(served, ADD)) == 1


def test_a_machine_is_added_once_when_its_answer_is_lost(served: MigrationHarness) -> None:
    served.cloud.fault("drop-after", operation=ADD, times=1)
    look = looking(served)
    patiently(served, "poll_agent", look)
    served.cloud.later(60)
    assert patiently(served, "poll_agent", look.replace(now=served.cloud.now())).settled
    assert len(effects(served, ADD)) == 1
    assert served.row("web1").evidence.discovered_machine.startswith(VAULT.id.replace("/subs", "/Subs"))


def test_what_is_told_of_a_machine_that_cannot_be_added_is_shown(served: MigrationHarness) -> None:
    served.cloud.fault("job-fails", scenario="DiscoverPhysicalMachine", code="78145", message="no such machine")
    look = looking(served)
    served.ask("poll_agent", look)
    served.cloud.later(60)
    with pytest.raises(CloudRefused, match="no such machine") as refused:
        served.ask("poll_agent", look.replace(now=served.cloud.now()))
    assert refused.value.facts.code == "78145"


def test_an_agent_installed_by_hand_is_waited_for(ferry: MigrationHarness) -> None:
    look = looking(by_hand(ferry), tag="by-hand")
    ferry.ask("poll_agent", look)
    ferry.cloud.later(60)
    waiting = ferry.ask("poll_agent", look.replace(now=ferry.cloud.now()))
    assert not waiting.settled
    assert "passphrase" in ferry.row("web1").waiting_for
    ferry.cloud.ask("POST", "agents", {"ip": "10.0.2.21"})
    ferry.cloud.later(60)  # one listing serves a minute
    assert ferry.ask("poll_agent", look.replace(now=ferry.cloud.now())).settled
    assert "agent-registered" in [each.what for each in events.page(ferry.migration)[0]]


def test_the_gate_of_a_configuration_server_names_its_prerequisites_and_each_step(enlisted: MigrationHarness) -> None:
    enlisted.take_in(classic("web1", name="classic"))
    sentence, release = text(enlisted.place(phase="register_appliance"), "register-appliance")
    for words in ("2012 R2 or 2016", "8 vCPU", "16 GB", "80 GB", "600 GB", "15 minutes", "unified setup", "passphrase"):
        assert words in sentence
    for words in ("registration-key", "valid for 5 days", "process server", "master target server", "cspsconfigtool"):
        assert words in sentence
    assert release == f'azferry confirm {enlisted.migration} --gate register-appliance --comment "done"'


def test_nobody_is_asked_to_install_what_is_pushed(served: MigrationHarness) -> None:
    served.step("web1", "install_agent")
    assert served.commands() == []
    assert "gate" not in str(served.row("web1").waiting_for)


def test_a_push_that_fails_stops_the_machine_and_a_retry_removes_what_it_left(served: MigrationHarness) -> None:
    served.cloud.ask("PATCH", "machines/web1", {"push": "credentials"})
    served.walk("web1", until="enable_replication")
    with pytest.raises(Refused, match="EP0858") as refused:
        served.step("web1", "enable_replication")
    assert "account" in refused.value.facts.advice
    served.cloud.ask("PATCH", "machines/web1", {"push": "ok"})
    again = served.look("web1", "enable_replication", round=2)
    assert patiently(served, "start_replication", again).job


def test_what_azure_says_of_the_retired_provider_is_shown(served: MigrationHarness) -> None:
    served.walk("web1", until="enable_replication")
    served.cloud.ask("PATCH", "settings", {"legacy_providers": False})
    with pytest.raises(CloudRefused, match="no longer supported") as refused:
        served.ask("start_replication", served.look("web1", "enable_replication"))
    assert refused.value.facts.code == "ProviderRetired"


def test_an_account_that_the_server_does_not_keep_is_named(ferry: MigrationHarness) -> None:
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


def test_the_server_is_found_through_the_plans_mode(served: MigrationHarness) -> None:
    assert served.plan
    road = road_of(served.plan)
    assert isinstance(road, AgentRoad)
    found = road.find_server(served.plan)
    assert found
    assert (found.name, found.unhealthy) == (SERVER, ())
    other = served.plan.replication.model_copy(update={"mode": "appliance"})
    appliance = served.plan.model_copy(update={"replication": other})
    other_road = road_of(appliance)
    assert isinstance(other_road, AgentRoad)
    assert other_road.find_server(appliance) is None
    assert (road.pushes_agent(served.plan), road.push_account(served.plan)) == (True, "pusher")
    assert (other_road.pushes_agent(appliance), other_road.push_account(appliance)) == (False, "")


def test_all_three_parts_are_waited_for_and_the_last_one_ends_it(ferry: MigrationHarness) -> None:
    ferry.begin(plan=classic("web1"))
    ferry.prepare(until="register_appliance")
    ferry.register()
    seen: list[tuple[str, ...]] = []
    for minute in range(1, 16):
        ferry.cloud.later(60)
        looked = ferry.ask("poll_appliance", ferry.look(phase="register_appliance", turn=minute))
        waits_for = tuple(part for part in PARTS if part in looked.advice) if looked.registered else ("it",)
        seen += [waits_for] if waits_for not in seen else []
        assert looked.healthy == (looked.registered and not waits_for)
    assert seen == [("it",), PARTS, PARTS[1:], PARTS[2:], ()]


def test_a_part_that_stays_ill_is_named_and_a_person_asked_after_fifteen_minutes(ferry: MigrationHarness) -> None:
    ferry.begin(plan=classic("web1"))
    ferry.prepare(until="register_appliance")
    ferry.cloud.fault("component-unhealthy", match="masterTargetServers", times=None)
    ferry.register()
    ferry.cloud.later(900)
    begun = ferry.cloud.now()

    def people(wire: dict[str, Any]) -> GatePollResult:
        poll = GatePoll.model_validate(wire)
        assert (poll.name, poll.now - begun) == ("check-appliance", timedelta(minutes=15))
        ferry.ask("poll_gate", poll)
        row = migrations.get(ferry.migration)
        assert row
        assert "master target server" in row.waiting_for
        ferry.cloud.ask("DELETE", "faults")
        return GatePollResult(settled=True)

    ferry.play("register_appliance", ferry.place(phase="register_appliance"), poll_gate=people)
    assert "appliance-healthy" in [each.what for each in events.page(ferry.migration)[0]]


def test_policy_and_mapping_of_this_provider_are_made_once_whatever_dies(
    ferry: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    ferry.begin(plan=classic("web1"))
    ferry.prepare(until="set_replication_policy")
    for what, operation in (("policy", "*replicationPolicies/write"), ("mapping", "*ContainerMappings/write")):
        look = ferry.look(phase="set_replication_policy", tag=f"ensure_{what}")
        made = submits_once(ferry, dying, f"ensure_{what}", look, operation)
        assert made["status"] == 202
        ferry.cloud.later(120)


def test_each_step_of_this_provider_is_submitted_once_whatever_dies(
    served: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    for phase, activity, operation in (
        ("enable_replication", "start_replication", "*/replicationProtectedItems/write"),
        ("start_test_failover", "submit_test_failover", "*/testFailover/action"),
        ("fail_over", "start_failover", "*/unplannedFailover/action"),
        ("complete_migration", "start_completion", "*/remove/action"),
    ):
        served.walk("web1", until=phase)
        submits_once(served, dying, activity, served.look("web1", phase), operation)
        served.step("web1", phase)
    assert served.row("web1").item_id == ""


def test_replication_of_this_provider_is_given_up_once_whatever_dies(
    served: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    served.walk("web1", until="start_test_failover")
    submits_once(served, dying, "start_disabling", served.look("web1", "cancel"), "*/remove/action")
    served.cloud.later(300)
    assert served.ask("poll_gone", served.look("web1", "cancel", turn=2)).settled


def test_a_failover_that_failed_tells_why_and_a_retry_asks_again(served: MigrationHarness) -> None:
    served.walk("web1", until="fail_over")
    served.cloud.fault("job-fails", scenario="UnplannedFailover", code="28031")
    with pytest.raises(CloudRefused) as refused:
        served.step("web1", "fail_over")
    problem = refused.value.facts
    assert (problem.code, bool(problem.causes), bool(problem.advice)) == ("28031", True, True)
    assert patiently(served, "start_failover", served.look("web1", "fail_over").replace(round=2)).job
    assert len(effects(served, "*/unplannedFailover/action")) == 2


@pytest.mark.parametrize("until", ["quiesce", "verify"])
def test_a_rollback_before_and_after_the_failover_ends_with_service_on_the_source(
    served: MigrationHarness, until: str
) -> None:
    served.walk("web1", until=until)
    back(served, "web1")
    row, gone = served.row("web1"), until == "verify"
    found = served.ec2().describe_instances(InstanceIds=[served.instances["web1"]])
    assert found["Reservations"][0]["Instances"][0]["State"]["Name"] == "running"
    assert row.state == (MachineState.ROLLED_BACK if gone else MachineState.READY_FOR_CUTOVER)
    assert len(effects(served, "*/remove/action")) == gone
    assert len(effects(served, "*/virtualMachines/deallocate/action")) == gone


# --- launched on EC2 ---------------------------------------------------------------------------------------------------


def launched(ferry: MigrationHarness) -> Any:
    """The instance that was launched as configuration server, as EC2 tells of it."""
    filters = [{"Name": "tag:azferry:appliance", "Values": [SERVER]}]
    ((instance,),) = (each["Instances"] for each in ferry.ec2().describe_instances(Filters=filters)["Reservations"])
    return instance


def test_a_configuration_server_is_launched_with_the_ports_of_the_guide(ferry: MigrationHarness) -> None:
    plan = classic("web1", "db1")
    ferry.build(plan)
    ferry.ec2().terminate_instances(InstanceIds=[ferry.instances[SERVER]])
    subnet = ferry.ec2().describe_subnets(Filters=[{"Name": "vpc-id", "Values": ["vpc-0abc1234"]}])["Subnets"][0]
    server = plan["replication"]["appliance"] | {"launch": True, "subnetId": subnet["SubnetId"]}
    ferry.take_in(plan | {"replication": plan["replication"] | {"appliance": server}})
    ferry.prepare(until="register_appliance")
    for _ in range(2):
        ferry.ask("launch_appliance", ferry.place(phase="register_appliance"))
    made = launched(ferry)
    (group,) = (each["GroupId"] for each in made["SecurityGroups"])
    ferry.instances = ferry.instances | {SERVER: made["InstanceId"]}
    # documented: machines reach the server on 443 and the process server on 9443; a push needs file sharing and WMI, or SSH
    assert rules(ferry, SERVER) == {(443, 443), (9443, 9443)}
    assert rules(ferry, "web1") == {(22, 22), (445, 445), (135, 139), (49152, 65535)}
    answer = ferry.ec2().describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    assert {
        who for rule in answer["SecurityGroupRules"] if not rule["IsEgress"] and (who := rule.get("CidrIpv4"))
    } == set()
    ferry.register()
    ferry.cloud.later(900)
    assert ferry.ask("poll_appliance", ferry.look(phase="register_appliance")).healthy
    ferry.ec2().terminate_instances(InstanceIds=[made["InstanceId"]])
    ferry.ask("close_rules", ferry.place())
    assert rules(ferry, "web1") == set(), "also when the server is gone already"
