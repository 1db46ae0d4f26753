"""What words in lists mean: systems, strategies, addresses, tags."""

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address
from re import split
from typing import Final

from shared.lists.cells import is_formula
from shared.lists.records import CellPlace, Finding, ListedValue, Severity

LINUX: Final = (
    "linux", "red hat", "redhat", "rhel", "centos", "ubuntu", "debian", "suse", "sles", "oracle", "rocky", "alma",
    "fedora", "coreos", "photon", "amazon", "unix",
)  # fmt: skip
STRATEGIES: Final = {
    "rehost": "rehost", "re-host": "rehost", "lift and shift": "rehost",
    "relocate": "relocate", "replatform": "replatform", "re-platform": "replatform",
    "repurchase": "repurchase", "re-purchase": "repurchase", "replace": "repurchase",
    "rearchitect": "rearchitect", "re-architect": "rearchitect", "refactor": "rearchitect", "rebuild": "rearchitect",
    "retire": "retire", "decommission": "retire", "retain": "retain", "revisit": "retain",
    "tbc": "undecided", "tbd": "undecided", "undecided": "undecided", "unknown": "undecided",
}  # fmt: skip


def system_of(text: str) -> str:
    """Return windows or linux for the name of an operating system; empty for another one."""
    word = text.casefold()
    if "windows" in word or word.startswith("win"):
        return "windows"
    return "linux" if any(each in word for each in LINUX) else ""


def systems(listed: ListedValue | None) -> Iterator[ListedValue | Finding]:
    """Yield the system that a value names, or that it names none."""
    if listed is None:
        return
    if system := system_of(str(listed.value)):
        yield ListedValue(("system",), system, listed.place)
    else:
        message = "tells neither Windows nor Linux; the system is not taken over"
        yield listed.place.finding(Severity.WARNING, message, "Say `system: windows` or `linux` in the plan.")


def strategies(listed: ListedValue | None) -> Iterator[ListedValue | Finding]:
    """Yield the strategy (of the seven Rs) that a value names; an unknown one leaves the machine out, and says so."""
    if listed is None:
        return
    strategy = STRATEGIES.get(str(listed.value).casefold(), "")
    if not strategy:
        message = "is no strategy: rehost, relocate, replatform, repurchase, rearchitect, retire or retain"
        yield listed.place.finding(Severity.WARNING, f"{message}; the machine counts as undecided", "Correct the word.")
    yield ListedValue(("strategy",), strategy or "undecided", listed.place)


def addresses(text: str) -> list[str]:
    """Return the IPv4 addresses of a cell, in its order."""
    return [part for part in split(r"[;,\s|]+", text) if is_ipv4(part)]


def is_ipv4(text: str) -> bool:
    """Whether it is an IPv4 address."""
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def tag_values(listed: ListedValue | None, between: str, inside: str) -> Iterator[ListedValue | Finding]:
    """Yield the tags of a cell with several, e.g. `owner=finance;tier=db`."""
    for part in str(listed.value).split(between) if listed else ():
        if not part.strip() or listed is None:
            continue
        name, parted, value = (each.strip() for each in part.partition(inside))
        if name and parted:
            yield ListedValue(("target", "tags", name), value, listed.place)
        else:
            message = f"{part.strip()!r} is no tag: `name{inside}value` is"
            yield listed.place.finding(Severity.WARNING, message, "Correct it; this tag is not taken over.")


def tag(name: str, value: str, place: CellPlace) -> ListedValue | Finding:
    """Return one tag of a machine."""
    return ListedValue(("target", "tags", name), value, place)


def formula(listed: ListedValue) -> Finding | None:
    """Return a finding where a value is one that a spreadsheet would run; nothing of the kind goes into a plan."""
    if not is_formula(str(listed.value)):
        return None
    return listed.place.finding(Severity.WARNING, "is a formula, not a value; it is not taken over", "Paste the value.")


def one_application(listed: ListedValue | None, separator: str = ",") -> Iterator[ListedValue | Finding]:
    """Yield the application of a cell; a machine of a plan belongs to one, so several have to be decided."""
    if listed is None:
        return
    names = list(dict.fromkeys(part.strip() for part in str(listed.value).split(separator) if part.strip()))
    if len(names) > 1:
        message = f"names {len(names)} applications and a machine of a plan belongs to one; none is taken over"
        yield listed.place.finding(Severity.WARNING, message, "Leave the one with which the machine is to cut over.")
    else:
        yield from (ListedValue(("application",), each, listed.place) for each in names)
