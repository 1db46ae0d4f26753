"""What is there before a plan is: the machines of a source, what an assessment says of each, and which plans cover it."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from pydantic import Field

from shared.models import NEVER, Model
from shared.reporting.assessment import AssessedMachine, JudgedRule
from shared.reporting.csv_lines import csv_text

KINDS: Final = ("json", "csv")
COLUMNS: Final = (  # a list that `import` reads: names that a plan has are taken over, the others are told
    "name",
    "scenario",
    "instanceId",
    "vmId",
    "sourceName",
    "privateIp",
    "system",
    "coveredBy",
    "wouldBeStopped",
    "concerns",
    "power",
    "operatingSystem",
    "coreCount",
    "memoryGb",
    "disksGb",
    "sourceTags",
)


class InventoriedMachine(AssessedMachine):
    """A machine as its source shows it; `name` is what a plan would call it."""

    source_name: str = ""
    instance_id: str = Field(default="", description="how a plan finds it, on EC2")
    vm_id: str = Field(default="", description="how a plan finds it, elsewhere")
    covered_by: tuple[str, ...] = Field(default=(), description="migrations of the ledger, and plans that were given")


class Inventory(Model):
    """The machines of a source; nothing was started, nothing was changed."""

    id: str = ""
    made: datetime = NEVER
    made_by: str = ""
    scenario: str = ""
    target_known: bool = Field(
        default=True, description="machines were judged with a target; else only by what their source tells"
    )
    uncovered: int = Field(default=0, description="machines that no plan covers")
    machines: tuple[InventoriedMachine, ...] = ()
    rules: tuple[JudgedRule, ...] = Field(default=(), description="those that found something, the worst first")


def rendered_inventory(inventory: Inventory, kind: str) -> str:
    """Give an inventory as json, or as csv that `import` reads."""
    if kind == "csv":
        return csv_text(COLUMNS, _lines(inventory))
    return json.dumps(inventory.model_dump(mode="json", by_alias=True, exclude_none=True), ensure_ascii=False, indent=1)


def _lines(inventory: Inventory) -> Iterator[Sequence[object]]:
    for each in inventory.machines:
        source = (each.name, inventory.scenario, each.instance_id, each.vm_id, each.source_name, each.private_ip)
        judged = ("; ".join(each.covered_by), "yes" if each.blocked else "", "; ".join(each.concerns))
        disks = "; ".join(f"{size:g}" for size in each.disks_gb or ())
        tags = "; ".join(f"{name}={value}" for name, value in (each.tags or {}).items())
        facts = (each.state, each.os_name, each.cores, each.memory_gb, disks, tags)
        yield (*source, each.os_family, *judged, *facts)
