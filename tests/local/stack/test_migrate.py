"""What is refused before a stack is started."""

import pytest

from local.stack.__main__ import main

NO_PLAN = "azure:\n  location: westeurope\n"


@pytest.mark.parametrize(
    ("body", "words"), [(NO_PLAN, "/waves: is required"), ("waves: [", "cannot be read"), (None, "No such file")]
)
@pytest.mark.parametrize("command", ["migrate", "run"])
def test_a_file_that_is_no_plan_is_told_in_plain_words_and_nothing_is_started(tmp_path, capsys, command, body, words):
    file = tmp_path / "plan.yaml"
    if body is not None:
        file.write_text(body)
    line = ["migrate", str(file)] if command == "migrate" else ["run", "--world", str(file)]

    assert 1 == main(line)
    assert words in capsys.readouterr().err
