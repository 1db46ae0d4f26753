"""Only plain, bounded data comes out of a body; everything else is a problem in plain words."""

import json
from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.plan.documents import LARGEST, read_document
from shared.plan.yaml_document import read_yaml
from shared.problems import Problem, TooLarge, UnreadablePlan, UnsupportedFormat

YAML, JSON = "application/yaml", "application/json"

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\u2028\u2029\ufeff")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc: -#{}[]&*!'\"", max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(PLAIN)
def test_yaml_that_another_library_wrote_is_read_back(data: Any) -> None:
    assert read_yaml(yaml.safe_dump(data, allow_unicode=True)) == data


@settings(deadline=None)
@given(PLAIN)
def test_json_is_read_as_it_was_written(data: Any) -> None:
    assert read_document(json.dumps(data).encode(), JSON) == data


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_body_at_all_brings_anything_but_a_problem(body: bytes) -> None:
    for content_type in (JSON, YAML, ""):
        with suppress(Problem):
            read_document(body, content_type)


BOMB = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "anchors and aliases"),
        ("a: !!python/object/apply:os.system [ls]", "tags"),
        ("a: !!binary aGVsbG8=", "tags"),
        ("a: ! x", "tags"),
        ("a: 1\na: 2", "'a' comes twice"),
        ("a: {b: 1, b: 2}", "'b' comes twice"),
        ("? [a, b]\n: 1", "a key must be plain text"),
        ("[" * 40 + "]" * 40, "nested more than 32"),
        ("a: 1\n---\nb: 2", "more than one document"),
        ("a: [1, 2", "not readable YAML"),
        ("a: \x00", "not readable YAML"),
    ],
)
def test_dangerous_or_broken_yaml_is_refused(text: str, words: str) -> None:
    with pytest.raises(UnreadablePlan, match=words):
        read_document(text.encode(), YAML)


def test_a_fault_in_yaml_has_its_line() -> None:
    with pytest.raises(UnreadablePlan, match="line 3, column 1"):
        read_document(b"a: 1\nb: 2\na: 3", YAML)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "a": 2}', "'a' comes twice"),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": 1e999}', "too large"),
        ('{"a": ' + "1" * 5000 + "}", "too long"),
        ('{"a": "\\ud800"}', "half a character"),
        ('{"\\ud800": 1}', "half a character"),
        ("[" * 40 + "]" * 40, "nested more than 32"),
        ("[" * 100_000, "nested"),
        ("{", "line 1, column 2"),
        ("", "line 1, column 1"),
    ],
)
def test_dangerous_or_broken_json_is_refused(text: str, words: str) -> None:
    with pytest.raises(UnreadablePlan, match=words):
        read_document(text.encode(), JSON)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2026-12-01T22:00", "2026-12-01T22:00"),
        ("0123", "0123"),
        ("0", 0),
        ("-7", -7),
        ("1.5", 1.5),
        ("true", True),
        ("'true'", "true"),
        ("~", None),
        ("<<", "<<"),
        ("1_000", "1_000"),
    ],
)
def test_a_word_in_yaml_means_what_it_looks_like(text: str, value: object) -> None:
    assert read_yaml(text) == value


@pytest.mark.parametrize("kind", ["text/html", "application/xml", "application/x-www-form-urlencoded"])
def test_another_format_is_not_supported(kind: str) -> None:
    with pytest.raises(UnsupportedFormat):
        read_document(b"{}", kind)


def test_another_charset_is_not_supported() -> None:
    with pytest.raises(UnsupportedFormat, match="utf-16"):
        read_document(b"{}", "application/json; charset=UTF-16")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/merge-patch+json", "", "TEXT/YAML"])
def test_the_format_is_known_by_its_content_type_or_looks(kind: str) -> None:
    assert read_document(b'\xef\xbb\xbf{"a": 1}', kind) == {"a": 1}


def test_text_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(UnreadablePlan, match="UTF-8"):
        read_document('{"a": "é"}'.encode("latin-1"), JSON)


def test_a_body_over_the_limit_is_too_large() -> None:
    with pytest.raises(TooLarge):
        read_document(b" " * (LARGEST + 1), JSON)
