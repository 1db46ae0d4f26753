"""Reading the server: where it stands, and what closes the ways to it, is told at assessment before anything is changed."""

from typing import Any

import pytest

from activities.facts.reassessment import read_before
from local.world.build import build
from local.world.derive import derive
from local.world.model import Instance, OtherVpc, Rule, SecurityGroup, Subnet, World
from shared.concerns.server_facts import ServerFacts
from shared.ledger import migrations
from shared.problems import CloudRefused, Refused
from shared.states import MachineState
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.roads.test_configuration_server import classic

FAR = OtherVpc(name="far", cidr="10.9.0.0/16", id="vpc-0fa00001")


def begin(ferry: MigrationHarness, document: dict[str, Any], **aws: Any) -> None:
    """Begin with the world of a plan, changed."""
    made = derive(document)
    world = made.model_copy(update={"aws": made.aws.model_copy(update=aws)})
    ferry.world = World.model_validate(world.model_dump())
    ferry.instances = dict(build(ferry.world, ferry.places))
    ferry.take_in(document)


def assess(ferry: MigrationHarness) -> None:
    for step in ("read_sources", "read_target", "judge_machines"):
        ferry.ask(step, ferry.place(phase="assess"))


def concerns(ferry: MigrationHarness, machine: str = "web1") -> dict[str, str]:
    row = migrations.get(ferry.migration)
    return {each.id: each.evidence for each in (*ferry.row(machine).concerns, *(row.concerns if row else ()))}


def groups(**changes: Any) -> tuple[SecurityGroup, ...]:
    """The groups of a derived world, that of the machines changed."""
    made = derive(plan_of("web1")).aws.security_groups
    return tuple(each.model_copy(update=changes) if each.name == "machines" else each for each in made)


def stopped_before_anything_changed(ferry: MigrationHarness) -> bool:
    return ferry.row("web1").state == MachineState.FAILED and ferry.effects("*/write") == []


def test_an_open_world_closes_nothing(begun: MigrationHarness) -> None:
    assess(begun)
    assert {"way-closed", "other-vpc", "way-not-judged", "server-not-located"} & set(concerns(begun)) == set()


def test_outbound_rules_that_let_nothing_out_stop_the_machine(ferry: MigrationHarness) -> None:
    begin(ferry, plan_of("web1"), security_groups=groups(egress=()))
    assess(ferry)
    assert "no outbound security group rule of web1 lets port" in concerns(ferry)["way-closed"]
    assert stopped_before_anything_changed(ferry)


@pytest.mark.parametrize(
    ("rule", "open_way"),
    [
        (Rule(port=443, cidr="10.0.0.0/8"), False),  # 9443 is missing
        (Rule(port=443, to_port=9443, cidr="10.0.0.0/8"), True),
        (Rule(port=443, to_port=9443, cidr="192.168.0.0/16"), False),
        (Rule(port=443, to_port=9443, group="appliance"), True),
        (Rule(port=443, to_port=9443, protocol="udp"), False),
    ],
)
def test_an_outbound_rule_counts_by_its_ports_and_its_target(
    ferry: MigrationHarness, rule: Rule, open_way: bool
) -> None:
    begin(ferry, plan_of("web1"), security_groups=groups(egress=(rule,)))
    assess(ferry)
    assert ("way-closed" not in concerns(ferry)) is open_way


def test_a_server_that_may_not_go_out_cannot_push(ferry: MigrationHarness) -> None:
    document = classic("web1")
    shut = tuple(
        each.model_copy(update={"egress": ()}) if each.name == "appliance" else each
        for each in derive(document).aws.security_groups
    )
    begin(ferry, document, security_groups=shut)
    assess(ferry)
    assert "no outbound security group rule of ferry-cs lets port 22 of 10.0.2.21" in concerns(ferry)["way-closed"]


def two_vpcs(ferry: MigrationHarness, *, peered: bool, internet: bool = False, **plan: Any) -> None:
    """The machine web1 in a VPC beside that of the server."""
    document = plan_of(**plan)
    document["waves"][0]["machines"] = [{"name": "web1", "source": {"instanceId": "i-0aaa1111"}}]
    made = derive(document).aws
    far = Instance(name="far1", id="i-0aaa1111", ip="10.9.2.21", subnet="far")
    kept = tuple(each for each in made.instances if each.name == "ferry-appliance")
    begin(
        ferry,
        document,
        vpcs=(FAR.model_copy(update={"peered": peered}),),
        subnets=(*made.subnets, Subnet(name="far", cidr="10.9.2.0/24", vpc="far")),
        instances=(*kept, far),
        internet=internet,
    )


@pytest.mark.parametrize("named", [True, False])
def test_a_machine_in_another_vpc_is_told_whether_or_not_the_plan_names_one(
    ferry: MigrationHarness, named: bool
) -> None:
    aws = {"region": "eu-west-1"} | ({"vpcId": "vpc-0abc1234"} if named else {})
    two_vpcs(ferry, peered=True, source={"aws": aws})
    assess(ferry)
    evidence = concerns(ferry)
    assert "it is in vpc-0fa00001, ferry-appliance in vpc-" in evidence["other-vpc"]
    assert "way-closed" not in evidence, "a peering connection leads there"
    assert stopped_before_anything_changed(ferry)


