"""Each kind of finding says what follows and what to do, is documented, and has a test that finds it."""

import re
from pathlib import Path

import pytest

from shared.doctor.finding import ORDER, FindingSeverity, diagnosis_of
from shared.doctor.kinds import CLOCK, CLOCK_OFF, KINDS, NO_ZONES

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "doctor.md").read_text()
TESTS = "".join(
    path.read_text()
    for path in (*Path(__file__).parent.glob("test_*.py"), ROOT / "tests" / "cli" / "test_doctor.py")
    if path != Path(__file__)
)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.id)
def test_what_is_not_well_says_what_follows_and_what_to_do(kind):
    assert (kind.severity is FindingSeverity.OK) == (not kind.meaning)
    assert (kind.severity is FindingSeverity.OK) == (not kind.remedy)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.id)
def test_each_kind_stands_in_the_document_and_in_a_test(kind):
    assert f"| `{kind.id}` | {kind.severity} | {kind.meaning}" in DOCUMENT
    assert re.search(rf'"{kind.id}[":]', TESTS)


def test_the_document_tells_no_kind_that_is_none():
    assert set(re.findall(r"^\| `([\w-]+)` \| (?:ok|notice|warning|error) ", DOCUMENT, re.MULTILINE)) == set(KINDS)


def test_a_remedy_names_what_was_seen_and_the_worst_comes_first():
    findings = [CLOCK.seen("1"), CLOCK_OFF.seen("2", sync="sync"), NO_ZONES.seen("3", install="do it"), CLOCK.seen("4")]

    diagnosis = diagnosis_of(findings, "1.0")

    assert [each.seen for each in diagnosis.findings] == ["3", "2", "1", "4"]
    assert (diagnosis.severity, diagnosis.findings[0].remedy) == (FindingSeverity.ERROR, "do it")
    assert diagnosis_of([], "1.0").severity is ORDER[0]
