"""Routes and network ACLs on moto's EC2."""

from shared.sources.aws.routes import AclEntry, VpcSubnet, reaches, read_subnets
from shared.sources.aws.session import ec2
from tests.shared.sources.aws.conftest import Vpc


def test_a_subnet_shows_the_main_table_until_it_has_its_own(vpc: Vpc) -> None:
    client = ec2(vpc.place)
    first = read_subnets(vpc.place, [vpc.subnet])[vpc.subnet]
    local = first.route_to("10.0.9.9")
    assert local
    assert local.target == "local"
    assert first.route_to("52.1.1.1") is None
    gateway = client.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    client.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc.id)
    table = client.create_route_table(VpcId=vpc.id)["RouteTable"]["RouteTableId"]
    client.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    client.associate_route_table(RouteTableId=table, SubnetId=vpc.subnet)
    own = read_subnets(vpc.place, [vpc.subnet, "subnet-none"])[vpc.subnet]
    taken = {address: own.route_to(address) for address in ("52.1.1.1", "10.0.9.9")}
    assert {address: route and route.target for address, route in taken.items()} == {
        "52.1.1.1": gateway,
        "10.0.9.9": "local",  # both routes fit: the longest prefix is taken
    }


def test_an_acl_that_denies_is_seen_on_the_way_there_and_on_the_way_back(vpc: Vpc) -> None:
    client = ec2(vpc.place)
    other = client.create_subnet(VpcId=vpc.id, CidrBlock="10.0.3.0/24")["Subnet"]["SubnetId"]
    found = read_subnets(vpc.place, [vpc.subnet, other])
    assert reaches(found[vpc.subnet], "10.0.2.15", found[other], "10.0.3.4", 9443)
    acl = client.create_network_acl(VpcId=vpc.id)["NetworkAcl"]["NetworkAclId"]
    old = next(
        each["NetworkAclAssociationId"]
        for group in client.describe_network_acls()["NetworkAcls"]
        for each in group["Associations"]
        if each["SubnetId"] == other
    )
    client.replace_network_acl_association(AssociationId=old, NetworkAclId=acl)
    found = read_subnets(vpc.place, [vpc.subnet, other])
    assert not reaches(found[vpc.subnet], "10.0.2.15", found[other], "10.0.3.4", 9443)
    entry = {"NetworkAclId": acl, "RuleNumber": 100, "Protocol": "6", "RuleAction": "allow", "CidrBlock": "10.0.2.0/24"}
    client.create_network_acl_entry(**entry, Egress=False, PortRange={"From": 9443, "To": 9443})
    found = read_subnets(vpc.place, [vpc.subnet, other])
    assert not reaches(found[vpc.subnet], "10.0.2.15", found[other], "10.0.3.4", 9443)
    client.create_network_acl_entry(**entry, Egress=True, PortRange={"From": 1024, "To": 65535})
    found = read_subnets(vpc.place, [vpc.subnet, other])
    assert reaches(found[vpc.subnet], "10.0.2.15", found[other], "10.0.3.4", 9443)
    assert not reaches(found[vpc.subnet], "10.0.2.15", found[other], "10.0.3.4", 443)


def test_the_lowest_number_decides() -> None:
    deny = AclEntry(number=10, egress=True, allow=False, protocol="-1", cidr="10.0.3.0/24")
    allow = AclEntry(number=20, egress=True, allow=True, protocol="-1", cidr="0.0.0.0/0")
    subnet = VpcSubnet(id="s", vpc="v", cidr="10.0.2.0/24", entries=(allow, deny))
    assert not subnet.lets("10.0.3.4", 443, egress=True)
    assert subnet.lets("10.0.4.4", 443, egress=True)
    assert not subnet.lets("10.0.4.4", 443, egress=False)
    assert reaches(subnet, "10.0.2.1", subnet, "10.0.2.2", 443)
