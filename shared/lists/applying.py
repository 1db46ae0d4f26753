"""What is to be done to a plan, done to its text: what comes out means exactly what was meant, or nothing comes out."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from shared.lists.merging import Document, MergedPlan
from shared.lists.plan_text import NewWave, Piece, PlanText
from shared.plan.documents import read_document
from shared.problems import UnreadablePlan


def applied(text: str, document: Document, work: MergedPlan, stated: Mapping[str, Any]) -> tuple[str, Document]:
    """Return the text with every change, and what it means. Raise `UnreadablePlan` where it would not mean what it should."""
    if not (work.fields or work.moves or work.added or work.waves or work.gone or stated):
        return text, document
    wanted = _changed_data(document, work, stated)
    crlf = "\r\n" in text
    after = _edited(text.replace("\r\n", "\n"), document, work, stated)
    if read_document(after.encode(), "") != wanted:
        raise UnreadablePlan(
            "The plan is written in a way that cannot be changed in place",
            advice="Write its waves as lists with a line for each machine, or import into a new file.",
        )
    return after.replace("\n", "\r\n") if crlf else after, wanted


def _edited(text: str, document: Document, work: MergedPlan, stated: Mapping[str, Any]) -> str:
    """Change fields first, then what stands in which wave."""
    fields = PlanText(text)
    fields.set_in_plan(stated)
    for (wave, machine), changes in work.fields.items():
        fields.set_in(fields.machine(wave, machine), changes)
    for wave, changes in work.waves.items():
        fields.set_in(fields.wave(wave), changes)
    lists = PlanText(fields.result())
    coming = {wave: [Piece(each) for each in added] for wave, added in work.added.items()}
    for (wave, machine), goes_to in work.moves.items():
        entry = _with(document["waves"][wave]["machines"][machine], work.fields.get((wave, machine), {}))
        coming.setdefault(goes_to, []).append(lists.piece(wave, machine, entry))
    names = [each.get("name") for each in document.get("waves") or ()]
    for wave in {wave for wave, _ in work.moves}:
        lists.remove_machines(wave, [machine for at, machine in work.moves if at == wave])
    if work.moves:  # a list on one line is written anew without what left it, so what comes is put in afterwards
        lists = PlanText(lists.result())
    for name, pieces in coming.items():
        if name in names:
            lists.append_machines(names.index(name), pieces)
    new = [
        NewWave(name, tuple(pieces), work.roads.get(name, {})) for name, pieces in coming.items() if name not in names
    ]
    if new:
        lists.append_waves(new)
    return _without_waves(lists.result(), work.gone)


def _without_waves(text: str, gone: list[int]) -> str:
    if not gone:
        return text
    lists = PlanText(text)
    lists.remove_waves(gone)
    return lists.result()


def _changed_data(document: Document, work: MergedPlan, stated: Mapping[str, Any]) -> Document:
    """Return the plan's data as it is to be: what the text has to mean."""
    wanted = _with(document, stated)
    waves: list[Document] = [dict(each) for each in wanted.get("waves") or ()]
    coming = {wave: list(added) for wave, added in work.added.items()}
    for number, wave in enumerate(waves):
        wave["machines"] = [
            _with(each, work.fields.get((number, line), {})) for line, each in enumerate(wave.get("machines") or ())
        ]
        wave.update(work.waves.get(number, {}))
    for (number, line), goes_to in work.moves.items():
        coming.setdefault(goes_to, []).append(waves[number]["machines"][line])
    for number, wave in enumerate(waves):
        stays = (line for line in range(len(wave["machines"])) if (number, line) not in work.moves)
        wave["machines"] = [wave["machines"][line] for line in stays]
    for name, entries in coming.items():
        found = next((each for each in waves if each.get("name") == name), None)
        if found is None:
            waves.append({"name": name, **work.roads.get(name, {}), "machines": entries})
        else:
            found["machines"] += entries
    kept = [wave for number, wave in enumerate(waves) if number not in work.gone]
    return {**wanted, "waves": kept} if waves else wanted


def _with(document: Mapping[str, Any], changes: Mapping[str, Any]) -> Document:
    """Return a document with changes of whatever depth."""
    found = dict(deepcopy(document)) if changes else dict(document)
    for key, value in changes.items():
        before = found.get(key)
        found[key] = _with(before, value) if isinstance(value, Mapping) and isinstance(before, dict) else value
    return found
