"""Waves and boot groups proposed for a plan: from the plan alone, and from what an assessment found. Nothing is applied by itself."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from shared.lists.applying import applied
from shared.lists.merging import Document, MergedPlan
from shared.lists.results import PlanChange
from shared.lists.waves.dependencies import dependencies_of, graph_of
from shared.lists.waves.division import WaveDraft, WaveSettings, boots_of, divided
from shared.lists.waves.naming import name_all
from shared.lists.waves.ordering import clusters_of
from shared.lists.waves.printing import waves_part
from shared.lists.waves.reasons import proposed
from shared.lists.waves.results import WaveProposal
from shared.lists.waves.units import units_of
from shared.lists.waves.waiting import let_wait
from shared.lists.waves.wave_limits import crowded, limit_of
from shared.plan.documents import read_document
from shared.plan.locating import located
from shared.plan.model import Plan
from shared.plan.partial_parse import lenient
from shared.plan.profiles import NO_PROFILES, TargetProfiles
from shared.plan.reader import to_plan
from shared.plan.underlaying import underlaid
from shared.problems import Fault, InvalidPlan
from shared.reporting.assessment import Assessment

OWN = ("name", "machines", "dependsOn")  # of a wave; all else are settings, which a new wave takes over


def propose_waves(
    text: str,
    assessment: Assessment | None = None,
    *,
    largest: int = 0,
    anew: bool = False,
    profiles: TargetProfiles = NO_PROFILES,
) -> WaveProposal:
    """Return waves and boot groups for a plan; with `anew`, waves of the same settings are taken as one.

    Raise `UnreadablePlan`, and `InvalidPlan` where its waves are not valid: anything else that it lacks is only reported.
    """
    text = text.removeprefix("\ufeff")
    document = read_document(text.encode(), "")
    _refuse_faulty_waves(text, document, profiles)
    plan: Plan = lenient(Plan, underlaid(document, profiles).document)
    waves: list[Document] = document["waves"]
    units = units_of(plan, waves, {each.name: each for each in assessment.machines if each.found} if assessment else {})
    stated = dependencies_of(plan, units)
    same = _same_settings(plan, waves)
    settings = WaveSettings(_pools(same, anew=anew), lambda wave: limit_of(plan, plan.wave(wave), largest))
    drafts = divided(clusters_of(units, graph_of(units, stated)), settings)
    name_all(drafts, same)
    let_wait(drafts, units, stated)
    work = _work(waves, drafts)
    after, data = applied(text, document, work, {})
    shown = tuple(proposed(drafts))
    notes = (*stated.notes, *crowded(plan), *_selections(plan))
    errors = located(after, _errors(data, profiles), data)
    return WaveProposal(
        waves=shown,
        notes=notes,
        changes=tuple(work.changes),
        part=waves_part(data["waves"], shown, notes),
        plan=after,
        changed=after != text,
        valid=not errors,
        errors=errors,
    )


def _refuse_faulty_waves(text: str, document: Document, profiles: TargetProfiles) -> None:
    errors = _errors(document, profiles)
    wrong = [each for each in errors if each.pointer.startswith(("/waves", "/profile")) or not each.pointer]
    if wrong or not isinstance(document.get("waves"), list):
        raise InvalidPlan(located(text, tuple(wrong or errors), document))


def _errors(document: Document, profiles: TargetProfiles) -> tuple[Fault, ...]:
    try:
        to_plan(document, profiles=profiles)
    except InvalidPlan as invalid:
        return tuple(invalid.facts.errors)
    return ()


def _same_settings(plan: Plan, waves: Sequence[Document]) -> dict[str, str]:
    """Return what is the same for waves of the same settings; actions of a recovery plan are of one wave only."""
    found = {
        wave.name: json.dumps(_settings(each), sort_keys=True) for wave, each in zip(plan.waves, waves, strict=True)
    }
    return found | {wave.name: wave.name for wave in plan.waves if wave.cutover.actions}


def _pools(same: Mapping[str, str], *, anew: bool) -> Callable[[str], str]:
    """Return the wave whose settings stand for those of a wave: its own, or the first with the same."""
    if not anew:
        return lambda wave: wave
    first = {same[name]: name for name in sorted(same, reverse=True)}
    return lambda wave: first[same[wave]]


def _settings(wave: Document) -> Document:
    return {key: value for key, value in wave.items() if key not in OWN}


def _work(waves: Sequence[Document], drafts: Sequence[WaveDraft]) -> MergedPlan:
    """Return what has to be done to the plan, and each change in words."""
    work = MergedPlan()
    for draft in drafts:
        boots = boots_of(draft.clusters)
        for each in draft.machines:
            if each.wave != draft.name:
                work.moves[each.spot] = draft.name
                work.changes.append(_changed("moved", each.name, "wave", each.wave, draft.name))
            if boots[each.spot].group != each.machine.boot_group:
                work.fields[each.spot] = {"bootGroup": boots[each.spot].group}
                work.changes.append(
                    _changed("changed", each.name, "bootGroup", each.machine.boot_group, boots[each.spot].group)
                )
    names = [str(wave["name"]) for wave in waves]
    kept = {draft.name for draft in drafts}
    work.gone = [
        number for number, wave in enumerate(waves) if names[number] not in kept and _is_left(number, wave, work)
    ]
    _set_waits(waves, drafts, work)
    return work


def _is_left(number: int, wave: Document, work: MergedPlan) -> bool:
    """Tell whether nothing is left in a wave: what is not migrated stays in its own."""
    return all((number, line) in work.moves for line in range(len(wave["machines"])))


def _set_waits(waves: Sequence[Document], drafts: Sequence[WaveDraft], work: MergedPlan) -> None:
    """Set what waves wait for; in their order where the plan has it already."""
    wanted = {draft.name: [drafts[number].name for number in sorted(draft.awaits)] for draft in drafts}
    settings = {str(wave["name"]): _settings(wave) for wave in waves}
    gone = {str(waves[number]["name"]) for number in work.gone}
    for number, wave in enumerate(waves):
        name, before = str(wave["name"]), list(wave.get("dependsOn") or ())
        awaited = wanted.pop(name, [other for other in before if other not in gone])
        if name not in gone and set(awaited) != set(before):
            work.waves[number] = {"dependsOn": awaited}
            work.changes.append(_changed("changed", f"wave {name}", "dependsOn", before, awaited))
    homes = {draft.name: draft.home for draft in drafts}
    for name, awaited in wanted.items():
        work.roads[name] = ({"dependsOn": awaited} if awaited else {}) | settings[homes[name]]


def _changed(kind: str, machine: str, field: str, before: object, after: object) -> PlanChange:
    return PlanChange(kind=kind, machine=machine, field=field, before=before, after=after)


def _selections(plan: Plan) -> Iterator[str]:
    for wave in plan.waves:
        for each in wave.machines:
            if each.source.selects_several and each.is_migrated:
                by = "by tags" if each.source.tags else "several"
                yield f"{each.name or each.source.words} in wave {wave.name} selects {by}: it counts as one machine here"
