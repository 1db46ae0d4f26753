"""Open security groups: each machine may reach the appliance, nobody else gains anything, all of it is taken back."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.ledger import events
from shared.ledger.migration_rounds import close_round, open_round
from shared.problems import Refused
from shared.sources.aws.security_groups import TAG
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, plan_of

SUBNET = "subnet-0abc0002"


@pytest.fixture
def assessed(begun: MigrationHarness) -> MigrationHarness:
    """Two machines whose sources are read."""
    begun.ask("read_sources", begun.place(phase="assess"))
    return begun


def group(ferry: MigrationHarness, name: str) -> str:
    found = ferry.ec2().describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])["SecurityGroups"]
    return str(found[0]["GroupId"])


def rules(ferry: MigrationHarness, name: str = "appliance") -> set[tuple[str, int, str]]:
    """Who may come in where: the group that lets in, the port, the group (or range) let in."""
    filters = [{"Name": "group-id", "Values": [group(ferry, name)]}]
    found = ferry.ec2().describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    inward = [each for each in found if not each["IsEgress"]]
    return {(name, each["FromPort"], who(each)) for each in inward}


def who(rule: Any) -> str:
    return str(rule.get("ReferencedGroupInfo", {}).get("GroupId") or rule.get("CidrIpv4"))


def ours(ferry: MigrationHarness) -> set[tuple[str, int, str]]:
    machines = group(ferry, "machines")
    return {("appliance", port, machines) for port in (443, 9443)}


def happened(ferry: MigrationHarness) -> list[str]:
    return [each.what for each in events.page(ferry.migration)[0]]


def open_rules(ferry: MigrationHarness) -> None:
    ferry.ask("open_rules", ferry.place(phase="open_security_groups"))


def close_rules(ferry: MigrationHarness, number: int = 1) -> None:
    ferry.ask("close_rules", ferry.place(round=number))


def test_the_machines_group_may_reach_both_ports_of_the_appliance(assessed: MigrationHarness) -> None:
    before = rules(assessed)
    open_rules(assessed)
    assert rules(assessed) - before == ours(assessed)
    assert "rules-opened" in [each.what for each in events.page(assessed.migration)[0]]


def test_each_rule_carries_the_migration_it_was_opened_for(assessed: MigrationHarness) -> None:
    open_rules(assessed)
    filters = [{"Name": f"tag:{TAG}", "Values": [assessed.migration]}]
    found = assessed.ec2().describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    assert {each["FromPort"] for each in found} == {443, 9443}


def test_what_is_open_already_stays_as_it_is_and_is_not_taken_back(assessed: MigrationHarness) -> None:
    allow = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    pair = {
        "IpProtocol": "tcp",
        "FromPort": 9443,
        "ToPort": 9443,
        "UserIdGroupPairs": [{"GroupId": group(assessed, "machines")}],
    }
    assessed.ec2().authorize_security_group_ingress(GroupId=group(assessed, "appliance"), IpPermissions=[allow, pair])
    before = rules(assessed)
    open_rules(assessed)
    close_rules(assessed)
    assert rules(assessed) == before


def test_run_twice_it_opens_once(assessed: MigrationHarness) -> None:
    for _ in range(2):
        open_rules(assessed)
    order = [each.what for each in events.page(assessed.migration)[0]]
    assert order.count("rules-opened") == 1


@pytest.mark.parametrize(("write", "after"), [(1, False), (1, True), (2, True), (3, True)])
def test_dying_around_any_rule_leaves_all_of_them_once(
    assessed: MigrationHarness, dying: Callable[..., Dying], write: int, after: bool
) -> None:
    before = rules(assessed)
    place = assessed.place(phase="open_security_groups")
    with dying(write, after=after) as death:
        assessed.ask("open_rules", place)
    assert death.came
    assessed.ask("open_rules", place)
    assert rules(assessed) - before == ours(assessed)
    assert "rules-opened" in happened(assessed)


def test_an_appliance_that_is_not_there_is_refused(assessed: MigrationHarness) -> None:
    assessed.ec2().terminate_instances(InstanceIds=[assessed.instances["ferry-appliance"]])
    with pytest.raises(Refused) as raised:
        open_rules(assessed)
    assert raised.value.facts.id == "appliance-missing"
    assert "replication.appliance.launch" in raised.value.facts.advice


def test_an_appliance_that_is_still_to_be_launched_gets_its_rules_later(ferry: MigrationHarness) -> None:
    ferry.begin(plan=plan_of("web1", replication={"appliance": {"launch": True, "subnetId": SUBNET}}))
    ferry.ask("read_sources", ferry.place(phase="assess"))
    open_rules(ferry)
    assert not rules(ferry) & ours(ferry)


# --- close -------------------------------------------------------------------------------------------------------------


def test_all_that_was_opened_is_taken_back_and_nothing_else(assessed: MigrationHarness) -> None:
    before = rules(assessed)
    open_rules(assessed)
    for _ in range(2):
        close_rules(assessed)
    assert rules(assessed) == before
    assert [each.what for each in events.page(assessed.migration)[0]].count("rules-closed") == 1


@pytest.mark.parametrize(("write", "after"), [(1, False), (1, True), (2, True)])
def test_dying_around_the_closing_leaves_nothing_open(
    assessed: MigrationHarness, dying: Callable[..., Dying], write: int, after: bool
) -> None:
    before = rules(assessed)
    open_rules(assessed)
    with dying(write, after=after) as death:
        close_rules(assessed)
    assert death.came
    close_rules(assessed)
    assert rules(assessed) == before
    assert "rules-closed" in happened(assessed)


def test_while_another_round_runs_the_rules_stay(assessed: MigrationHarness) -> None:
    open_rules(assessed)
    open_round(assessed.place(round=2), "second-round")
    close_rules(assessed)
    assert ours(assessed) <= rules(assessed)
    close_round(assessed.migration, 1, assessed.cloud.now())
    close_rules(assessed, 2)
    assert not rules(assessed) & ours(assessed)


@pytest.fixture
def shared_way(assessed: MigrationHarness) -> tuple[str, str]:
    """Two migrations through one appliance, the first of which opened the rules; the second is at work."""
    open_rules(assessed)
    first = assessed.migration
    other = plan_of("web1", "db1", name="other")
    for machine in other["waves"][0]["machines"]:
        machine["target"] = {"name": f"{machine['name']}-again"}  # a taken name would be refused at the door
    assessed.take_in(other)
    assessed.ask("read_sources", assessed.place(phase="assess"))
    open_rules(assessed)  # finds them open
    return first, assessed.migration


def test_another_migration_through_the_same_appliance_keeps_its_way(
    assessed: MigrationHarness, shared_way: tuple[str, str]
) -> None:
    assessed.migration, second = shared_way
    close_rules(assessed)
    assert ours(assessed) <= rules(assessed)
    for name in ("web1", "db1"):
        assessed.stands(name, state=MachineState.FINALIZED)
    assessed.migration = second
    close_rules(assessed)
    assert not rules(assessed) & ours(assessed)


def test_another_migration_keeps_its_way_though_the_closing_died_before_it_handed_over(
    assessed: MigrationHarness, shared_way: tuple[str, str], dying: Callable[..., Dying]
) -> None:
    assessed.migration = shared_way[0]
    with dying(2, after=True) as death:
        close_rules(assessed)
    assert death.writes[-1] == "RevokeSecurityGroupIngress"
    assert not rules(assessed) & ours(assessed)
    close_rules(assessed)
    assert ours(assessed) <= rules(assessed)
