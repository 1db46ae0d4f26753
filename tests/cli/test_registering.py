"""The registration key becomes a file that only its owner can read, and nothing is written over."""

from shared.problems import NotAllowedNow
from tests.cli.answering import body_of


def test_the_key_is_written_for_its_owner_only(ask, prepared, tmp_path):
    prepared.add()
    path = tmp_path / "ferry.VaultCredentials"
    answer = ask("--by", "ann", "registration-key", "finance.1", "-o", path)

    assert 0 == answer.exit_code, answer.output
    assert ("<RSVaultAsrCreds/>", 0o600) == (path.read_text(), path.stat().st_mode & 0o777)
    assert {"by": "ann"} == body_of(prepared.requests[-1])
    assert "RSVaultAsrCreds" not in answer.output


def test_a_file_that_is_there_is_not_written_over_and_no_key_is_made(ask, prepared, tmp_path):
    prepared.add()
    path = tmp_path / "mine"
    path.write_text("mine")

    assert 2 == ask("registration-key", "finance.1", "-o", path).exit_code
    assert ("mine", []) == (path.read_text(), prepared.requests)


def test_a_refusal_leaves_no_file(ask, prepared, tmp_path):
    prepared.add()
    prepared.refusal = NotAllowedNow("finance.1 waits for no registration")

    assert 3 == ask("registration-key", "finance.1", "-o", tmp_path / "none").exit_code
    assert [] == list(tmp_path.iterdir())
