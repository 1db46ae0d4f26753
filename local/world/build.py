"""Builds a world: read from a file or derived from a plan, then told to AWS, SSM and the simulator."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .derive import derive
from .model import World
from .seeding import tell_simulator, tell_ssm
from .source import AwsMaker


@dataclass(frozen=True)
class Places:
    """Where the stand-ins listen."""

    aws: str
    ssm: str
    simulator: str


def world_for(plan_path: Path, plan: Mapping[str, Any]) -> World:
    """Return the world beside a plan (`NAME.world.yaml` for `NAME.yaml`), or one derived from the plan."""
    beside = plan_path.with_name(f"{plan_path.stem}.world.yaml")
    return read(beside) if beside.is_file() else derive(plan)


def read(path: Path) -> World:
    """Read a world file; raises pydantic's ValidationError with every mistake in it."""
    return World.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def build(world: World, places: Places) -> Mapping[str, str]:
    """Make the world everywhere; return EC2 instance ids by name, none where nothing is at AWS."""
    ids = AwsMaker(places.aws, world.aws).make() if world.aws.instances else {}
    tell_simulator(places.simulator, world)
    if ids:
        tell_ssm(places.ssm, world, ids)
    return ids
