"""Makes moto refuse and forget what EC2 refuses and forgets.

- An instance that is terminated cannot be started or stopped again (`IncorrectInstanceState`), and shows no VPC, subnet, address,
  cards or disks any more (recorded: 22 of 38 terminated instances; the rest still bore their tags).
- An instance that is launched with the tag `local:first-start` is `pending` until as many calls to stop it were refused, as EC2
  refuses them whose first start is not over (`IncorrectInstanceState`, reported).
- An image's name is taken once (`InvalidAMIName.Duplicate`, recorded); its snapshots get tags of their own.
"""

from collections.abc import Callable
from typing import Any

FIRST_START = "local:first-start"
GONE = ("terminated", "shutting-down")
EMPTIED: dict[str, Any] = {
    "private_ip_address": None,
    "private_dns_name": "",
    "vpc_id": None,
    "subnet_id": None,
    "network_interfaces": [],
    "dynamic_group_list": [],
    "block_device_mappings": [],
}


def teach_refusals() -> None:
    """Teach moto once; a second time changes nothing."""
    from moto.ec2.models import amis, instances  # noqa: PLC0415 - moto is imported late

    if hasattr(instances.InstanceBackend.start_instances, "refuses"):
        return
    _replace(instances.InstanceBackend, "start_instances", _not_when_gone("started"))
    _replace(instances.InstanceBackend, "stop_instances", _not_when_gone("stopped"))
    _replace(amis.AmiBackend, "create_image", _one_name)
    for name, empty in EMPTIED.items():
        _forgetting(instances.Instance, name, empty)


def _replace(kind: Any, name: str, wrap: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    wrapped = wrap(getattr(kind, name))
    wrapped.refuses = True  # type: ignore[attr-defined]  # marks that moto was taught already
    setattr(kind, name, wrapped)


def _not_when_gone(verb: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    from moto.ec2.exceptions import EC2ClientError  # noqa: PLC0415 - moto is imported late

    def wrap(original: Callable[..., Any]) -> Callable[..., Any]:
        def change(backend: Any, instance_ids: list[str], *args: Any) -> Any:
            for instance in backend.get_multi_instances_by_id(instance_ids):
                if instance.state in GONE:
                    text = f"The instance '{instance.id}' is not in a state from which it can be {verb}."
                    raise EC2ClientError("IncorrectInstanceState", text)
                if verb == "stopped" and _still_starts(instance):
                    text = (
                        f"The instance '{instance.id}' cannot be stopped as it has never reached the 'running' state."
                    )
                    raise EC2ClientError("IncorrectInstanceState", text)
            return original(backend, instance_ids, *args)

        return change

    return wrap


def begin_starting(instance: Any) -> None:
    """Let an instance be `pending` that is launched with the tag."""
    _start(instance, pending=_refusals_left(instance) > 0)


def _still_starts(instance: Any) -> bool:
    """Tell whether an instance's first start is not over; it is over behind the last call that is refused for it."""
    left = _refusals_left(instance)
    if left > 0:
        instance.stops_refused = getattr(instance, "stops_refused", 0) + 1
        _start(instance, pending=left > 1)
    return left > 0


def _refusals_left(instance: Any) -> int:
    tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
    return int(tags.get(FIRST_START, "0")) - getattr(instance, "stops_refused", 0)


def _start(instance: Any, *, pending: bool) -> None:
    from moto.ec2.models.instances import InstanceState  # noqa: PLC0415 - moto is imported late

    instance._state = InstanceState("pending", 0) if pending else InstanceState("running", 16)  # noqa: SLF001 - no setter


def _one_name(original: Callable[..., Any]) -> Callable[..., Any]:
    from moto.ec2.exceptions import EC2ClientError  # noqa: PLC0415 - moto is imported late

    def create(backend: Any, instance_id: str, name: str, description: str, tag_specifications: list[Any]) -> Any:
        taken = next((ami for ami in backend.amis.values() if ami.name == name), None)
        if taken is not None:
            text = f"AMI name {name} is already in use by AMI {taken.id}"
            raise EC2ClientError("InvalidAMIName.Duplicate", text)
        images = [each for each in tag_specifications if each["ResourceType"] != "snapshot"]
        ami = original(backend, instance_id, name, description, images)
        for specification in tag_specifications:
            if specification["ResourceType"] == "snapshot":
                ami.ebs_snapshot.add_tags({tag["Key"]: tag["Value"] for tag in specification["Tags"]})
        return ami

    return create


def _forgetting(kind: Any, name: str, empty: Any) -> None:
    """Let a property of terminated instances be empty; `private_ip` stays: the neighbours are told by it."""
    original = getattr(kind, name)

    def read(instance: Any) -> Any:
        return empty if instance.state in GONE else original.fget(instance)

    setattr(kind, name, property(read))
