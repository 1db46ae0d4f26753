"""Power, images and the end of instances on moto's EC2."""

import pytest

from shared.problems import Busy, CloudRefused, Problem, Refused
from shared.sources.aws import power
from shared.sources.aws.session import ec2
from tests.shared.sources.aws.conftest import Line, Vpc


def calls(vpc: Vpc, operation: str) -> list[str]:
    """Count from now on how often an operation is called."""
    seen: list[str] = []
    ec2(vpc.place).meta.events.register(f"before-call.ec2.{operation}", lambda **_: seen.append(operation))
    return seen


def test_an_instance_is_stopped_once_and_started_once(vpc: Vpc) -> None:
    machine = vpc.machine()
    stops, starts = calls(vpc, "StopInstances"), calls(vpc, "StartInstances")
    assert power.stop(vpc.place, machine) == "running"
    assert power.stop(vpc.place, machine) == "stopped"
    assert power.states(vpc.place, [machine]) == {machine: "stopped"}
    assert power.start(vpc.place, machine) == "stopped"
    assert power.start(vpc.place, machine) == "running"
    assert (len(stops), len(starts)) == (1, 1)


@pytest.mark.parametrize("act", [power.stop, power.start])
def test_an_instance_that_is_gone_is_refused(vpc: Vpc, act: object) -> None:
    machine = vpc.machine()
    ec2(vpc.place).terminate_instances(InstanceIds=[machine])
    for instance in (machine, "i-0123456789abcdef0"):
        with pytest.raises(Refused) as raised:
            act(vpc.place, instance)  # type: ignore[operator] # either of the two
        assert raised.value.facts.id == "source-gone"


def test_an_image_is_kept_once_and_found_again_by_its_name(vpc: Vpc) -> None:
    machine = vpc.machine()
    assert power.find_image(vpc.place, "azferry-web1") is None
    made = power.keep_image(vpc.place, machine, "azferry-web1", {"azferry:migration": "finance.1"})
    again = power.keep_image(vpc.place, machine, "azferry-web1", {"azferry:migration": "finance.1"})
    assert (again.id, again.state) == (made.id, "available")
    (image,) = ec2(vpc.place).describe_images(ImageIds=[made.id])["Images"]
    assert {"Key": "azferry:migration", "Value": "finance.1"} in image["Tags"]
    kept = [each["Ebs"]["SnapshotId"] for each in image["BlockDeviceMappings"]]
    (snapshot,) = ec2(vpc.place).describe_snapshots(SnapshotIds=kept)["Snapshots"]
    assert snapshot["Tags"] == [{"Key": "azferry:migration", "Value": "finance.1"}]
    assert power.states(vpc.place, [machine]) == {machine: "running"}


REFUSAL = (
    "<Response><Errors><Error><Code>{}</Code><Message>{}</Message></Error></Errors><RequestID>r</RequestID></Response>"
)


def test_an_image_that_the_try_before_made_is_found_by_its_name(vpc: Vpc, line: type[Line]) -> None:
    machine = vpc.machine()
    made = power.keep_image(vpc.place, machine, "azferry-web1", {})
    nothing = "<DescribeImagesResponse><requestId>r</requestId><imagesSet/></DescribeImagesResponse>"
    line.quiet["DescribeImages"] = [nothing]  # AWS does not show it yet
    line.refusals["CreateImage"] = [REFUSAL.format("InvalidAMIName.Duplicate", "is already in use")] * 2
    assert power.keep_image(vpc.place, machine, "azferry-web1", {}).id == made.id
    line.quiet["DescribeImages"] = [nothing, nothing]
    with pytest.raises(Busy):
        power.keep_image(vpc.place, machine, "azferry-web1", {})


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("SnapshotCreationPerVolumeRateExceeded", "The maximum per volume CreateSnapshot request rate", Busy),
        ("ConcurrentSnapshotLimitExceeded", "Maximum allowed in-progress snapshots", Busy),
        ("SnapshotLimitExceeded", "too many", CloudRefused),
    ],
)
def test_snapshots_that_come_too_fast_are_asked_for_again(
    vpc: Vpc, line: type[Line], code: str, message: str, kind: type[Problem]
) -> None:
    line.refusals["CreateImage"] = [REFUSAL.format(code, message)]
    with pytest.raises(kind):
        power.keep_image(vpc.place, vpc.machine(), "azferry-web1", {})


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("This instance cannot be stopped as it has never reached the 'running' state", Busy),
        ("The instance is not in a state from which it can be stopped", CloudRefused),
    ],
)
def test_a_first_start_that_is_not_over_is_waited_for(
    vpc: Vpc, line: type[Line], message: str, kind: type[Problem]
) -> None:
    line.refusals["StopInstances"] = [REFUSAL.format("IncorrectInstanceState", message)]
    with pytest.raises(kind):
        power.stop(vpc.place, vpc.machine())


def test_nothing_is_terminated_without_approval_or_while_it_runs(vpc: Vpc) -> None:
    machine = vpc.machine()
    with pytest.raises(Refused, match="it is running"):
        power.terminate(vpc.place, machine, approved=True)
    power.stop(vpc.place, machine)
    with pytest.raises(Refused, match="nobody approved"):
        power.terminate(vpc.place, machine, approved=False)
    assert power.states(vpc.place, [machine]) == {machine: "stopped"}
    power.terminate(vpc.place, machine, approved=True)
    power.terminate(vpc.place, machine, approved=True)
    assert power.states(vpc.place, [machine]) == {machine: "terminated"}


def test_termination_protection_is_seen_and_respected(vpc: Vpc) -> None:
    machine = vpc.machine()
    assert not power.protected_from_termination(vpc.place, machine)
    ec2(vpc.place).modify_instance_attribute(InstanceId=machine, DisableApiTermination={"Value": True})
    assert power.protected_from_termination(vpc.place, machine)
    power.stop(vpc.place, machine)
    with pytest.raises(Refused) as raised:
        power.terminate(vpc.place, machine, approved=True)
    assert raised.value.facts.code == "OperationNotPermitted"
