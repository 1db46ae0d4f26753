"""Register appliance: found or launched, its registration waited for, its components looked at one by one."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.requests import GatePoll, GatePollResult
from shared.contracts.sources import AppliancePollResult
from shared.coordination import gates, waits
from shared.coordination.decision import Decision, Verdict
from shared.coordination.operator_intents import Control, Intent, set_intent
from shared.ledger import events, migrations
from shared.ledger.migration_row import MigrationRow
from shared.problems import Busy, Interrupted, Refused
from shared.states import MachineState, MigrationStatus
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.gate_answers import record

GATE = "register-appliance"


@pytest.fixture
def vaulted(begun: MigrationHarness) -> MigrationHarness:
    """A migration whose vault is there; its appliance is not registered."""
    begun.prepare(until="open_security_groups")
    return begun


def look(ferry: MigrationHarness, tag: str = "", turn: int = 1, **more: Any) -> AppliancePollResult:
    seen = ferry.ask("poll_appliance", ferry.look(phase="register_appliance", turn=turn, tag=tag, **more))
    assert isinstance(seen, AppliancePollResult)
    return seen


def row(ferry: MigrationHarness) -> MigrationRow:
    found = migrations.get(ferry.migration)
    assert found
    return found


def happened(ferry: MigrationHarness) -> list[str]:
    return [each.what for each in events.page(ferry.migration)[0]]


def armed(ferry: MigrationHarness) -> list[waits.Wait]:
    """The waits that somebody waits with; another keeps the vault's watcher going."""
    return [wait for wait in waits.of_migration(ferry.migration) if wait.instance]


def confirm(ferry: MigrationHarness) -> None:
    record(
        ferry.migration, "", GATE, Decision(verdict=Verdict.CONFIRM, by="ann", comment="", at=ferry.cloud.now()), None
    )


# --- registration ------------------------------------------------------------------------------------------------------


def test_a_person_is_told_each_step_of_the_registration(vaulted: MigrationHarness) -> None:
    seen = look(vaulted, GATE)
    assert (seen.settled, seen.registered) == (False, False)
    assert "generate a registration key" in row(vaulted).waiting_for
    release = f'azferry confirm {vaulted.migration} --gate register-appliance --comment "done"'
    assert row(vaulted).release == release
    (wait,) = armed(vaulted)
    assert (wait.kind, wait.subject) == (waits.WaitKind.GATE, GATE)


def test_an_appliance_that_shows_settles_it_without_any_person(vaulted: MigrationHarness) -> None:
    look(vaulted, GATE)
    vaulted.register()
    vaulted.cloud.later(900)
    seen = look(vaulted, GATE, 2)
    assert (seen.settled, seen.registered, seen.confirmed) == (True, True, False)
    assert armed(vaulted) == []
    assert "appliance-registered" in happened(vaulted)


def test_a_persons_word_settles_it_before_the_appliance_shows(vaulted: MigrationHarness) -> None:
    look(vaulted, GATE)
    confirm(vaulted)
    seen = look(vaulted, GATE, 2)
    assert (seen.settled, seen.registered, seen.confirmed) == (True, False, True)
    assert row(vaulted).waiting_for == "the appliance to show up with all its components"


def test_looked_at_twice_it_opens_one_gate(vaulted: MigrationHarness) -> None:
    for turn in (1, 1, 2):
        look(vaulted, GATE, turn)
    assert len(gates.of_migration(vaulted.migration)) == 1


def test_a_cancelled_migration_waits_for_no_appliance(vaulted: MigrationHarness) -> None:
    set_intent(Control(migration=vaulted.migration, intent=Intent.CANCEL, by="bob", at=vaulted.cloud.now()))
    with pytest.raises(Interrupted):
        look(vaulted, GATE)


# --- health ------------------------------------------------------------------------------------------------------------


def test_an_unknown_appliance_is_not_registered(vaulted: MigrationHarness) -> None:
    seen = look(vaulted)
    assert (seen.settled, seen.registered, seen.healthy) == (False, False, False)
    assert "up to 15 minutes" in seen.advice


def test_a_healthy_appliance_settles_it(vaulted: MigrationHarness) -> None:
    vaulted.register()
    vaulted.cloud.later(900)
    seen = look(vaulted)
    assert (seen.settled, seen.registered, seen.healthy) == (True, True, True)
    assert row(vaulted).waiting_for == ""
    assert "appliance-healthy" in happened(vaulted)


def test_while_its_components_come_up_it_is_registered_but_not_healthy(vaulted: MigrationHarness) -> None:
    vaulted.register()
    vaulted.cloud.later(270)
    seen = look(vaulted)
    assert (seen.settled, seen.registered, seen.patience) == (False, True, 60)
    assert row(vaulted).waiting_for.startswith("the appliance to become healthy: ")


def test_a_component_that_is_not_well_is_named(vaulted: MigrationHarness) -> None:
    vaulted.cloud.fault("component-unhealthy", match="processServers", times=None)
    vaulted.register()
    vaulted.cloud.later(1800)
    seen = look(vaulted)
    assert (seen.registered, seen.healthy) == (True, False)
    assert "processServer" in seen.advice
    assert seen.advice in row(vaulted).waiting_for


