"""What changed since the assessment, each with both values: of a source, and of the target that was judged then."""

from collections.abc import Callable, Iterator, Mapping

from shared.concerns.source_facts import SourceFacts
from shared.concerns.target_facts import SubnetFacts, TargetFacts

# Facts that do not keep a machine from its cutover, and what people call them.
MINOR: Mapping[str, str] = {
    "name": "name",
    "os_name": "operating system",
    "os_version": "version of its operating system",
    "cores": "cores",
    "size": "size",
    "memory_gb": "memory (GiB)",
    "public_ips": "public addresses",
    "elastic_ips": "elastic addresses",
    "tags": "tags",
    "ssm_online": "management agent online",
    "guest_tools": "guest tools running",
    "termination_protection": "protection against termination",
    "auto_scaling_group": "auto scaling group",
    "boot_mode": "boot mode",
    "bitlocker": "BitLocker",
}
OF_RUNNING = (
    "ssm_online",
    "guest_tools",
    "public_ips",
    "os_name",
    "os_version",
)  # of a machine that is off they say nothing


def drift(before: SourceFacts, now: SourceFacts) -> list[str]:
    """Name what differs in ways that matter to the copy: the cutover of such a machine is refused."""
    if not now.found:
        return ["it is gone"]
    if before.instance_id and not now.instance_id:
        return ["its server does not show it any more"]
    changed = []
    if now.state not in ("running", None):  # nobody can tell of a physical server
        changed.append(f"it is {now.state}")
    if now.stop_protection:
        changed.append("it is protected against being stopped (disableApiStop)")
    if before.private_ip != now.private_ip:
        changed.append(f"its address was {before.private_ip} and is {now.private_ip}")
    old, new = _disks(before), _disks(now)
    changed += [f"disk {name} was added" for name in sorted(new.keys() - old.keys())]
    changed += [f"disk {name} was removed" for name in sorted(old.keys() - new.keys())]
    grown = [name for name in sorted(old.keys() & new.keys()) if old[name] != new[name]]
    return changed + [f"disk {name} was {old[name]} GiB and is {new[name]}" for name in grown]


def _disks(facts: SourceFacts) -> dict[str, float | None]:
    return {disk.device: disk.size_gib for disk in facts.disks or () if not disk.instance_store}


def minor_changes(before: SourceFacts, now: SourceFacts) -> Iterator[str]:
    """Yield what else differs; a fact that one of the two readings does not tell did not change."""
    off = now.state not in ("running", None)
    for fact, called in MINOR.items():
        if off and fact in OF_RUNNING:
            continue
        old, new = getattr(before, fact), getattr(now, fact)
        if None not in (old, new) and old != new:
            yield f"its {called}: {_said(old)}, now {_said(new)}"
    old_cards, new_cards = (len(facts.nics) if facts.nics is not None else None for facts in (before, now))
    if None not in (old_cards, new_cards) and old_cards != new_cards:
        yield f"its network cards: {old_cards}, now {new_cards}"


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={part}" for name, part in sorted(value.items())) or "none"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value) or "none"


def at_assessment(concern: str, subject: str, then: TargetFacts) -> str:
    """Say how what a concern speaks of stood when the plan was assessed; empty where that is not known."""
    tell = _THEN.get(concern)
    earlier = tell(subject, then) if tell else ""
    return f"at the assessment {earlier}" if earlier else ""


def _quota(family: str, then: TargetFacts) -> str:
    row = next((each for each in then.usages or () if each.family.lower() == family.lower()), None)
    return f"{row.limit - row.used} of {row.limit} were free" if row else ""


def _room(path: str, then: TargetFacts) -> str:
    subnet = _subnet(path, then)
    return f"{subnet.free} addresses were free" if subnet and subnet.free is not None else ""


def _subnet(path: str, then: TargetFacts) -> SubnetFacts | None:
    vnet, _, name = path.lower().partition("/")
    subnets = (subnet for each in then.networks or () if each.name.lower() == vnet for subnet in each.subnets)
    return next((each for each in subnets if each.name.lower() == name), None)


def _network(name: str, then: TargetFacts) -> str:
    return "it was there" if name.lower() in {each.name.lower() for each in then.networks or ()} else ""


def _subnet_there(path: str, then: TargetFacts) -> str:
    return "it was there" if _subnet(path, then) else ""


def _size(name: str, then: TargetFacts) -> str:
    found = next((each for each in then.sizes or () if each.name.lower() == name.lower()), None)
    return "it was offered" if found and not found.restricted else ""


def _name(name: str, then: TargetFacts) -> str:
    taken = {each.name.lower() for each in then.vms} if then.vms is not None else None
    return "nothing had it" if taken is not None and name.lower() not in taken else ""


_THEN: Mapping[str, Callable[[str, TargetFacts], str]] = {
    "cores-quota": _quota,
    "regional-cores-quota": _quota,
    "subnet-full": _room,
    "network-missing": _network,
    "subnet-missing": _subnet_there,
    "size-restricted": _size,
    "target-name-taken": _name,
    "resource-group-missing": lambda _, then: "it was there" if then.resource_group_exists else "",
    "cache-storage-missing": lambda _, then: "it was there" if then.storage and then.storage.exists else "",
}
