"""A forecast from beginning to end: the scene, the durations and the trouble; the play; what is told of it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from shared.plan.profiles import TargetProfiles
from shared.plan.reader import read_plan

from ..stack.folder import new_folder
from ..stack.migrate import Scene, read_scene
from ..stack.part import StackError
from ..world.build import read
from .assessed_world import assessed_world
from .foretelling import Played, foretold
from .measured import Measured, measured
from .model import Forecast
from .page import page
from .playing import Script, play
from .trouble import mishaps_of

Say = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What is asked for: where machines, sizes and people come from, where durations do, and whether there is trouble."""

    plan: Path
    world: Path | None = None
    reports: tuple[bytes, ...] = ()  # of earlier migrations, as JSON
    trouble: int | None = None
    folder: Path | None = None  # where the play leaves its logs; none = a run folder
    profiles: TargetProfiles | None = None  # none = those beside the plan


def forecast(wanted: Wanted, say: Say = lambda _line: None) -> Forecast:
    """Play a plan and tell its forecast. Raises `StackError` in plain words where it cannot be played."""
    scene, basis = _scene(wanted)
    known = measured([_report(each) for each in wanted.reports])
    plan = read_plan(scene.body, "", datetime.now(UTC)).working()
    names = [machine.name for _, machine in plan.entries() if machine.name]
    if wanted.trouble is not None and not names:
        raise StackError("trouble needs machines that the plan names; this plan selects all of them by tags")
    mishaps = () if wanted.trouble is None else mishaps_of(wanted.trouble, names)
    folder = wanted.folder or new_folder()
    say(f"logs: {folder}")
    recorded = play(Script(scene, _durations(known), mishaps), folder, say)
    (folder / "report.json").write_bytes(recorded.report)
    played = Played(
        report=json.loads(recorded.report),
        plan=plan,
        duties=recorded.duties,
        troubles=recorded.troubles,
        basis=(*basis, *(known.basis or ("durations: defaults of the simulator, recorded where it says so",))),
        measured=known.downtimes,
    )
    return foretold(played, datetime.now(UTC))


def rendered(outlook: Forecast, kind: str) -> str:
    """Give a forecast as html or json."""
    return page(outlook) if kind == "html" else outlook.model_dump_json(by_alias=True, exclude_none=True, indent=1)


def _scene(wanted: Wanted) -> tuple[Scene, Sequence[str]]:
    """Give the plan in the world that it finds, and words for where that comes from."""
    scene = read_scene(wanted.plan, wanted.profiles)
    beside = wanted.plan.with_name(f"{wanted.plan.stem}.world.yaml")
    if wanted.world is not None and _is_assessment(wanted.world):
        world = assessed_world(scene.plan, _read(_document, wanted.world))
        return Scene(scene.plan_path, scene.plan, world, scene.body), (f"machines and disks: {wanted.world.name}",)
    if wanted.world is not None:
        world = _read(read, wanted.world)
        return Scene(scene.plan_path, scene.plan, world, scene.body), (f"world: {wanted.world.name}",)
    if beside.is_file():
        return scene, (f"world: {beside.name}",)
    return scene, ("machines, disks and people: derived from the plan alone",)


def _document(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _is_assessment(path: Path) -> bool:
    """Tell what `assess` wrote from a world file: it has rules, and a world has an Azure side."""
    document = _read(_document, path)
    return isinstance(document, dict) and "rules" in document and "azure" not in document


def _read(how: Callable[[Path], Any], path: Path) -> Any:
    """Read a file. Raises `StackError` in plain words where it cannot be read."""
    try:
        return how(path)
    except (OSError, ValueError, yaml.YAMLError) as wrong:
        raise StackError(f"{path} cannot be read: {wrong}") from None


def _report(body: bytes) -> Mapping[str, Any]:
    """Read the report of an earlier migration. Raises `StackError` for what is none."""
    try:
        document = json.loads(body)
        document["migration"]["scenario"], document["machines"], document["events"]
    except (ValueError, KeyError, TypeError):
        raise StackError("what an earlier migration measured is read from its report as JSON; this is none") from None
    return dict(document)


def _durations(known: Measured) -> dict[str, Any]:
    return {"seconds": dict(known.seconds), "rates": dict(known.rates)} if known.seconds or known.rates else {}
