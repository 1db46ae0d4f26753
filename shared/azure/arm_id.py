"""Takes ARM ids apart; services do not keep their case."""

from pydantic import Field

from shared.models import Model


class ArmId(Model):
    """The parts of `/subscriptions/{s}/resourceGroups/{g}/providers/{provider}/{kind}/{name}[/{kind}/{name}]`."""

    subscription: str
    group: str
    name: str = Field(description="of the outermost resource")
    child: str = Field(default="", description="of the resource within, such as a subnet; else empty")


def parse(arm_id: str) -> ArmId:
    """Read an ARM id of a resource in a group. Raises `ValueError` for anything else."""
    parts = arm_id.strip("/").split("/")
    if len(parts) < 8 or parts[0].lower() != "subscriptions" or parts[2].lower() != "resourcegroups":
        raise ValueError(f"{arm_id!r} is not the id of a resource in a resource group")
    return ArmId(subscription=parts[1], group=parts[3], name=parts[7], child=parts[9] if len(parts) > 9 else "")
