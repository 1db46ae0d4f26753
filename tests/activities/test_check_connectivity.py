"""Check connectivity: what closes the way to the appliance is named."""

import pytest

from activities.check_connectivity import check_routes
from shared.ledger import events
from shared.problems import Refused
from tests.activities.migration_harness import MigrationHarness
from tests.activities.roads.test_configuration_server import classic

PHASE = "check_connectivity"


def test_an_open_way_is_passed(prepared: MigrationHarness) -> None:
    for _ in range(2):
        check_routes(prepared.place("web1", PHASE))


def test_closed_ports_are_named(prepared: MigrationHarness) -> None:
    ec2 = prepared.ec2()
    answer = ec2.describe_instances(InstanceIds=[prepared.instances["ferry-appliance"]])
    for group in answer["Reservations"][0]["Instances"][0]["SecurityGroups"]:
        (shown,) = ec2.describe_security_groups(GroupIds=[group["GroupId"]])["SecurityGroups"]
        if shown["IpPermissions"]:
            ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=shown["IpPermissions"])
    with pytest.raises(Refused, match=r"rule of ferry-appliance opens port 443 for web1.*9443") as refused:
        check_routes(prepared.place("web1", PHASE))
    assert refused.value.facts.id == "appliance-unreachable"


def test_a_machine_that_shuts_out_the_server_that_pushes_is_named(ferry: MigrationHarness) -> None:
    ferry.begin(plan=classic("web1", "db1"))  # db1 runs Windows
    ferry.prepare()
    here = ferry.place("db1", PHASE)
    check_routes(here)
    ferry.ask("close_rules", ferry.place(phase="open_security_groups"))
    with pytest.raises(Refused, match=r"rule of db1 opens port 445 for ferry-cs.*ports 49152 to 65535") as refused:
        check_routes(here)
    assert refused.value.facts.id == "appliance-unreachable"


def event_text(ferry: MigrationHarness, machine: str) -> str:
    return " ".join(each.text for each in events.page(ferry.migration, machine=machine)[0])


def test_the_machine_itself_tries_and_the_text_says_so(prepared: MigrationHarness) -> None:
    prepared.step("web1", PHASE)
    assert "judged from security groups, routes and network ACLs, not tried" in event_text(prepared, "web1")
    assert "tried from the machine itself" in event_text(prepared, "web1")


def test_without_a_management_agent_nothing_is_claimed_to_be_tried(prepared: MigrationHarness) -> None:
    prepared.stands("web1", source=prepared.row("web1").source.replace(ssm_online=False))
    prepared.step("web1", PHASE)
    assert "nothing was tried from it" in event_text(prepared, "web1")
    assert "tried from the machine itself" not in event_text(prepared, "web1")
