"""Evidence packs on the command line: fetched once, and checked without the app; what was changed is said in words."""

import hashlib
import io
import json
import zipfile

import pytest

from shared.reporting.evidence_manifest import MANIFEST, EvidenceManifest, packed
from shared.states import MigrationStatus, Outcome

FILES = {"report.json": b'{"machines": []}', "events.jsonl": b"{}\n"}
OF = EvidenceManifest(migration="finance.1", status=MigrationStatus.ENDED, outcome=Outcome.SUCCEEDED)
PACK = packed(OF, FILES, {})


def rewritten(change):
    """A pack whose files were changed by hand, its manifest as it was."""
    with zipfile.ZipFile(io.BytesIO(PACK)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return body.getvalue()


@pytest.fixture
def verify(run, tmp_path):
    """Write bytes to a file, and have them verified."""

    def act(body, *more):
        (tmp_path / "pack.zip").write_bytes(body)
        return run("verify-evidence", tmp_path / "pack.zip", *more)

    return act


def test_a_pack_is_fetched_into_a_file_and_its_hash_is_told(ask, prepared, tmp_path):
    prepared.pack = PACK
    answer = ask("evidence", "finance.1", "--into", tmp_path / "f.zip")

    assert (0, PACK) == (answer.exit_code, (tmp_path / "f.zip").read_bytes())
    assert hashlib.sha256(PACK).hexdigest() in answer.stdout


def test_a_file_that_is_there_is_not_written_over(ask, prepared, tmp_path):
    (tmp_path / "f.zip").write_text("last year's")
    answer = ask("evidence", "finance.1", "--into", tmp_path / "f.zip")

    assert (2, "last year's", []) == (answer.exit_code, (tmp_path / "f.zip").read_text(), prepared.requests)


def test_a_whole_pack_is_whole(verify):
    answer = verify(PACK)

    assert 0 == answer.exit_code
    assert "is whole: 2 files as the manifest says" in answer.stdout
    assert "Migration finance.1, Succeeded" in answer.stdout
    assert f"SHA-256 of the pack: {hashlib.sha256(PACK).hexdigest()}" in answer.stdout


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda files: files.update({"report.json": b'{"machines": {}}'}),
            "report.json was changed: its SHA-256 is",
        ),
        (
            lambda files: files.update({"report.json": b"0" * 9_000_000}),
            "report.json was changed: it has more than the 16 bytes",
        ),
        (lambda files: files.pop("events.jsonl"), "events.jsonl is missing: the manifest names it"),
        (lambda files: files.update({"notes.txt": b""}), "notes.txt is not in the manifest: it was added later"),
        (lambda files: files.pop(MANIFEST), "manifest.json is missing: this is no evidence pack"),
        (lambda files: files.update({MANIFEST: b"{"}), "manifest.json cannot be read"),
        (lambda files: files.update({MANIFEST: b"{}"}), "manifest.json names no file"),
        (lambda files: files.update({MANIFEST: b'{"form": 2}'}), "this azferry knows form 1: update it"),
    ],
)
def test_what_does_not_match_is_said_in_words(verify, change, words):
    answer = verify(rewritten(change))

    assert 1 == answer.exit_code
    assert words in answer.stdout


def test_a_file_that_stands_twice_is_told(verify):
    body = io.BytesIO(PACK)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(body, "a") as archive:
        archive.writestr("report.json", b"another")
    answer = verify(body.getvalue())

    assert 1 == answer.exit_code
    assert "report.json stands in the pack 2 times" in answer.stdout


@pytest.mark.parametrize("body", [b"", b"PK no zip", PACK[:-30]])
def test_what_is_no_zip_is_told(verify, body):
    answer = verify(body)

    assert 1 == answer.exit_code
    assert "pack.zip is no ZIP file, or it is cut off" in answer.stdout


def test_any_flipped_bit_of_a_file_is_found(verify):
    at = PACK.index(b"report.json") + len(b"report.json") + 4
    answer = verify(PACK[:at] + bytes([PACK[at] ^ 1]) + PACK[at + 1 :])

    assert 1 == answer.exit_code
    assert "report.json" in answer.stdout


def test_programs_are_told_as_data(verify):
    answer = verify(rewritten(lambda files: files.pop("events.jsonl")), "-o", "json")
    found = json.loads(answer.stdout)

    assert (1, False, ["events.jsonl is missing: the manifest names it"]) == (
        answer.exit_code,
        found["matches"],
        found["mismatches"],
    )
