"""A world from a plan and its assessment: the machines that were found, with the disks that they have."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.plan.machines import Selector
from shared.plan.selection import SourceMatch, selects

from ..world.derive import derive
from ..world.model import World

Document = Mapping[str, Any]


def assessed_world(plan: Document, assessment: Document) -> World:
    """Give the world that a plan finds, as far as its assessment tells it; what that does not tell is derived."""
    found = [each for each in assessment.get("machines") or () if each.get("found", True)]
    world = derive(_of_single_machines(plan, found)).model_dump(mode="json", by_alias=True, exclude_unset=True)
    for side, part in (("aws", "instances"), ("hyperv", "machines"), ("premises", "machines")):
        for each in (world.get(side) or {}).get(part) or []:
            each.update(_told(each, found))
    for each in world.get("azureVms") or []:
        each.update(_of_vm(each, found))
    return World.model_validate(world)


def _of_single_machines(plan: Document, found: Sequence[Document]) -> dict[str, Any]:
    """Give the plan with the machines that were found in the place of entries that tags select."""
    return {**plan, "waves": [{**wave, "machines": list(_entries(wave, found))} for wave in plan["waves"]]}


def _entries(wave: Document, found: Sequence[Document]) -> Iterator[Document]:
    named = {each.get("name") for each in wave["machines"]}
    left = [each for each in found if each.get("wave") == wave["name"] and each["name"] not in named]
    for entry in wave["machines"]:
        source = entry.get("source") or {}
        if not (source.get("tags") or source.get("match")):
            yield entry
            continue
        selector = Selector.model_validate(source)
        for each in [candidate for candidate in left if selects(selector, _match_of(candidate))]:
            left.remove(each)
            source_id = str(each.get("sourceId", ""))
            yield {
                **entry,
                "name": each["name"],
                "source": {"instanceId" if source_id.startswith("i-") else "vmId": source_id},
            }


def _match_of(seen: Document) -> SourceMatch:
    """Give what a selection looks at of a machine that was assessed."""
    tags = dict(seen.get("tags") or {})
    return SourceMatch(
        instance_id=str(seen.get("sourceId", "")),
        name=tags.get("Name") or str(seen.get("name", "")),
        private_ip=str(seen.get("privateIp") or ""),
        tags=tags,
    )


def _told(machine: Document, found: Sequence[Document]) -> dict[str, Any]:
    """Give what the assessment tells of a machine of the world: its disks, and the tags by which the plan finds it."""
    seen = _seen(machine, found)
    disks = [{"sizeGb": max(1, round(each))} for each in seen.get("disksGb") or ()]
    tags = _settable(seen)
    return ({"disks": disks} if disks else {}) | ({"tags": tags} if tags else {})


def _of_vm(vm: Document, found: Sequence[Document]) -> dict[str, Any]:
    """Give the same of a VM of another region; its first disk is the system's."""
    seen, name = _seen(vm, found), vm["name"]
    disks = [
        {"name": f"{name}-{number}", "sizeGb": max(1, round(each)), "osDisk": number == 0}
        for number, each in enumerate(seen.get("disksGb") or ())
    ]
    tags = _settable(seen)
    return ({"disks": disks} if disks else {}) | ({"tags": tags} if tags else {})


def _settable(seen: Document) -> dict[str, str]:
    """Give the tags that anybody may set; AWS keeps those that begin with `aws:` for itself."""
    return {name: value for name, value in (seen.get("tags") or {}).items() if not name.startswith("aws:")}


def _seen(machine: Document, found: Sequence[Document]) -> Document:
    keys = {str(machine.get(name)).lower() for name in ("name", "id", "ip") if machine.get(name)}
    return next((each for each in found if keys & _known_as(each)), {})


def _known_as(seen: Document) -> set[str]:
    """Give under what a machine may be known; Azure's id ends in the name of a VM."""
    known = [str(seen[name]) for name in ("name", "sourceId", "privateIp") if seen.get(name)]
    return {each.lower() for each in (*known, str(seen.get("sourceId", "")).rpartition("/")[2]) if each}
