"""Opening and taking back rules on moto's EC2."""

import pytest

from shared.problems import CloudRefused
from shared.sources.aws.security_groups import TAG, RequiredRule, allowed, close_rules, open_rule, our_rules, read_rules
from shared.sources.aws.session import AwsPlace, ec2
from tests.shared.sources.aws.conftest import Line, Vpc


def other_group(vpc: Vpc, name: str = "appliance") -> str:
    return ec2(vpc.place).create_security_group(GroupName=name, Description=name, VpcId=vpc.id)["GroupId"]


def test_a_rule_is_opened_once_with_our_tag(vpc: Vpc) -> None:
    source = other_group(vpc)
    opening = RequiredRule(group=vpc.group, port=9443, from_group=source, why="replication data")
    assert open_rule(vpc.place, opening, "finance.1")
    assert not open_rule(vpc.place, opening, "finance.1")
    rules = our_rules(vpc.place, [vpc.group], "finance.1")
    assert [(rule.from_group, rule.from_port, rule.to_port, rule.protocol) for rule in rules] == [
        (source, 9443, 9443, "tcp")
    ]
    assert rules[0].tags == {TAG: "finance.1"}


def test_a_rule_of_somebody_else_is_left_alone(vpc: Vpc) -> None:
    opening = RequiredRule(group=vpc.group, port=443, from_cidr="10.0.2.15/32")
    ec2(vpc.place).authorize_security_group_ingress(
        GroupId=vpc.group,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.2.15/32"}]},
        ],
    )
    assert not open_rule(vpc.place, opening, "finance.1")
    assert open_rule(vpc.place, opening.replace(port=9443), "finance.1")
    assert open_rule(vpc.place, opening.replace(port=9444), "other.1")
    ours = our_rules(vpc.place, [vpc.group], "finance.1")
    assert [rule.from_port for rule in ours] == [9443]
    close_rules(vpc.place, ours)
    left = {rule.from_port for rule in read_rules(vpc.place, [vpc.group]) if not rule.egress}
    assert left == {443, 9444}
    close_rules(vpc.place, ours)


def test_where_one_rule_is_gone_the_others_are_closed_all_the_same(vpc: Vpc, line: type[Line]) -> None:
    for port in (443, 9443):
        open_rule(vpc.place, RequiredRule(group=vpc.group, port=port, from_cidr="10.0.0.1/32"), "finance.1")
    code = "InvalidSecurityGroupRuleId.NotFound"
    refusal = f"<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors></Response>"
    line.refusals["RevokeSecurityGroupIngress"] = [refusal, refusal]  # of all together, and of the first by itself
    close_rules(vpc.place, our_rules(vpc.place, [vpc.group], "finance.1"))
    assert len(our_rules(vpc.place, [vpc.group], "finance.1")) == 1, "only the one that was called gone"


def test_a_group_that_is_not_there_is_refused_with_awss_code(place: AwsPlace) -> None:
    with pytest.raises(CloudRefused) as raised:
        open_rule(place, RequiredRule(group="sg-0123456789abcdef0", port=443, from_cidr="10.0.0.1/32"), "m")
    assert raised.value.facts.code == "InvalidGroup.NotFound"


def test_what_is_open_already_is_seen(vpc: Vpc) -> None:
    source = other_group(vpc)
    to_9443 = RequiredRule(group=vpc.group, port=9443)
    assert not allowed(read_rules(vpc.place, [vpc.group]), to_9443, source_ip="10.0.2.15")
    ec2(vpc.place).authorize_security_group_ingress(
        GroupId=vpc.group,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 9000, "ToPort": 9999, "IpRanges": [{"CidrIp": "10.0.2.0/24"}]},
            {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": source}]},
        ],
    )
    rules = read_rules(vpc.place, [vpc.group])
    assert allowed(rules, to_9443, source_ip="10.0.2.15")
    assert not allowed(rules, to_9443, source_ip="10.0.3.15")
    assert not allowed(rules, to_9443.replace(port=443), source_ip="10.0.2.15")
    assert allowed(rules, to_9443.replace(port=443), source_groups=[source])
    assert allowed(rules, to_9443.replace(from_cidr="10.0.2.15/32"))
    assert not allowed(rules, to_9443.replace(protocol="udp"), source_ip="10.0.2.15")
    assert not allowed(rules, to_9443.replace(group=source), source_ip="10.0.2.15")
