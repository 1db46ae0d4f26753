"""What a release began goes on under every later build: its frozen histories are replayed; docs/upgrading.md promises it."""

import json
import re
from pathlib import Path

import pytest

from shared.version import VERSION
from tests.orchestrators.histories.recording import HISTORIES, kept
from tests.orchestrators.histories.released import freeze, frozen
from tests.orchestrators.histories.test_replay import check

ROOT = Path(__file__).parents[3]
NOTES = (ROOT / "docs" / "upgrading.md").read_text()


@pytest.mark.parametrize(
    ("release", "history"), [pytest.param(*each, id=f"{each[0]}-{each[1].orchestrator}") for each in frozen()]
)
def test_what_a_release_asked_for_is_asked_for_today(release, history):
    assert release in NOTES
    check(history)


def test_a_frozen_release_is_replayed_whole_and_never_written_over(tmp_path):
    freeze("9.9.9", tmp_path)

    assert [each.orchestrator for each in kept()] == [history.orchestrator for _, history in frozen(tmp_path)]
    with pytest.raises(FileExistsError):
        freeze("9.9.9", tmp_path)
    for _, history in frozen(tmp_path)[:3]:
        check(history)


def test_a_build_that_asks_for_something_else_than_a_release_did_is_found(tmp_path):
    folder = freeze("9.9.9", tmp_path)
    document = json.loads((folder / "walk_machine.json").read_text())
    (folder / "walk_machine.json").write_text(json.dumps(document | {"actions": ["activity 'another'"]}))
    (altered,) = [history for _, history in frozen(tmp_path) if history.orchestrator == "walk_machine"]

    with pytest.raises(AssertionError, match="deploying it would break them"):
        check(altered)


def test_the_notes_name_this_release_and_where_histories_are_frozen():
    assert VERSION in NOTES
    assert str(HISTORIES.relative_to(ROOT)) + "/released" in NOTES
    assert set(re.findall(r"azferry (\w+)", NOTES)) <= {"doctor", "backups", "inbox"}
