"""What a migrated machine is expected to be in Azure, and what is there: what rules about the VM compare."""

from dataclasses import dataclass

from pydantic import Field

from shared.models import Model
from shared.plan.model import Plan


class Expected(Model):
    """What the plan and the source say of a VM; what is left empty, or None, nothing is said of."""

    size: str = ""
    subnet_id: str = Field(default="", description="of the first network card")
    addresses: tuple[str, ...] = Field(default=(), description="static ones")
    cards: int = Field(default=1, description="network cards at least")
    disks: int | None = Field(default=None, description="disks of the source that were to be replicated")
    zone: str = ""
    availability_set_id: str = ""
    tags: dict[str, str] = Field(default_factory=dict)


class Arrived(Model):
    """What Azure tells of a VM; None = it could not be read."""

    size: str = ""
    subnet_id: str | None = None
    addresses: tuple[str, ...] | None = None
    cards: int = 0
    disks: int = 0
    zone: str = ""
    availability_set_id: str = ""
    tags: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class VmCase:
    """What rules about a migrated VM look at."""

    plan: Plan
    machine: str
    expected: Expected
    arrived: Arrived
    failed_scripts: tuple[str, ...] = ()
