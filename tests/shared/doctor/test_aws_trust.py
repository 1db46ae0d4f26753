"""Whether the app becomes the role in AWS, and what it may do there."""

from types import SimpleNamespace

import pytest
from azure.core.exceptions import ClientAuthenticationError

from shared.doctor import aws_trust
from shared.plan.model import Plan
from shared.plan.schema import EXAMPLE
from shared.sources.aws import session
from shared.sources.aws.session import ec2
from tests.activities import premises
from tests.shared.sources.aws.conftest import REGION, new_vpc

ROLE = "arn:aws:iam::123456789012:role/azferry"
AUDIENCE = "api://aws-federation"
ERROR = "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>told</Message></Error></ErrorResponse>"
DENIED = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>"


def plan(role=ROLE, machine=""):
    document = EXAMPLE | {"source": {"aws": {"region": REGION} | ({"roleArn": role} if role else {})}}
    wave = {"name": "first", "machines": [{"name": "web1", "source": {"instanceId": machine or "i-0aaa11112222"}}]}
    return Plan.model_validate(document | {"waves": [wave]})


def ids(found):
    return [each.id for each in found]


@pytest.fixture(autouse=True)
def systems_manager(ssm_url, set_env):
    """Moto does not know whom agents run on; our own Systems Manager does."""
    set_env(AZFERRY_SSM_ENDPOINT=ssm_url)


@pytest.fixture
def federated(line, set_env, monkeypatch):
    """The managed identity gets a token of Entra."""
    monkeypatch.setattr(
        session, "credential", lambda: SimpleNamespace(get_token=lambda _: SimpleNamespace(token="a.b.c"))
    )
    set_env(AZFERRY_AWS_FEDERATION_AUDIENCE=AUDIENCE, AZFERRY_AWS_ACCOUNTS="123456789012")
    return line


def test_the_role_is_tried_by_the_web_identity_and_by_dry_runs(federated):
    found = list(aws_trust.look(plan()))

    assert ["aws", "aws"] == ids(found)
    assert "assumed-role/azferry" in found[0].seen
    assert federated.passed[:2] == ["AssumeRoleWithWebIdentity", "GetCallerIdentity"]


def test_nothing_is_stopped_or_started_by_a_look(place):
    machine = new_vpc(place).machine("10.0.2.10")

    assert ["aws", "aws"] == ids(aws_trust.look(plan("", machine)))

    (state,) = ec2(place).describe_instances(InstanceIds=[machine])["Reservations"][0]["Instances"]
    assert "running" == state["State"]["Name"]


def test_a_trust_that_refuses_is_told_with_what_deploys_the_role(federated):
    federated.refusals["AssumeRoleWithWebIdentity"] = [ERROR.format("AccessDenied")]

    (found,) = aws_trust.look(plan())

    assert "aws-trust-refused" == found.id
    assert ROLE in found.seen
    assert f"--regions {REGION}" in found.remedy


def test_a_token_that_entra_refuses_is_told(federated, monkeypatch):
    def refuse(_scope):
        raise ClientAuthenticationError("no such resource")

    monkeypatch.setattr(session, "credential", lambda: SimpleNamespace(get_token=refuse))
    assert ["aws-token-refused"] == ids(aws_trust.look(plan()))
    assert ["aws-token-refused"] == ids(aws_trust.look(None))


def test_an_account_that_is_not_listed_is_told_with_the_whole_list(line, set_env):
    set_env(AZFERRY_AWS_ACCOUNTS="111111111111")

    (found,) = aws_trust.look(plan())

    assert "aws-account-not-allowed" == found.id
    assert '"111111111111,123456789012"' in found.remedy
    assert line.passed == []


def test_a_call_that_the_role_may_not_make_is_told(federated):
    federated.refusals["DescribeVolumes"] = [DENIED]

    (found,) = [each for each in aws_trust.look(plan()) if each.id == "aws-right-missing"]

    assert f"in {REGION}: ec2 describe_volumes" == found.seen


def test_a_machine_that_the_role_may_not_stop_is_told_with_the_tag_that_lets_it(line):
    line.refusals["StopInstances"] = [DENIED]

    (found,) = [each for each in aws_trust.look(plan("")) if each.id == "aws-machine-not-allowed"]

    assert "i-0aaa11112222: may not stop it" == found.seen
    assert "--resources i-0aaa11112222 --tags Key=azferry:source,Value=yes" in found.remedy


def test_aws_out_of_reach_is_told(place, set_env):
    set_env(AZFERRY_AWS_ENDPOINT="http://127.0.0.1:9")
    assert ["aws-not-reached"] == ids(aws_trust.look(plan("")))


def test_where_no_machine_is_in_aws_nobody_asks_aws(line, set_env):
    set_env(AZFERRY_AWS_FEDERATION_AUDIENCE="")
    assert ["aws-not-used"] == ids(aws_trust.look(Plan.model_validate(premises.plan("physical-to-azure", "web1"))))
    assert ["aws-not-used"] == ids(aws_trust.look(None))
    assert line.passed == []


def test_without_a_plan_only_the_token_is_tried(federated):
    assert ["aws-role-not-tried"] == ids(aws_trust.look(None))
    assert federated.passed == []
