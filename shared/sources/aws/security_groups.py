"""Security group rules: read, opened for a migration, and taken back.

| operation | IAM action |
| --- | --- |
| read_rules, our_rules | ec2:DescribeSecurityGroupRules |
| open_rule | ec2:AuthorizeSecurityGroupIngress, ec2:CreateTags |
| close_rules | ec2:RevokeSecurityGroupIngress |
"""

from collections.abc import Collection, Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

from botocore.exceptions import ClientError
from pydantic import Field

from shared.models import Model
from shared.sources.aws.instances import batched, tags_of
from shared.sources.aws.refusals import asking, code_of
from shared.sources.aws.session import AwsPlace, ec2

TAG = "azferry:migration"
ANY = "-1"
NO_GROUP = "InvalidGroup.NotFound"
# somebody was quicker: they are gone, which is what we want
GONE = frozenset({"InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound", NO_GROUP})


class RequiredRule(Model):
    """Traffic that must come in: from a group or from an address range, to a port."""

    group: str = Field(description="the group that receives the rule")
    port: int
    to_port: int = Field(default=0, description="the last one of a range; 0 = just the one port")
    protocol: str = "tcp"
    from_group: str = ""
    from_cidr: str = ""
    why: str = ""

    @property
    def last_port(self) -> int:
        """The last port that it is about."""
        return self.to_port or self.port


class SecurityGroupRule(Model):
    """A rule of a security group."""

    id: str
    group: str
    egress: bool = False
    protocol: str = ANY
    from_port: int = -1
    to_port: int = -1
    cidr: str = ""
    from_group: str = Field(default="", description="the other group, of either direction")
    prefix_list: str = ""
    description: str = ""
    tags: dict[str, str] = Field(default_factory=dict)

    def lets_in(self, protocol: str, port: int) -> bool:
        """Tell whether it covers a port."""
        ports = self.protocol == ANY or -1 in (self.from_port, self.to_port) or self.from_port <= port <= self.to_port
        return self.protocol in (ANY, protocol) and ports


def read_rules(place: AwsPlace, groups: Iterable[str]) -> tuple[SecurityGroupRule, ...]:
    """Give all rules of these groups."""
    found: list[SecurityGroupRule] = []
    with asking("reading security group rules"):
        for some in batched(sorted(set(groups))):
            filters: Any = [{"Name": "group-id", "Values": some}]
            pages = ec2(place).get_paginator("describe_security_group_rules").paginate(Filters=filters)
            found += [_rule(raw) for page in pages for raw in page["SecurityGroupRules"]]
    return tuple(found)


def our_rules(place: AwsPlace, groups: Iterable[str], migration: str) -> tuple[SecurityGroupRule, ...]:
    """Give the rules in these groups that this migration opened."""
    return tuple(rule for rule in read_rules(place, groups) if rule.tags.get(TAG) == migration)


def lets_out(
    rules: Sequence[SecurityGroupRule], groups: Iterable[str], port: int, target_ip: str, target_groups: Iterable[str]
) -> bool:
    """Tell whether some group lets TCP out to a port of a target; a rule for a prefix list is not read: it may."""
    own, theirs = set(groups), set(target_groups)
    out = (rule for rule in rules if rule.egress and rule.group in own and rule.lets_in("tcp", port))
    return any(rule.prefix_list or rule.from_group in theirs or _covers(rule.cidr, target_ip) for rule in out)


def allowed(
    rules: Sequence[SecurityGroupRule], opening: RequiredRule, source_groups: Iterable[str] = (), source_ip: str = ""
) -> bool:
    """Tell whether the rules of `opening.group` let a source in, known by its groups and its address."""
    groups = {opening.from_group, *source_groups} - {""}
    for rule in rules:
        ends = (opening.port, opening.last_port)
        fits = all(rule.lets_in(opening.protocol, port) for port in ends)
        fitting = rule.group == opening.group and not rule.egress and fits
        if fitting and (rule.from_group in groups or _covers(rule.cidr, opening.from_cidr or source_ip)):
            return True
    return False


def _covers(cidr: str, inner: str) -> bool:
    if not cidr or not inner:
        return False
    outer, within = ip_network(cidr), ip_network(inner if "/" in inner else str(ip_address(inner)))
    return outer.version == within.version and outer.supernet_of(within)  # type: ignore[arg-type] # the same version


def open_rule(place: AwsPlace, opening: RequiredRule, migration: str) -> bool:
    """Open a rule tagged with the migration; False when it was there already. Twice is fine."""
    pair = {"GroupId": opening.from_group, "Description": opening.why}
    source: Any = (
        {"UserIdGroupPairs": [pair]}
        if opening.from_group
        else {"IpRanges": [{"CidrIp": opening.from_cidr, "Description": opening.why}]}
    )
    port: Any = {"IpProtocol": opening.protocol, "FromPort": opening.port, "ToPort": opening.last_port}
    tags: Any = [{"ResourceType": "security-group-rule", "Tags": [{"Key": TAG, "Value": migration}]}]
    with asking(f"opening port {opening.port} of {opening.group}"):
        try:
            ec2(place).authorize_security_group_ingress(
                GroupId=opening.group, IpPermissions=[port | source], TagSpecifications=tags
            )
        except ClientError as error:
            if code_of(error) != "InvalidPermission.Duplicate":
                raise
            return False
    return True


def close_rules(place: AwsPlace, rules: Collection[SecurityGroupRule]) -> None:
    """Take rules back; those that are gone are fine."""
    for group in sorted({rule.group for rule in rules}):
        ids = [rule.id for rule in rules if rule.group == group]
        with asking(f"closing rules of {group}"):
            _revoke(place, group, ids)


def _revoke(place: AwsPlace, group: str, ids: Sequence[str]) -> None:
    """Take rules back; where one of them is gone, AWS takes back none (reported), and each goes by itself."""
    try:
        ec2(place).revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=list(ids))
    except ClientError as error:
        if code_of(error) not in GONE:
            raise
        if len(ids) > 1 and code_of(error) != NO_GROUP:
            for each in ids:
                _revoke(place, group, [each])


def _rule(raw: Any) -> SecurityGroupRule:
    return SecurityGroupRule(
        id=raw["SecurityGroupRuleId"],
        group=raw["GroupId"],
        egress=bool(raw.get("IsEgress")),
        protocol=str(raw.get("IpProtocol", ANY)),
        from_port=_port(raw.get("FromPort")),
        to_port=_port(raw.get("ToPort")),
        cidr=raw.get("CidrIpv4") or raw.get("CidrIpv6") or "",
        from_group=(raw.get("ReferencedGroupInfo") or {}).get("GroupId") or "",
        prefix_list=raw.get("PrefixListId") or "",
        description=raw.get("Description") or "",
        tags=tags_of(raw.get("Tags")),
    )


def _port(port: int | None) -> int:
    return -1 if port is None else port
