"""An assessment as one HTML file that needs nothing from outside, as CSV, and as JSON."""

import json
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from shared.reporting.assessment import AssessedMachine, Assessment, JudgedRule
from shared.reporting.csv_lines import csv_text
from shared.reporting.html_parts import definitions, document, moment, table

KINDS: Final = ("html", "json", "csv")
COLUMNS: Final = ("category", "rule", "blocks", "title", "wave", "machine", "evidence", "acknowledgedBy", "advice")


def rendered_assessment(assessment: Assessment, kind: str) -> str:
    """Give an assessment as html, json, or csv (a line for each thing that was found)."""
    if kind == "csv":
        return csv_text(COLUMNS, _lines(assessment))
    if kind == "json":
        data = assessment.model_dump(mode="json", by_alias=True, exclude_none=True)
        return json.dumps(data, ensure_ascii=False, indent=1)
    return _page(assessment)


def _lines(assessment: Assessment) -> Iterator[Sequence[object]]:
    waves = {each.name: each.wave for each in assessment.machines}
    for rule in assessment.rules:
        for each in rule.findings:
            blocks = "yes" if rule.category == "critical" and not each.acknowledged_by else ""
            head = (rule.category, rule.id, blocks, rule.title, waves.get(each.machine, ""), each.machine)
            yield (*head, each.evidence, each.acknowledged_by, rule.advice)


def _page(assessment: Assessment) -> str:
    title = f"Assessment of {assessment.plan}"
    parts = (
        f"<h1>{escape(title)}</h1><p><strong>{escape(verdict(assessment))}</strong></p>",
        "<p>Nothing was started and nothing was changed.</p>",
        _facts(assessment),
        "<h2>What was found</h2>",
        "".join(_rule(each) for each in assessment.rules) or "<p>None.</p>",
        "<h2>Machines</h2>",
        table(
            ("Wave", "Machine", "At its source", "System", "Cores", "Memory (GB)", "Disks (GB)", "Concerns"),
            [_machine(each) for each in assessment.machines],
        ),
    )
    return document(title, "".join(parts))


def verdict(assessment: Assessment) -> str:
    """Say in a sentence whether the plan could go on."""
    whole, stopped = len(assessment.machines), assessment.stopped
    if assessment.blocked:
        return f"The plan would be stopped before anything is changed; it has {_machines(whole)}."
    if stopped:
        return f"{_machines(stopped)} of {whole} would be stopped by a critical concern; the others would go on."
    return f"Nothing would stop {'the machine' if whole == 1 else f'any of {whole} machines'}."


def _machines(number: int) -> str:
    return f"{number} machine{'' if number == 1 else 's'}"


def _facts(assessment: Assessment) -> str:
    left_out = ", ".join(f"{name} ({strategy})" for name, strategy in assessment.left_out.items())
    pairs = {
        "Plan": assessment.plan,
        "Made": moment(assessment.made),
        "By": assessment.made_by,
        "Found nothing": ", ".join(assessment.unmatched),
        "Left out of the work": left_out,
    }
    return definitions(pairs)


def _rule(rule: JudgedRule) -> str:
    blocks = ", stops machines" if rule.blocks else ""
    head = f"<summary><strong>{escape(rule.title or rule.id)}</strong> ({escape(rule.category)}{blocks}, {len(rule.findings)})</summary>"
    lines = [(each.machine or "the plan", each.evidence, _accepted(each.acknowledged_by)) for each in rule.findings]
    inside = definitions({"Rule": rule.id, "What to do": rule.advice}) + table(("Of", "Evidence", ""), lines)
    return f"<details{' open' if rule.blocks else ''}>{head}{inside}</details>"


def _accepted(by: str) -> str:
    return f"acknowledged by {by}" if by else ""


def _machine(each: AssessedMachine) -> tuple[str, ...]:
    disks = "" if each.disks_gb is None else ", ".join(f"{size:g}" for size in each.disks_gb)
    standing = (each.state or "found") if each.found else "not found"
    size = ("" if each.cores is None else str(each.cores), "" if each.memory_gb is None else f"{each.memory_gb:g}")
    concerns = ("would be stopped: " if each.blocked else "") + ", ".join(each.concerns)
    return (each.wave, each.name, standing, each.os_name or each.os_family or "", *size, disks, concerns)
