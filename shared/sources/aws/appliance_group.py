"""The security group of an appliance that we launch: made once for each VPC, found again by its tag or its name.

| operation | IAM action |
| --- | --- |
| find_group | ec2:DescribeSecurityGroups |
| ensure_group | ec2:DescribeSubnets, ec2:CreateSecurityGroup, ec2:CreateTags |
| delete_group | ec2:DeleteSecurityGroup |
"""

from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from shared.problems import Busy, Refused
from shared.sources.aws.appliance import TAG
from shared.sources.aws.refusals import asking, code_of
from shared.sources.aws.session import AwsPlace, ec2

SHOWS = timedelta(seconds=15)  # EC2 is eventually consistent: what was made may show a little later
IN_USE = frozenset({"DependencyViolation", "InvalidGroup.InUse"})
MIGRATION = "azferry:migration"


def group_name(appliance: str) -> str:
    """Give the group's name, unique in its VPC; AWS takes no name that begins with sg-."""
    return f"azferry-{appliance}"


def find_group(place: AwsPlace, appliance: str, vpc: str = "") -> str:
    """Give the id of the group that was made for this appliance; empty when there is none."""
    filters: Any = [{"Name": f"tag:{TAG}", "Values": [appliance]}]
    filters += [{"Name": "vpc-id", "Values": [vpc]}] if vpc else []
    with asking(f"looking for the security group of {appliance}"):
        found = ec2(place).describe_security_groups(Filters=filters)["SecurityGroups"]
    return str(found[0]["GroupId"]) if found else ""


def ensure_group(place: AwsPlace, appliance: str, subnet: str, migration: str) -> str:
    """Give the group for an appliance in a subnet's VPC, made if it is not there. Twice is fine: names are unique.

    It lets nothing in until rules are opened in it, and everything out, as AWS makes it. Raises `Busy` while a group
    that was made does not show yet, `Refused` when a group of that name is somebody else's.
    """
    vpc = _vpc_of(place, subnet)
    known = find_group(place, appliance, vpc)
    return known or _create(place, appliance, vpc, migration)


def _vpc_of(place: AwsPlace, subnet: str) -> str:
    with asking(f"reading subnet {subnet}"):
        return str(ec2(place).describe_subnets(SubnetIds=[subnet])["Subnets"][0]["VpcId"])


def _create(place: AwsPlace, appliance: str, vpc: str, migration: str) -> str:
    named = {"Name": group_name(appliance), TAG: appliance, MIGRATION: migration}
    tags = [{"Key": key, "Value": value} for key, value in named.items()]
    kinds: Any = [{"ResourceType": "security-group", "Tags": tags}]
    with asking(f"making the security group of {appliance}"):
        try:
            made = ec2(place).create_security_group(
                GroupName=group_name(appliance),
                Description=f"azferry: what reaches {appliance}",
                VpcId=vpc,
                TagSpecifications=kinds,
            )
        except ClientError as error:
            if code_of(error) != "InvalidGroup.Duplicate":
                raise
            raise _taken(place, appliance, vpc) from None
    return str(made["GroupId"])


def _taken(place: AwsPlace, appliance: str, vpc: str) -> Busy | Refused:
    """Tell a group of ours that does not show its tag yet from one that somebody else made."""
    filters: Any = [
        {"Name": "group-name", "Values": [group_name(appliance)]},
        {"Name": "vpc-id", "Values": [vpc]},
    ]
    found = ec2(place).describe_security_groups(Filters=filters)["SecurityGroups"]
    if not found or any(tag["Key"] == TAG for tag in found[0].get("Tags", ())):
        return Busy(f"the security group of {appliance} does not show yet", SHOWS)
    return Refused(
        f"{found[0]['GroupId']} is called {group_name(appliance)} and does not carry the tag {TAG}",
        id="group-not-ours",
        title="A security group of that name is not ours",
        advice=f"Rename or delete it, or tag it {TAG}={appliance} to have it used; then retry.",
    )


def delete_group(place: AwsPlace, group: str) -> bool:
    """Delete a group with its rules; False while something uses it. One that is gone is fine."""
    with asking(f"deleting security group {group}"):
        try:
            ec2(place).delete_security_group(GroupId=group)
        except ClientError as error:
            if code_of(error) in IN_USE:
                return False
            if code_of(error) != "InvalidGroup.NotFound":
                raise
    return True
