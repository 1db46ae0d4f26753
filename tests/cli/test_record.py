"""`verify-record`: of a migration against its ledger, of a file by itself; what does not match is said by its entry."""

import json

import pytest

from shared.record.entries import Record, RecordEntry, RecordKind
from shared.reporting.evidence_manifest import EvidenceManifest, packed
from tests.cli.answering import event, wire


def lines_of(*events):
    drafts = [RecordEntry(number=0, about=each.what, event=wire(each)) for each in events]
    pack = RecordEntry(number=0, kind=RecordKind.EVIDENCE, about="evidence/finance.1/x.zip", sha256="5e" * 32)
    return list(Record().following([*drafts, pack], 1_000_000))


EVENTS = [
    event(1, "decided-test", "ada: approve at gate test", by="ada"),
    event(2, "decided-cutover", "eve: approve at gate cutover", by="eve"),
]
LINES = lines_of(*EVENTS)
LAST = json.loads(LINES[-1])["hash"]


@pytest.fixture
def kept(prepared):
    prepared.add()
    prepared.events = [*EVENTS, event(3, "looked", "a machine's own")]
    prepared.record = b"".join(LINES)
    return prepared


def test_a_record_that_is_as_the_ledger_tells_it_is_whole_and_its_last_hash_is_told(ask, kept):
    answer = ask("verify-record", "finance.1")

    assert 0 == answer.exit_code
    assert "is whole, and as the ledger tells it: 3 entries" in answer.stdout
    assert f"Last hash: {LAST}" in answer.stdout
    assert f"evidence/finance.1/x.zip, SHA-256 {'5e' * 32}" in answer.stdout.replace("\n", " ")


def test_what_was_changed_in_the_ledger_is_told(ask, kept):
    kept.events[1] = kept.events[1].replace(by="ada")
    answer = ask("verify-record", "finance.1", "-o", "json")

    assert (1, False) == (answer.exit_code, json.loads(answer.stdout)["matches"])
    assert [
        "entry 2 (eve: approve at gate cutover) is told otherwise by the ledger: by is 'ada', it was 'eve'"
    ] == json.loads(answer.stdout)["mismatches"]


def test_a_copy_is_kept_once_and_checked_without_the_app(ask, run, kept, tmp_path):
    assert 0 == ask("verify-record", "finance.1", "--into", tmp_path / "r.jsonl").exit_code
    assert 2 == ask("verify-record", "finance.1", "--into", tmp_path / "r.jsonl").exit_code
    answer = run("verify-record", tmp_path / "r.jsonl")

    assert 0 == answer.exit_code
    assert "is whole, by itself: 3 entries" in answer.stdout


def test_the_entry_that_is_missing_from_a_copy_is_told(run, tmp_path):
    (tmp_path / "r.jsonl").write_bytes(LINES[0] + LINES[2])
    answer = run("verify-record", tmp_path / "r.jsonl")

    assert (1, True) == (answer.exit_code, "entry 2 is missing" in answer.stdout)


@pytest.mark.parametrize(("lines", "code"), [(LINES, 0), (LINES[:2], 1)])
def test_a_hash_that_was_noted_shows_what_was_taken_out_at_the_end(run, tmp_path, lines, code):
    (tmp_path / "r.jsonl").write_bytes(b"".join(lines))

    assert code == run("verify-record", tmp_path / "r.jsonl", "--noted", LAST.upper()).exit_code


def pack_of(tmp_path, files):
    (tmp_path / "p.zip").write_bytes(packed(EvidenceManifest(migration="finance.1"), files, {}))
    return tmp_path / "p.zip"


def test_the_record_of_a_pack_is_compared_with_its_events(run, tmp_path):
    lines = [json.dumps(wire(each) | {"id": each.what}) for each in EVENTS]
    files = {"record.jsonl": b"".join(LINES), "events.jsonl": "\n".join(lines).encode()}
    changed = files | {"events.jsonl": lines[0].encode()}

    assert 0 == run("verify-record", pack_of(tmp_path, files)).exit_code
    answer = run("verify-record", pack_of(tmp_path, changed))
    assert (1, True) == (answer.exit_code, "is not in the ledger" in answer.stdout)


def test_a_file_without_a_record_is_told_and_no_app_is_asked(run, tmp_path):
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 no zip")

    for path in (tmp_path / "none.jsonl", pack_of(tmp_path, {"events.jsonl": b""})):
        assert 2 == run("verify-record", path).exit_code
    assert 1 == run("verify-record", tmp_path / "broken.zip").exit_code
