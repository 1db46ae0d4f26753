"""What checkov cannot read is a failure, whichever form its report has."""

import json
import stat
import sys

import pytest

from tests.infra.checkov_run import main, unread

ONE = {"check_type": "bicep", "results": {"failed_checks": []}, "summary": {"parsing_errors": 0}}
LAME = {"check_type": "bicep", "results": {"failed_checks": []}, "summary": {"parsing_errors": 1}}
NAMED = {"results": {"parsing_errors": ["/a.bicep"]}, "summary": {"parsing_errors": 1}}


@pytest.mark.parametrize(
    ("report", "found"),
    [
        (ONE, []),
        ([ONE, ONE], []),
        ([ONE, LAME], ["a file that checkov does not name"]),
        (NAMED, ["/a.bicep"]),
        ({"passed": 0, "parsing_errors": 2}, ["a file that checkov does not name"] * 2),
    ],
)
def test_what_was_not_parsed_is_found_in_every_form_of_report(report, found):
    assert found == unread(json.dumps(report))


@pytest.mark.parametrize(("words", "code"), [(json.dumps([ONE]), 0), (json.dumps([ONE, LAME]), 1), ("", 1)])
def test_it_fails_where_checkov_itself_only_counts(tmp_path, words, code):
    checkov = tmp_path / "checkov"
    checkov.write_text(f"#!{sys.executable}\nprint({words!r}, end='')\n")
    checkov.chmod(checkov.stat().st_mode | stat.S_IEXEC)

    assert code == main(str(checkov))
