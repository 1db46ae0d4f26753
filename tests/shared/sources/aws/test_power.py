"""Power, images and the end of instances on moto's EC2."""

import pytest

from shared.problems import Later, Refused
from shared.sources.aws import power
from shared.sources.aws.session import ec2
from tests.shared.sources.aws.conftest import Vpc


def calls(vpc: Vpc, operation: str) -> list[str]:
    """Count from now on how often an operation is called."""
    seen: list[str] = []
    ec2(vpc.place).meta.events.register(f"before-call.ec2.{operation}", lambda **_: seen.append(operation))
    return seen


def test_an_instance_is_stopped_once_and_started_once(vpc: Vpc) -> None:
    one = vpc.machine()
    stops, starts = calls(vpc, "StopInstances"), calls(vpc, "StartInstances")
    assert power.stop(vpc.place, one) == "running"
    assert power.stop(vpc.place, one) == "stopped"
    assert power.states(vpc.place, [one]) == {one: "stopped"}
    assert power.start(vpc.place, one) == "stopped"
    assert power.start(vpc.place, one) == "running"
    assert (len(stops), len(starts)) == (1, 1)


@pytest.mark.parametrize("act", [power.stop, power.start])
def test_an_instance_that_is_gone_is_refused(vpc: Vpc, act: object) -> None:
    one = vpc.machine()
    ec2(vpc.place).terminate_instances(InstanceIds=[one])
    for instance in (one, "i-0123456789abcdef0"):
        with pytest.raises(Refused) as said:
            act(vpc.place, instance)  # type: ignore[operator] # either of the two
        assert said.value.facts.id == "source-gone"


def test_an_image_is_kept_once_and_found_again_by_its_name(vpc: Vpc) -> None:
    one = vpc.machine()
    assert power.find_image(vpc.place, "azferry-web1") is None
    made = power.keep_image(vpc.place, one, "azferry-web1", {"azferry:migration": "finance.1"})
    again = power.keep_image(vpc.place, one, "azferry-web1", {"azferry:migration": "finance.1"})
    assert (again.id, again.state) == (made.id, "available")
    assert again.snapshots
    tags = ec2(vpc.place).describe_images(ImageIds=[made.id])["Images"][0]["Tags"]
    assert {"Key": "azferry:migration", "Value": "finance.1"} in tags
    (snapshot,) = ec2(vpc.place).describe_snapshots(SnapshotIds=list(again.snapshots))["Snapshots"]
    assert snapshot["Tags"] == [{"Key": "azferry:migration", "Value": "finance.1"}]
    assert power.states(vpc.place, [one]) == {one: "running"}


def test_a_name_that_the_try_before_took_is_looked_at_again(vpc: Vpc, monkeypatch: pytest.MonkeyPatch) -> None:
    one = vpc.machine()
    made = power.keep_image(vpc.place, one, "azferry-web1", {})
    looks = iter([None, power.find_image(vpc.place, "azferry-web1")])
    monkeypatch.setattr(power, "find_image", lambda *_: next(looks))
    assert power.keep_image(vpc.place, one, "azferry-web1", {}).id == made.id


def test_a_name_that_is_taken_but_not_shown_yet_is_asked_for_later(vpc: Vpc, monkeypatch: pytest.MonkeyPatch) -> None:
    one = vpc.machine()
    power.keep_image(vpc.place, one, "azferry-web1", {})
    monkeypatch.setattr(power, "find_image", lambda *_: None)
    with pytest.raises(Later, match="does not show yet"):
        power.keep_image(vpc.place, one, "azferry-web1", {})


def test_nothing_is_terminated_without_approval_or_while_it_runs(vpc: Vpc) -> None:
    one = vpc.machine()
    with pytest.raises(Refused, match="it is running"):
        power.terminate(vpc.place, one, approved=True)
    power.stop(vpc.place, one)
    with pytest.raises(Refused, match="nobody approved"):
        power.terminate(vpc.place, one, approved=False)
    assert power.states(vpc.place, [one]) == {one: "stopped"}
    power.terminate(vpc.place, one, approved=True)
    power.terminate(vpc.place, one, approved=True)
    assert power.states(vpc.place, [one]) == {one: "terminated"}


def test_termination_protection_is_seen_and_respected(vpc: Vpc) -> None:
    one = vpc.machine()
    assert not power.protected_from_termination(vpc.place, one)
    ec2(vpc.place).modify_instance_attribute(InstanceId=one, DisableApiTermination={"Value": True})
    assert power.protected_from_termination(vpc.place, one)
    power.stop(vpc.place, one)
    with pytest.raises(Refused) as said:
        power.terminate(vpc.place, one, approved=True)
    assert said.value.facts.code == "OperationNotPermitted"
