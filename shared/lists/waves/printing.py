"""A proposal as a part of a plan: YAML that can be pasted, with the reasons as comments."""

from collections.abc import Iterator, Sequence

from shared.lists.merging import Document
from shared.lists.waves.results import ProposedMachine, ProposedWave
from shared.plan.plan_yaml import item


def waves_part(waves: Sequence[Document], shown: Sequence[ProposedWave], notes: Sequence[str]) -> str:
    """Return the waves in their order; such as have nothing to migrate stand last."""
    by_name = {str(wave["name"]): wave for wave in waves}
    lines = [*(_comment(f"look at this: {note}", 0) for note in notes), "waves:"]
    for each in shown:
        lines += _wave(by_name.pop(each.name), each)
    for wave in by_name.values():
        lines += [_comment("nothing in it is migrated", 2), *item(wave, 2)]
    return "".join(f"{line}\n" for line in lines)


def _wave(wave: Document, shown: ProposedWave) -> Iterator[str]:
    yield from (_comment(reason, 2) for reason in shown.reasons)
    own = {key: value for key, value in wave.items() if key != "machines"}
    yield from item(own, 2)
    yield "    machines:"
    reasons = {each.name: each for each in shown.machines}
    for machine in wave["machines"]:
        if known := reasons.get(str(machine.get("name", ""))):
            yield from _machine_comments(known, shown.name)
        yield from item(machine, 6)


def _machine_comments(machine: ProposedMachine, wave: str) -> Iterator[str]:
    if machine.before != wave:
        yield _comment(f"from {machine.before}: {machine.reason}", 6)
    if machine.boot_group > 1:
        yield _comment(f"boot group {machine.boot_group}: {machine.boot_reason}", 6)


def _comment(text: str, indent: int) -> str:
    """Return a comment on one line, whatever the text holds."""
    plain = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return f"{' ' * indent}# {plain}"
