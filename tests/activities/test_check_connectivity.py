"""Check connectivity: what closes the way to the appliance is named."""

import pytest

from activities.check_connectivity import check_routes
from shared.problems import Refused
from tests.activities.ferry import Ferry

PHASE = "check_connectivity"


def test_an_open_way_is_passed(prepared: Ferry) -> None:
    for _ in range(2):
        check_routes(prepared.place("web1", PHASE))


def test_closed_ports_are_named(prepared: Ferry) -> None:
    ec2 = prepared.ec2()
    told = ec2.describe_instances(InstanceIds=[prepared.instances["ferry-appliance"]])
    for group in told["Reservations"][0]["Instances"][0]["SecurityGroups"]:
        (shown,) = ec2.describe_security_groups(GroupIds=[group["GroupId"]])["SecurityGroups"]
        if shown["IpPermissions"]:
            ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=shown["IpPermissions"])
    with pytest.raises(Refused, match=r"no security group rule opens port 443.*9443") as refused:
        check_routes(prepared.place("web1", PHASE))
    assert refused.value.facts.id == "appliance-unreachable"
