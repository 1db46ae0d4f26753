"""Who we are in AWS, which accounts we may touch, and what bad lines become."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest

from shared.problems import Busy, CloudRefused, Problem, Refused
from shared.sources.aws import power, session
from shared.sources.aws.appliance import Launching, find_appliance, launch_appliance
from shared.sources.aws.instances import find_instances
from shared.sources.aws.security_groups import RequiredRule, open_rule, our_rules
from shared.sources.aws.session import AwsPlace, ec2
from shared.sources.aws.ssm import agents
from tests.shared.sources.aws.conftest import REGION, Line, Vpc

ROLE = "arn:aws:iam::123456789012:role/azferry"


def test_without_a_list_every_account_may_be_touched(line: type[Line]) -> None:
    find_instances(AwsPlace(region=REGION), ids=["i-0123456789abcdef0"])
    find_instances(AwsPlace(region=REGION, role_arn=ROLE), ids=["i-0123456789abcdef0"])
    assert line.passed.count("DescribeInstances") == 2


def test_an_account_outside_the_list_is_refused_before_anything_is_asked(
    line: type[Line], set_env: Callable[..., None]
) -> None:
    set_env(AZFERRY_AWS_ACCOUNTS="111111111111, 222222222222")
    for call in (lambda at: find_instances(at, ids=["i-1"]), ec2, session.ssm):
        with pytest.raises(Refused) as raised:
            call(AwsPlace(region=REGION, role_arn=ROLE))
        assert raised.value.facts.id == "aws-account-not-allowed"
        assert "123456789012" in raised.value.facts.detail
    assert line.passed == []


def test_a_federated_identity_without_a_list_may_touch_no_account(
    line: type[Line], set_env: Callable[..., None]
) -> None:
    set_env(AZFERRY_AWS_FEDERATION_AUDIENCE="api://aws-federation")
    with pytest.raises(Refused) as raised:
        ec2(AwsPlace(region=REGION, role_arn=ROLE))
    assert raised.value.facts.id == "aws-accounts-not-listed"
    assert line.passed == []


def test_ambient_keys_count_as_the_account_they_belong_to(line: type[Line], set_env: Callable[..., None]) -> None:
    set_env(AZFERRY_AWS_ACCOUNTS="123456789012")
    assert find_instances(AwsPlace(region=REGION), ids=["i-0123456789abcdef0"]) == ()
    assert line.passed == ["GetCallerIdentity", "DescribeInstances"]
    set_env(AZFERRY_AWS_ACCOUNTS="111111111111")
    with pytest.raises(Refused, match="123456789012"):
        find_instances(AwsPlace(region=REGION), ids=["i-0123456789abcdef0"])


def test_ambient_keys_assume_the_role_of_the_plan_once(line: type[Line]) -> None:
    place = AwsPlace(region=REGION, role_arn=ROLE)
    assert place.account == "123456789012"
    for _ in range(3):
        find_instances(place, ids=["i-0123456789abcdef0"])
    assert line.passed == ["AssumeRole", "DescribeInstances", "DescribeInstances", "DescribeInstances"]


def test_the_managed_identity_is_the_web_identity_of_the_role(
    line: type[Line], set_env: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    scopes: list[str] = []

    def get_token(scope: str) -> SimpleNamespace:
        scopes.append(scope)
        return SimpleNamespace(token="a.web.token")

    monkeypatch.setattr(session, "credential", lambda: SimpleNamespace(get_token=get_token))
    set_env(AZFERRY_AWS_FEDERATION_AUDIENCE="api://aws-federation", AZFERRY_AWS_ACCOUNTS="123456789012")
    for gone in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(gone)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    find_instances(AwsPlace(region=REGION, role_arn=ROLE), ids=["i-0123456789abcdef0"])
    assert line.passed == ["AssumeRoleWithWebIdentity", "DescribeInstances"]
    assert scopes == ["api://aws-federation/.default"]


def test_no_keys_at_all_is_refused_with_advice(line: type[Line], monkeypatch: pytest.MonkeyPatch) -> None:
    for gone in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(gone)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    session.forget()
    for role in ("", ROLE):
        with pytest.raises(CloudRefused) as raised:
            find_instances(AwsPlace(region=REGION, role_arn=role), ids=["i-0123456789abcdef0"])
        assert raised.value.facts.code == "NoCredentials"
        assert raised.value.facts.advice
    assert line.passed == []


ERROR = "<Response><Errors><Error><Code>{}</Code><Message>told</Message></Error></Errors><RequestID>r</RequestID></Response>"


@pytest.mark.parametrize(
    ("order", "kind"),
    [
        ("drop-before", Busy),
        (ERROR.format("RequestLimitExceeded"), Busy),
        (ERROR.format("SomethingElse"), Busy),
        ("<!doctype html><title>Bad gateway</title>", Busy),
    ],
)
def test_a_bad_line_is_busy_and_asked_once(line: type[Line], order: str, kind: type[Problem]) -> None:
    line.orders.extend([order] * 5)
    with pytest.raises(kind) as raised:
        find_instances(AwsPlace(region=REGION), ids=["i-0123456789abcdef0"])
    assert isinstance(raised.value, Busy)
    assert raised.value.after == timedelta(seconds=30)
    assert len(line.orders) == 4


def test_nothing_listening_is_busy(place: AwsPlace, set_env: Callable[..., None]) -> None:
    set_env(AZFERRY_AWS_ENDPOINT="http://127.0.0.1:9")
    with pytest.raises(Busy, match="out of reach"):
        find_instances(place, ids=["i-0123456789abcdef0"])


def test_a_refusal_keeps_awss_code(vpc: Vpc) -> None:
    with pytest.raises(CloudRefused) as raised:
        launch_appliance(vpc.place, Launching(name="a", subnet="subnet-none", groups=(vpc.group,), token="t"))
    assert raised.value.facts.code == "InvalidSubnetID.NotFound"


PAGE = "<html><body>Please sign in to the network</body></html>"


def test_a_web_page_with_status_200_is_not_taken_for_a_stop(vpc: Vpc, line: type[Line]) -> None:
    machine = vpc.machine()
    line.quiet["StopInstances"] = [PAGE]
    with pytest.raises(Busy, match="web page"):
        power.stop(vpc.place, machine)
    assert power.states(vpc.place, [machine]) == {machine: "running"}
    power.stop(vpc.place, machine)
    assert power.states(vpc.place, [machine]) == {machine: "stopped"}


@pytest.mark.parametrize("page", [PAGE, "\n<!DOCTYPE html>\n<HTML lang=en><br>Sign in</HTML>"])
def test_a_web_page_with_status_200_is_not_taken_for_a_machine_without_agent(line: type[Line], page: str) -> None:
    line.quiet[""] = [page]  # Systems Manager names its calls in a header
    with pytest.raises(Busy, match="web page"):
        agents(AwsPlace(region=REGION), ["i-0123456789abcdef0"])


BAD_LINES = ["drop-before", "drop-after"]


@pytest.mark.parametrize("order", BAD_LINES)
def test_a_stop_over_a_bad_line_is_done_once_in_the_end(vpc: Vpc, line: type[Line], order: str) -> None:
    machine = vpc.machine()
    line.orders.extend(["", order])
    line.passed.clear()
    with pytest.raises(Busy):
        power.stop(vpc.place, machine)
    assert power.stop(vpc.place, machine) == ("stopped" if order == "drop-after" else "running")
    assert power.states(vpc.place, [machine]) == {machine: "stopped"}
    assert line.passed.count("StopInstances") == 1


@pytest.mark.parametrize("order", BAD_LINES)
def test_a_start_over_a_bad_line_is_done_once_in_the_end(vpc: Vpc, line: type[Line], order: str) -> None:
    machine = vpc.machine()
    power.stop(vpc.place, machine)
    line.orders.extend(["", order])
    with pytest.raises(Busy):
        power.start(vpc.place, machine)
    power.start(vpc.place, machine)
    assert power.states(vpc.place, [machine]) == {machine: "running"}
    assert line.passed.count("StartInstances") == 1


@pytest.mark.parametrize("order", BAD_LINES)
def test_an_appliance_launched_over_a_bad_line_is_there_once(vpc: Vpc, line: type[Line], order: str) -> None:
    launching = Launching(name="ferry", subnet=vpc.subnet, groups=(vpc.group,), token="finance.1.appliance")
    line.orders.extend(["", "", order])
    with pytest.raises(Busy):
        launch_appliance(vpc.place, launching)
    made = launch_appliance(vpc.place, launching)
    assert find_appliance(vpc.place, "ferry") == made
    assert len(find_instances(vpc.place, vpc=vpc.id)) == 1
    assert line.passed.count("RunInstances") == 1


@pytest.mark.parametrize("order", BAD_LINES)
def test_a_rule_opened_over_a_bad_line_is_there_once_and_ours(vpc: Vpc, line: type[Line], order: str) -> None:
    opening = RequiredRule(group=vpc.group, port=443, from_cidr="10.0.2.15/32")
    line.orders.append(order)
    with pytest.raises(Busy):
        open_rule(vpc.place, opening, "finance.1")
    assert open_rule(vpc.place, opening, "finance.1") == (order == "drop-before")
    assert len(our_rules(vpc.place, [vpc.group], "finance.1")) == 1


@pytest.mark.parametrize("order", BAD_LINES)
def test_an_image_kept_over_a_bad_line_is_there_once(vpc: Vpc, line: type[Line], order: str) -> None:
    machine = vpc.machine()
    line.orders.extend(["", order])
    with pytest.raises(Busy):
        power.keep_image(vpc.place, machine, "azferry-web1", {"a": "b"})
    kept = power.keep_image(vpc.place, machine, "azferry-web1", {"a": "b"})
    assert power.find_image(vpc.place, "azferry-web1") == kept or kept.state == "pending"
    assert line.passed.count("CreateImage") == 1


@pytest.mark.parametrize("order", BAD_LINES)
def test_a_termination_over_a_bad_line_ends_in_a_termination(vpc: Vpc, line: type[Line], order: str) -> None:
    machine = vpc.machine()
    power.stop(vpc.place, machine)
    line.orders.extend(["", order])
    with pytest.raises(Busy):
        power.terminate(vpc.place, machine, approved=True)
    power.terminate(vpc.place, machine, approved=True)
    assert power.states(vpc.place, [machine]) == {machine: "terminated"}
    assert line.passed.count("TerminateInstances") == 1


STS_ERROR = "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error></ErrorResponse>"


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider", Busy),
        ("IDPCommunicationError", "An error occurred when AWS tried to reach the identity provider", Busy),
        ("InvalidIdentityToken", "No OpenIDConnect provider found in your account", CloudRefused),
    ],
)
def test_a_sign_in_that_aws_could_not_check_just_now_is_tried_again(
    line: type[Line], code: str, message: str, kind: type[Problem]
) -> None:
    line.refusals["AssumeRole"] = [STS_ERROR.format(code, message)]
    with pytest.raises(kind):
        find_instances(AwsPlace(region=REGION, role_arn=ROLE), ids=["i-0123456789abcdef0"])
