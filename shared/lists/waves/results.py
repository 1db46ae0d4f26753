"""What a proposal of waves comes to."""

from pydantic import Field

from shared.lists.results import PlanChange
from shared.models import Model
from shared.problems import Fault


class ProposedMachine(Model):
    """A machine in its proposed place."""

    name: str
    boot_group: int = 1
    boot_reason: str = ""
    before: str = Field(default="", description="the wave that it stands in now")
    reason: str = Field(default="", description="why it is in this wave")


class ProposedWave(Model):
    """A proposed wave."""

    name: str
    depends_on: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    machines: tuple[ProposedMachine, ...] = ()
    gigabytes: float | None = Field(default=None, description="of all disks; left out where not every size is known")


class WaveProposal(Model):
    """Waves and boot groups as they could be; nothing is applied by itself."""

    waves: tuple[ProposedWave, ...] = ()
    notes: tuple[str, ...] = Field(default=(), description="what a person has to look at")
    changes: tuple[PlanChange, ...] = Field(default=(), description="what would become otherwise in the plan")
    part: str = Field(default="", description="the waves as YAML, with the reasons as comments")
    plan: str = Field(default="", description="the whole text of the plan, as it would be")
    changed: bool = Field(default=False, description="whether that text differs from the one that was given")
    valid: bool = Field(default=False, description="whether the plan could be started")
    errors: tuple[Fault, ...] = Field(default=(), description="what the plan would still lack")
