"""Where a server stands: EC2 knows, else the plan, else the vault; rules are opened for it wherever that is."""

from typing import Any

import pytest

from activities.facts.server_location import ServerAt, locate, located
from local.world.build import build
from local.world.derive import derive
from local.world.model import Appliance, World
from local.world.seeding import register_appliance
from shared.ledger import events
from shared.plan.model import Plan
from shared.problems import Refused
from tests.activities.migration_harness import MigrationHarness
from tests.activities.roads.test_configuration_server import SERVER, classic
from tests.clouds import VAULT

HERE = "192.168.7.10"


def elsewhere(ferry: MigrationHarness, *addresses: str) -> dict[str, Any]:
    """A migration through a configuration server on the premises; gives its plan."""
    plan = classic("web1", "db1")
    if addresses:
        plan["replication"]["appliance"]["addresses"] = list(addresses)
    made = derive(plan)
    kept = tuple(each for each in made.aws.instances if each.name != SERVER)
    server = Appliance(name=SERVER, ip=HERE, kind="configurationServer", accounts=("pusher",))
    aws = made.aws.model_copy(update={"instances": kept, "appliance": server})
    ferry.world = World.model_validate(made.model_copy(update={"aws": aws}).model_dump())
    ferry.instances = dict(build(ferry.world, ferry.places))
    ferry.take_in(plan)
    ferry.ask("read_sources", ferry.place(phase="assess"))
    return plan


def sources(ferry: MigrationHarness, machine: str) -> set[str]:
    """Whom rules of the migration let in at a machine's group."""
    found = ferry.ec2().describe_instances(InstanceIds=[ferry.instances[machine]])
    group = found["Reservations"][0]["Instances"][0]["SecurityGroups"][0]["GroupId"]
    rules = ferry.ec2().describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    return {
        str(each.get("CidrIpv4")) for each in rules["SecurityGroupRules"] if ferry.migration in str(each.get("Tags"))
    }


def test_a_server_on_the_premises_is_let_in_by_its_address_and_its_own_firewall_is_told_of(
    ferry: MigrationHarness,
) -> None:
    elsewhere(ferry, HERE)
    ferry.ask("open_rules", ferry.place(phase="open_security_groups"))
    assert sources(ferry, "db1") == {f"{HERE}/32"}
    texts = " ".join(each.text for each in events.page(ferry.migration)[0])
    assert f"let the machines in at ports 443 and 9443 of {HERE}" in texts
    ferry.ask("close_rules", ferry.place())
    assert sources(ferry, "db1") == set()


def test_the_vault_knows_it_when_the_plan_does_not(ferry: MigrationHarness) -> None:
    plan = elsewhere(ferry)
    ferry.ask("ensure_vault", ferry.look(phase="prepare_vault"))
    ferry.cloud.later(60)
    assert ferry.world
    register_appliance(ferry.places.simulator, ferry.world, VAULT.id)
    ferry.cloud.later(900)
    assert locate(Plan.model_validate(plan)) == ServerAt(name=SERVER, addresses=(HERE,))
    ferry.ask("open_rules", ferry.place(phase="open_security_groups"))
    assert sources(ferry, "db1") == {f"{HERE}/32"}


def test_where_nobody_knows_it_the_refusal_says_how_to_tell(ferry: MigrationHarness) -> None:
    elsewhere(ferry)
    with pytest.raises(Refused) as refused:
        ferry.ask("open_rules", ferry.place(phase="open_security_groups"))
    assert refused.value.facts.id == "appliance-missing"
    assert "replication.appliance.addresses" in refused.value.facts.advice


def test_what_stands_outside_is_judged_from_the_machines_side(ferry: MigrationHarness) -> None:
    elsewhere(ferry, HERE)
    with pytest.raises(Refused, match=f"no route leads from .* to {HERE}"):
        ferry.ask("check_routes", ferry.place("web1", "check_connectivity"))


def test_an_instance_of_that_name_goes_before_the_addresses_of_the_plan(begun: MigrationHarness) -> None:
    assert begun.plan
    appliance = begun.plan.replication.appliance.model_copy(update={"addresses": (HERE,)})
    plan = begun.plan.model_copy(
        update={"replication": begun.plan.replication.model_copy(update={"appliance": appliance})}
    )
    found = located(plan)
    assert found
    assert found.instance
    assert found.instance.id == begun.instances["ferry-appliance"]