def test_without_a_peering_connection_no_route_leads_there(ferry: MigrationHarness) -> None:
    two_vpcs(ferry, peered=False)
    assess(ferry)
    assert "no route leads from" in concerns(ferry)["way-closed"]


def test_an_internet_gateway_is_no_way_to_a_private_address_of_another_vpc(ferry: MigrationHarness) -> None:
    two_vpcs(ferry, peered=False, internet=True)
    assess(ferry)
    assert "a way to the internet: a private address is reached through" in concerns(ferry)["way-closed"]


def test_an_address_of_two_vpcs_is_refused_with_both_names(ferry: MigrationHarness) -> None:
    document = plan_of("web1", source={"aws": {"region": "eu-west-1"}})
    made = derive(document).aws
    begin(ferry, document)
    ec2 = ferry.ec2()
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.2.0/24")["Subnet"]["SubnetId"]
    image = ec2.describe_instances(InstanceIds=[ferry.instances["web1"]])["Reservations"][0]["Instances"][0]["ImageId"]
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "twin"}]}]
    ec2.run_instances(
        ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet, PrivateIpAddress="10.0.2.21", TagSpecifications=tags
    )
    assess(ferry)
    evidence = concerns(ferry)["machine-ambiguous"]
    assert f"({made.instances[0].name}, vpc-" in evidence
    assert f"(twin, {vpc})" in evidence
    assert "machine-not-found" not in concerns(ferry)


# --- where the server stands -------------------------------------------------------------------------------------------


def outside(*addresses: str, install: str = "push") -> dict[str, Any]:
    """A plan whose configuration server stands elsewhere (French guide: a local virtual machine)."""
    plan = classic("web1", install=install)
    plan["replication"]["appliance"]["addresses"] = list(addresses)
    return plan


def without_server(document: dict[str, Any]) -> tuple[Instance, ...]:
    return tuple(each for each in derive(document).aws.instances if each.name != "ferry-cs")


def test_a_server_outside_aws_is_told_with_what_nobody_sees_from_here(ferry: MigrationHarness) -> None:
    document = outside("192.168.7.10")
    begin(ferry, document, instances=without_server(document), appliance=None)
    assess(ferry)
    assert "192.168.7.10" in concerns(ferry)["server-outside-aws"]
    assert "no route leads from" in concerns(ferry)["way-closed"], "nothing leads out of this VPC"


def test_a_server_of_another_name_is_found_on_ec2_by_its_address(ferry: MigrationHarness) -> None:
    document = plan_of("web1", replication={"appliance": {"name": "called-otherwise", "addresses": ["10.0.2.40"]}})
    made = derive(document).aws
    renamed = tuple(
        each.model_copy(update={"name": "server-40", "ip": "10.0.2.40"}) if each.name == "called-otherwise" else each
        for each in made.instances
    )
    begin(ferry, document, instances=renamed, appliance=None)
    assess(ferry)
    assert {"server-not-located", "server-outside-aws"} & set(concerns(ferry)) == set()
    assert concerns(ferry).get("other-vpc") is None


def test_nobody_knows_a_server_that_is_not_there_yet(ferry: MigrationHarness) -> None:
    document = plan_of("web1")
    begin(
        ferry,
        document,
        instances=tuple(each for each in derive(document).aws.instances if each.name == "web1"),
        appliance=None,
    )
    assess(ferry)
    assert "server-not-located" in concerns(ferry)


def test_what_the_app_may_not_read_is_no_pass(begun: MigrationHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    begun.ask("read_sources", begun.place(phase="assess"))
    monkeypatch.setattr("activities.facts.server_facts.read_network", refuse)
    for step in ("read_target", "judge_machines"):
        begun.ask(step, begun.place(phase="assess"))
    assert "not authorized" in concerns(begun)["way-not-judged"]


def refuse(*_: Any) -> Any:
    raise CloudRefused("AWS refused: not authorized", code="UnauthorizedOperation")


# --- a server that is launched -----------------------------------------------------------------------------------------


def launched(ferry: MigrationHarness, mode: str = "appliance", **appliance: Any) -> None:
    plan = plan_of("web1") if mode == "appliance" else classic("web1")
    begin(ferry, plan, instances=(derive(plan).aws.instances[0],), appliance=None)
    subnet = ferry.ec2().describe_subnets(Filters=[{"Name": "vpc-id", "Values": ["vpc-0abc1234"]}])["Subnets"][0]
    replication = plan.get("replication", {})
    server = {**replication.get("appliance", {}), "launch": True, "subnetId": subnet["SubnetId"]} | appliance
    ferry.take_in(plan | {"name": "second", "replication": {**replication, "appliance": server}})


def test_the_vpc_of_a_launched_server_is_that_of_its_subnet(ferry: MigrationHarness) -> None:
    launched(ferry)
    for step in ("read_sources", "read_target"):
        ferry.ask(step, ferry.place(phase="assess"))
    server = read_before(ferry.place()).roads[""].appliance.server
    assert isinstance(server, ServerFacts)
    assert server.vpc_id == "vpc-0abc1234"
    assert server.closed_ways == {"web1": ()}


def test_an_image_of_another_system_is_told_before_it_is_launched(ferry: MigrationHarness) -> None:
    launched(ferry, "configurationServer", imageId="ami-0f0000002022")
    with pytest.raises(Refused, match=r"runs Windows_Server 2022.*not Windows Server 2012 R2 or 2016"):
        assess(ferry)
    assert ferry.effects("*/write") == []
