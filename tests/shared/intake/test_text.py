"""What people write for people cannot fool those who read it."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.intake.text import Label, Line, Lines, Statement

HIDDEN = ["\x00", "\x1b[2J", "\x7f", "\x9b", "\u202e", "\u2066", "\u200f", "\u061c"]
KINDS: list[Any] = [Line, Lines, Label, Statement]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_no_text_takes_control_characters_or_marks_of_direction(kind: Any, hidden: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(f"shop{hidden}db1")


@pytest.mark.parametrize("kind", KINDS)
def test_any_language_and_what_is_in_common_use_is_taken(kind: Any) -> None:
    for text in ("Überprüft: okay", "确认", "مرحبا", "a\u200db", "⛴ ok"):
        assert TypeAdapter(kind).validate_python(text) == text


@pytest.mark.parametrize(("kind", "takes"), [(Line, False), (Label, False), (Lines, True), (Statement, True)])
def test_only_texts_of_lines_take_a_line_end_and_a_tab(kind: Any, takes: bool) -> None:
    for text in ("stop\nit", "stop\tit", "stop\r\nit"):
        if takes:
            TypeAdapter(kind).validate_python(text)
        else:
            with pytest.raises(ValidationError):
                TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize("kind", [Label, Statement])
@pytest.mark.parametrize("blank", ["", " ", "\u3000"])
def test_a_name_or_a_reason_is_not_blank(kind: Any, blank: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(blank)