def test_a_busy_azure_is_asked_again_later(vaulted: MigrationHarness) -> None:
    vaulted.cloud.fault("throttle", operation="*replication*/read", retryAfter=17)
    with pytest.raises(Busy):
        look(vaulted)


# --- who waits behind it -----------------------------------------------------------------------------------------------

ALL_WAIT = {"web1": MachineState.AWAITING_USER_ACTION, "db1": MachineState.AWAITING_USER_ACTION}
NONE_WAITS = {"web1": MachineState.NOT_READY, "db1": MachineState.NOT_READY}


def states(ferry: MigrationHarness) -> dict[str, MachineState]:
    return {name: ferry.row(name).state for name in ("web1", "db1")}


def check(ferry: MigrationHarness, turn: int = 1, tag: str = "1") -> GatePollResult:
    poll = ferry.look(phase="register_appliance", turn=turn, kind=GatePoll, name="check-appliance", tag=tag)
    seen = ferry.ask("poll_gate", poll)
    assert isinstance(seen, GatePollResult)
    return seen


def test_while_a_person_shall_register_it_machines_and_migration_say_so(vaulted: MigrationHarness) -> None:
    assert states(vaulted) == NONE_WAITS
    look(vaulted, GATE)
    assert states(vaulted) == ALL_WAIT
    assert row(vaulted).status == MigrationStatus.AWAITING_USER_ACTION
    assert vaulted.row("web1").release == row(vaulted).release
    vaulted.register()
    vaulted.cloud.later(900)
    look(vaulted, GATE, 2)
    assert (states(vaulted), row(vaulted).status) == (NONE_WAITS, MigrationStatus.RUNNING)
    assert (vaulted.row("web1").waiting_for, vaulted.row("web1").release) == ("", "")


def test_a_server_that_never_showed_is_said_to_be_missing(vaulted: MigrationHarness) -> None:
    assert not check(vaulted).settled
    waiting_for = vaulted.row("db1").waiting_for
    assert waiting_for.startswith("ferry-appliance does not show in the vault")
    assert "registered but not healthy" not in waiting_for
    assert (states(vaulted), row(vaulted).waiting_for) == (ALL_WAIT, waiting_for)
    assert row(vaulted).status == MigrationStatus.AWAITING_USER_ACTION


def test_the_component_that_is_not_well_is_named_to_every_machine(vaulted: MigrationHarness) -> None:
    vaulted.cloud.fault("component-unhealthy", match="processServers", times=None)
    vaulted.register()
    vaulted.cloud.later(1800)
    check(vaulted)
    assert vaulted.row("web1").waiting_for.startswith("ferry-appliance is registered but not healthy: processServer")


def test_it_goes_on_once_a_person_says_so(vaulted: MigrationHarness) -> None:
    check(vaulted)
    record(
        vaulted.migration,
        "",
        "check-appliance",
        Decision(verdict=Verdict.CONFIRM, by="ann", comment="", at=vaulted.cloud.now()),
        None,
    )
    vaulted.cloud.later(1)
    assert check(vaulted, 2).decision == "confirm"
    assert (states(vaulted), row(vaulted).status) == (NONE_WAITS, MigrationStatus.RUNNING)


def test_the_next_attempt_asks_anew(vaulted: MigrationHarness) -> None:
    check(vaulted)
    record(
        vaulted.migration,
        "",
        "check-appliance",
        Decision(verdict=Verdict.CONFIRM, by="ann", comment="", at=vaulted.cloud.now()),
        None,
    )
    assert check(vaulted, 2).settled
    assert not check(vaulted, 3, tag="2").settled


def test_it_goes_on_by_itself_once_the_server_is_healthy(vaulted: MigrationHarness) -> None:
    assert check(vaulted).patience == 900
    vaulted.register()
    vaulted.cloud.later(900)
    assert check(vaulted, 2).settled
    assert (states(vaulted), row(vaulted).status) == (NONE_WAITS, MigrationStatus.RUNNING)
    assert (gates.of_migration(vaulted.migration), armed(vaulted)) == ((), [])


def test_a_paused_migration_stays_paused_while_its_machines_wait(vaulted: MigrationHarness) -> None:
    migration = vaulted.place(round=0)
    migrations.change(migration, status=MigrationStatus.PAUSED, waiting_for="paused by eve")
    check(vaulted)
    assert states(vaulted) == ALL_WAIT
    assert (row(vaulted).status, row(vaulted).waiting_for) == (MigrationStatus.PAUSED, "paused by eve")


def test_a_machine_that_a_flow_has_or_that_failed_does_not_wait_there(vaulted: MigrationHarness) -> None:
    vaulted.stands("web1", state=MachineState.FAILED)
    vaulted.stands("db1", owner="a rollback")
    check(vaulted)
    assert states(vaulted) == {"web1": MachineState.FAILED, "db1": MachineState.NOT_READY}


