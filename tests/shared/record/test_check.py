"""A record tells by itself which entry was changed, is missing, or out of order; and against the ledger what was changed there."""

import json

import pytest

from shared.record.check import faults_against, faults_within
from shared.record.entries import Record, RecordEntry

SEVERAL = 1_000_000


def event(name, **more):
    decision = {"verb": "approve", "gate": "cutover", "waves": ["shop"], "machines": [name], "comment": "as agreed"}
    return {"id": name, "at": "2026-11-21T05:00:00Z", "text": f"ada: approve for {name}", "by": "ada"} | {
        "decision": decision | more
    }


def drafts(*names):
    events = (event(name) for name in names)
    return [RecordEntry(number=0, migration="finance.1", about=each["id"], event=each) for each in events]


def written(*names):
    """The lines of a record of decisions of these names."""
    return list(Record().following(drafts(*names), SEVERAL))


def faults(lines):
    return list(faults_within(Record.read(b"".join(lines))))


LINES = written("m1", "m2", "m3", "m4", "m5")


def test_a_record_that_nobody_touched_has_no_fault():
    assert [] == faults(LINES)


def test_it_goes_on_where_it_ended():
    first = Record.read(b"".join(LINES[:2]))

    assert LINES == [*LINES[:2], *first.following(drafts("m3", "m4", "m5"), SEVERAL)]


def edited(line, **changes):
    return json.dumps(json.loads(line) | changes).encode() + b"\n"


def resealed(line, **changes):
    """Written anew by somebody who makes its hash, too."""
    entry = RecordEntry.model_validate(json.loads(line) | changes).sealed()
    return json.dumps(entry.plain()).encode() + b"\n"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([LINES[0], edited(LINES[1], event=event("m2", comment="")), *LINES[2:]], ["entry 2 (ada: approve for m2) was changed"]),
        ([LINES[0], resealed(LINES[1], event=event("m2", comment="")), *LINES[2:]], ["entry 3 (ada: approve for m3) does not follow entry 2"]),
        ([LINES[0], *LINES[2:]], ["entry 2 is missing"]),
        ([LINES[0], LINES[4]], ["entries 2 to 4 are missing"]),
        (LINES[1:], ["entry 1 is missing"]),
        ([LINES[0], LINES[2], LINES[1], *LINES[3:]], ["entry 2 stands behind entry 3: out of order"]),
        ([*LINES, LINES[1]], ["entry 2 stands 2 times", "entry 2 stands behind entry 5"]),
        ([*LINES[:2], b"{}\n", *LINES[2:]], ["line 3 is no entry"]),
        ([*LINES[:2], b"\xff\xfe not json\n", *LINES[2:]], ["line 3 is no entry"]),
        ([resealed(LINES[0], previous="ab" * 32), *LINES[1:]], ["entry 2 (ada: approve for m2) does not follow", "entry 1 (ada: approve for m1) follows an entry that is not there"]),
        ([edited(LINES[0], number=10**12)], ["was changed"]),
    ],
)  # fmt: skip
def test_what_was_done_to_it_is_told_by_its_entry(lines, words):
    found = faults(lines)

    assert len(words) == len(found), found
    for each in words:
        assert any(each in fault for fault in found), found


def test_whatever_is_changed_of_any_entry_is_seen():
    plain = json.loads(LINES[2])
    for name in set(plain) - {"hash"}:
        changed = {"event": {}, "number": 7, "kept": "2026-01-01T00:00:00Z", "kind": "evidence"}.get(name, "other")
        assert faults([*LINES[:2], edited(LINES[2], **{name: changed}), *LINES[3:]]), name


def against(kept, ledger):
    return list(faults_against(Record.read(b"".join(kept)), ledger))


LEDGER = [event(f"m{number}") for number in range(1, 6)]


def test_a_ledger_that_says_the_same_has_no_fault():
    machine = {"id": "x", "text": "the machine was stopped", "by": ""}
    newer = [each | {"newField": 1} for each in LEDGER]

    assert [] == against(LINES, [*LEDGER, machine])
    assert [] == against(LINES, newer)


@pytest.mark.parametrize(
    ("ledger", "words"),
    [
        (LEDGER[:4], "entry 5 (ada: approve for m5) is not in the ledger"),
        ([event("m1", comment="eve made me"), *LEDGER[1:]], "decision.comment is 'eve made me', it was 'as agreed'"),
        ([LEDGER[0] | {"by": "eve"}, *LEDGER[1:]], "by is 'eve', it was 'ada'"),
        ([*LEDGER, event("m6")], "ada: approve for m6 is in the ledger, and not in the record"),
    ],
)
def test_what_the_ledger_says_otherwise_is_told(ledger, words):
    (fault,) = against(LINES, ledger)
    assert words in fault


def test_a_decision_that_is_told_of_another_wave_too_is_no_fault_and_any_other_change_is():
    wider = event("m1", waves=["shop", "reporting"], machines=["m1", "m2"])
    drafted = [RecordEntry(number=0, about="m1", event=each) for each in (event("m1"), wider)]
    forged = [*drafted, RecordEntry(number=0, about="m1", event=event("m1", comment="forged"))]

    assert [] == against(Record().following(drafted, SEVERAL), [wider])
    assert ["entry 3 (ada: approve for m1) tells anew what entry 2 told, otherwise"] == [
        each.partition(":")[0] + ":" + each.split(":")[1] for each in against(Record().following(forged, SEVERAL), [forged[-1].event])
    ]  # fmt: skip


def test_an_addition_is_no_larger_than_it_may_be_and_one_entry_at_least():
    assert 1 == len(Record().following(drafts("m1", "m2"), 1))
    assert 2 == len(Record().following(drafts("m1", "m2", "m3"), len(LINES[0]) + len(LINES[1])))
