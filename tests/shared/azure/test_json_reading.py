"""JSON that Azure sends is read as `json` reads it."""

import json

import pytest

from shared.azure.json_reading import read

HALF = '{"name": "\\ud83d"}'  # the half of a character, which .NET may write


@pytest.mark.parametrize("text", ['{"a": [1, 2.5, null, true, "\\u00e9"]}', '{"a": 1, "a": 2}', HALF, "\ufeff{}", "[]"])
def test_every_text_is_read_as_json_reads_it(text: str) -> None:
    assert read(text.encode()) == json.loads(text.encode())


@pytest.mark.parametrize("text", ["", "{", "<html>", '{"a": 1} b'])
def test_what_is_no_json_is_told_by_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read(text.encode())
