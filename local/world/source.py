"""Makes the AWS side of a world through the EC2 API."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import boto3

from ..moto_gaps import ID_HEADER
from .images import IMAGES
from .model import Aws, Disk, Instance, Rule, SecurityGroup

Ec2 = Any


@lru_cache
def _session(region: str) -> boto3.Session:
    """Return the one session of a region: each session reads the whole model of EC2 anew."""
    return boto3.Session(aws_access_key_id="local", aws_secret_access_key="local", region_name=region)  # noqa: S106 - any will do


class AwsMaker:
    """Makes VPC, subnets, security groups and instances; ids that the world names are kept."""

    def __init__(self, url: str, aws: Aws) -> None:
        self._ec2: Ec2 = _session(aws.region).client("ec2", endpoint_url=url)
        self._aws = aws
        self._id = ""
        self._giving: dict[str, bool] = {}  # public addresses, by subnet
        self._ec2.meta.events.register("before-call.ec2", self._name_id)

    def _name_id(self, params: dict[str, Any], **_: Any) -> None:
        if self._id:
            params["headers"][ID_HEADER] = self._id

    def make(self) -> Mapping[str, str]:
        """Make everything; return instance ids by name."""
        try:
            self._ec2.describe_vpcs()  # moto makes the default VPC at its first request, which must not take our id
            vpc = self._call(self._aws.vpc_id, "create_vpc", CidrBlock=self._aws.cidr)["Vpc"]["VpcId"]
            vpcs = {"": vpc} | {
                each.name: self._call(each.id, "create_vpc", CidrBlock=each.cidr)["Vpc"]["VpcId"]
                for each in self._aws.vpcs
            }
            subnets = {
                each.name: self._call(each.id, "create_subnet", VpcId=vpcs[each.vpc], CidrBlock=each.cidr)["Subnet"][
                    "SubnetId"
                ]
                for each in self._aws.subnets
            }
            self._routes(vpcs)
            groups = self._groups(vpcs)
            return {each.name: self._instance(each, subnets, groups) for each in self._aws.instances}
        finally:
            self._ec2.close()

    def _call(self, wanted: str, name: str, **arguments: Any) -> Any:
        self._id = wanted
        try:
            return getattr(self._ec2, name)(**arguments)
        finally:
            self._id = ""

    def _groups(self, vpcs: Mapping[str, str]) -> dict[str, str]:
        made = {
            group.name: self._ec2.create_security_group(
                GroupName=group.name, Description=group.description, VpcId=vpcs[group.vpc]
            )["GroupId"]
            for group in self._aws.security_groups
        }
        for group in self._aws.security_groups:
            for rule in group.ingress:
                permission = _permission(rule, made)
                self._ec2.authorize_security_group_ingress(GroupId=made[group.name], IpPermissions=[permission])
            self._egress(group, made)
        return made

    def _egress(self, group: SecurityGroup, made: Mapping[str, str]) -> None:
        """Replace the rule that lets everything out, which EC2 made, where the world says what goes out."""
        if group.egress is None:
            return
        all_out = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        self._ec2.revoke_security_group_egress(GroupId=made[group.name], IpPermissions=[all_out])
        for rule in group.egress:
            self._ec2.authorize_security_group_egress(GroupId=made[group.name], IpPermissions=[_permission(rule, made)])

    def _routes(self, vpcs: Mapping[str, str]) -> None:
        """Give the main tables their routes: to the internet, and to the VPCs that are peered."""
        if self._aws.internet:
            gateway = self._ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
            self._ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpcs[""])
            self._route(vpcs[""], "0.0.0.0/0", GatewayId=gateway)
        for each in self._aws.vpcs:
            if each.peered:
                answer = self._ec2.create_vpc_peering_connection(VpcId=vpcs[""], PeerVpcId=vpcs[each.name])
                peering = answer["VpcPeeringConnection"]["VpcPeeringConnectionId"]
                self._ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
                self._route(vpcs[""], each.cidr, VpcPeeringConnectionId=peering)
                self._route(vpcs[each.name], self._aws.cidr, VpcPeeringConnectionId=peering)

    def _route(self, vpc: str, to: str, **way: str) -> None:
        main = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "association.main", "Values": ["true"]}]
        table = self._ec2.describe_route_tables(Filters=main)["RouteTables"][0]["RouteTableId"]
        self._ec2.create_route(RouteTableId=table, DestinationCidrBlock=to, **way)

    def _instance(self, instance: Instance, subnets: Mapping[str, str], groups: Mapping[str, str]) -> str:
        place: dict[str, Any] = {"SubnetId": subnets[instance.subnet], "PrivateIpAddress": instance.ip}
        place |= (
            {"SecurityGroupIds": [groups[name] for name in instance.security_groups]}
            if instance.security_groups
            else {}
        )
        tags = [{"Key": key, "Value": value} for key, value in {"Name": instance.name, **instance.tags}.items()]
        self._give_public_addresses(subnets[instance.subnet], instance.public_ip)
        made = self._call(
            instance.id,
            "run_instances",
            ImageId=IMAGES[instance.image].ami,
            InstanceType=instance.type,
            MinCount=1,
            MaxCount=1,
            **place,
            BlockDeviceMappings=[_volume(index, disk) for index, disk in enumerate(instance.disks)],
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
        )
        instance_id = str(made["Instances"][0]["InstanceId"])
        if instance.state == "stopped":
            self._ec2.stop_instances(InstanceIds=[instance_id])
        return instance_id

    def _give_public_addresses(self, subnet: str, wanted: bool) -> None:
        """Let the subnet give the next instance an address that it loses when it stops, or let it not."""
        if self._giving.get(subnet) != wanted:
            self._ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": wanted})
            self._giving[subnet] = wanted


def _permission(rule: Rule, groups: Mapping[str, str]) -> dict[str, Any]:
    ports = {"FromPort": rule.port, "ToPort": rule.to_port or rule.port, "IpProtocol": rule.protocol}
    if rule.group:
        return {**ports, "UserIdGroupPairs": [{"GroupId": groups[rule.group]}]}
    return {**ports, "IpRanges": [{"CidrIp": rule.cidr or "0.0.0.0/0"}]}


def _volume(index: int, disk: Disk) -> dict[str, Any]:
    name = "/dev/sda1" if index == 0 else f"/dev/sd{chr(ord('f') + index - 1)}"
    return {"DeviceName": name, "Ebs": {"VolumeSize": disk.size_gb, "VolumeType": disk.volume_type}}