@pytest.mark.parametrize(("write", "after"), [(1, True), (2, True), (3, False), (3, True), (4, True)])
def test_dying_on_the_way_leaves_nobody_behind(
    vaulted: MigrationHarness, dying: Callable[..., Dying], write: int, after: bool
) -> None:
    poll = vaulted.look(phase="register_appliance", kind=GatePoll, name="check-appliance", tag="1")
    with dying(write, after=after) as death:
        vaulted.ask("poll_gate", poll)
    assert death.came
    vaulted.ask("poll_gate", poll)
    assert (states(vaulted), row(vaulted).status) == (ALL_WAIT, MigrationStatus.AWAITING_USER_ACTION)


# --- launch ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def launching(ferry: MigrationHarness) -> MigrationHarness:
    """A plan that launches its appliance; there is none."""
    plan = plan_of("web1")
    ferry.build(plan)
    ferry.ec2().terminate_instances(InstanceIds=[ferry.instances["ferry-appliance"]])
    subnet = ferry.ec2().describe_subnets(Filters=[{"Name": "vpc-id", "Values": ["vpc-0abc1234"]}])["Subnets"][0]
    ferry.take_in(plan | {"replication": {"appliance": {"launch": True, "subnetId": subnet["SubnetId"]}}})
    ferry.ask("read_sources", ferry.place(phase="assess"))
    return ferry


def appliances(ferry: MigrationHarness) -> list[Any]:
    filters = [
        {"Name": "tag:Name", "Values": ["ferry-appliance"]},
        {"Name": "instance-state-name", "Values": ["pending", "running"]},
    ]
    found = ferry.ec2().describe_instances(Filters=filters)["Reservations"]
    return [instance for each in found for instance in each["Instances"]]


def test_the_plan_says_whether_it_is_launched_and_how_long_it_may_take(launching: MigrationHarness) -> None:
    wanted = launching.ask("read_preparation", launching.place())
    assert (wanted.launch, wanted.registration_timeout) == (True, 900)


def test_the_appliance_is_launched_once_and_the_machines_may_reach_it(launching: MigrationHarness) -> None:
    place = launching.place(phase="register_appliance")
    for _ in range(2):
        launching.ask("launch_appliance", place)
    (made,) = appliances(launching)
    assert made["InstanceType"] == "m6i.2xlarge"
    groups = [each["GroupId"] for each in made["SecurityGroups"]]
    filters = [{"Name": "group-id", "Values": groups}]
    rules = launching.ec2().describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    assert {443, 9443} <= {each.get("FromPort") for each in rules if not each["IsEgress"]}
    assert happened(launching).count("appliance-launched") == 1


def own_groups(ferry: MigrationHarness) -> list[Any]:
    filters = [{"Name": "tag:azferry:appliance", "Values": ["ferry-appliance"]}]
    return list(ferry.ec2().describe_security_groups(Filters=filters)["SecurityGroups"])


def test_it_has_a_group_of_its_own_that_goes_when_it_is_gone_and_nobody_needs_it(launching: MigrationHarness) -> None:
    launching.ask("launch_appliance", launching.place(phase="register_appliance"))
    (made,) = appliances(launching)
    (group,) = own_groups(launching)
    assert [each["GroupId"] for each in made["SecurityGroups"]] == [group["GroupId"]]
    assert group["GroupName"] == "azferry-ferry-appliance"
    assert {"azferry:migration": launching.migration}.items() <= {
        tag["Key"]: tag["Value"] for tag in group["Tags"]
    }.items()
    launching.ask("close_rules", launching.place())
    (closed,) = own_groups(launching)
    assert closed["IpPermissions"] == [], "the appliance stays, and nobody reaches it any more"
    launching.ec2().terminate_instances(InstanceIds=[made["InstanceId"]])
    launching.ask("close_rules", launching.place())
    assert own_groups(launching) == []
    assert "group-deleted" in happened(launching)


def test_a_group_of_that_name_that_is_not_ours_is_left_alone(launching: MigrationHarness) -> None:
    launching.ec2().create_security_group(
        GroupName="azferry-ferry-appliance", Description="somebody's own", VpcId="vpc-0abc1234"
    )
    with pytest.raises(Refused) as refused:
        launching.ask("launch_appliance", launching.place(phase="register_appliance"))
    assert refused.value.facts.id == "group-not-ours"
    assert appliances(launching) == []


@pytest.mark.parametrize(("write", "after"), [(1, False), *((write, True) for write in range(1, 6))])
def test_dying_around_any_write_leaves_one_appliance(
    launching: MigrationHarness, dying: Callable[..., Dying], write: int, after: bool
) -> None:
    place = launching.place(phase="register_appliance")
    with dying(write, after=after) as death:
        launching.ask("launch_appliance", place)
    assert death.came
    launching.ask("launch_appliance", place)
    assert (len(appliances(launching)), len(own_groups(launching))) == (1, 1)
    assert happened(launching).count("appliance-launched") == 1


def test_an_appliance_that_is_there_is_used(begun: MigrationHarness) -> None:
    begun.ask("read_sources", begun.place(phase="assess"))
    begun.ask("launch_appliance", begun.place(phase="register_appliance"))
    assert [each["InstanceId"] for each in appliances(begun)] == [begun.instances["ferry-appliance"]]
