"""The command `inventory`: what a source has before a plan is, how it would be judged, and what no plan covers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer
import yaml

from cli.answers import InventorySeen
from cli.arguments import Every, usage
from cli.inventory_options import InventoryOptions, with_inventory_options
from cli.inventory_tables import inventoried
from cli.polling import awaited, not_yet
from cli.session import Session
from cli.wording import count
from shared.plan.inventory_place import described_by
from shared.roads.scenarios import FROM_AWS

PARTS = ("scenario", "source", "replication", "target", "policy", "profile")


@with_inventory_options
def inventory(ctx: typer.Context, options: InventoryOptions, every: Every = 2.0) -> None:
    """List what a source has before a plan is, what an assessment says of it, and what no plan covers."""
    session = Session(ctx)
    place = _place(options)
    begun = session.api.post("inventory", {"place": place, "plans": _given(options.plan or ())})
    name = begun["id"]
    raw = awaited(lambda: session.api.get(f"inventories/{name}"), every, "made", not_yet("inventory", name))
    for path, kind in ((options.csv, "csv"), (options.json, "json")):
        if path:
            path.write_bytes(session.api.fetch(f"inventories/{name}", {"format": kind}))
    shown = _only(raw) if options.uncovered else raw
    if session.as_data:
        session.write(shown)
    else:
        _tell(session, InventorySeen.model_validate(shown), options.csv)


def _place(options: InventoryOptions) -> dict[str, Any]:
    """Give the beginning of a plan. Raises `BadParameter` where none tells the road."""
    found = _read(options.like) if options.like else {}
    if not options.scenario and not options.like:
        raise usage("say the road: --scenario ROAD, or --like FILE", "--scenario")
    named = {name: found[name] for name in PARTS if name in found}
    chosen = {name: value for name, value in (("scenario", options.scenario),) if value}
    place = {"scenario": FROM_AWS, **named, **chosen}
    part = described_by(str(place["scenario"]))
    if own := options.sides.get(part):
        source = dict(place.get("source") or {})
        source[part] = dict(source.get(part) or {}) | {key: value for key, value in own.items() if value}
        place["source"] = source
    return place


def _read(path: Path) -> dict[str, Any]:
    """Read a plan, or its beginning. Raises `BadParameter` for what is none."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, yaml.YAMLError):
        found = None
    if not isinstance(found, dict):
        raise usage(f"{path} is no plan, nor the beginning of one", "--like")
    return found


def _given(plans: Sequence[Path]) -> list[dict[str, str]]:
    try:
        return [{"name": each.name, "text": each.read_text(encoding="utf-8-sig")} for each in plans]
    except (OSError, UnicodeDecodeError) as wrong:
        raise usage(f"no plan can be read: {wrong}", "--plan") from None


def _only(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Leave only machines that no plan covers."""
    return {**raw, "machines": [each for each in raw.get("machines", ()) if not each.get("coveredBy")]}


def _tell(session: Session, seen: InventorySeen, csv: Path | None) -> None:
    """Say what is there."""
    if seen.machines:
        session.show(inventoried(seen.machines))
    session.say(f"{count(len(seen.machines), 'machine')} shown; no plan covers {seen.uncovered}")
    if not seen.target_known:
        session.say(
            "judged by what the source tells alone; --like FILE with a target judges sizes, quotas and networks, too"
        )
    if csv:
        session.say(f"a plan of it: azferry import {csv} --into plan.yaml")
    session.say("nothing was started and nothing was changed")
