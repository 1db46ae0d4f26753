"""Keys, entities, and rows under many writers."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from azure.core.exceptions import HttpResponseError, IncompleteReadError, ServiceRequestError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from shared.models import Model
from shared.problems import Busy, Refused
from shared.storage.batch_writes import chunks
from shared.storage.entities import CHUNK, from_entity, key, to_entity
from shared.storage.quick_table import QuickTable
from shared.storage.rows import Rows, create
from shared.storage.tables import asking

pytestmark = pytest.mark.usefixtures("store")


class Inner(Model):
    words: tuple[str, ...] = ()


class Thing(Model):
    text: str = ""
    number: int = 0
    share: float | None = None
    yes: bool = False
    moment: datetime | None = None
    inner: Inner = Inner()
    many: dict[str, int] = Field(default={})


class Newer(Thing):
    added: str = "default"


THINGS = Rows("things", Thing)
LEGAL = {chr(code) for code in range(0x20, 0x7F)} - set("/\\#?")


@given(st.text(max_size=600))
def test_every_key_is_legal(text: str) -> None:
    legal = key(text)

    assert legal
    assert set(legal) <= LEGAL
    assert len(legal) <= 512


@given(st.lists(st.text(max_size=20), unique=True, max_size=20))
def test_different_texts_have_different_keys(texts: list[str]) -> None:
    assert len({key(text) for text in texts}) == len(texts)


def test_long_texts_that_differ_at_the_end_have_different_keys() -> None:
    assert key("a" * 900 + "b") != key("a" * 900 + "c")


moments = st.integers(0, 2**52).map(lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros))
things = st.builds(
    Thing,
    text=st.text(),
    number=st.integers(-(2**63), 2**63 - 1),
    share=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    yes=st.booleans(),
    moment=st.none() | moments,
    inner=st.builds(Inner, words=st.lists(st.text()).map(tuple)),
    many=st.dictionaries(st.text(), st.integers()),
)


@given(things)
def test_a_row_is_read_as_it_was_written(row: Thing) -> None:
    assert from_entity(Thing, to_entity("p", "r", row)) == row


def test_the_service_keeps_a_row_as_it_was_written() -> None:
    row = Thing(
        text="naïve 🚢\n" * 9_000,
        number=2**40,
        share=0.1,
        yes=True,
        moment=datetime(2026, 11, 21, 5, 0, 0, 123456, UTC),
        inner=Inner(words=("🚢" * (CHUNK + 1), "")),
        many={"a": 1},
    )

    THINGS.put("p/q", "ключ?#", row)

    assert THINGS.get("p/q", "ключ?#") == row


def test_simple_fields_are_columns_and_nested_ones_are_json() -> None:
    entity = to_entity("p", "r", Thing(text="a", number=3, inner=Inner(words=("x",))))

    assert (entity["text"], entity["number"], json.loads(entity["inner_json"])) == ("a", 3, {"words": ["x"]})


def test_a_row_of_an_older_version_gets_the_defaults_of_new_fields() -> None:
    THINGS.put("p", "old", Thing(text="a"))

    assert Rows("things", Newer).get("p", "old") == Newer(text="a", added="default")


def test_a_row_of_a_newer_version_can_be_read() -> None:
    Rows("things", Newer).put("p", "new", Newer(text="a", added="later"))

    assert THINGS.get("p", "new") == Thing(text="a")


def test_a_row_that_is_too_large_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="the row r of p") as refused:
        THINGS.put("p", "r", Thing(text="x" * 600_000))

    assert refused.value.facts.id == "row-too-large"


def test_what_is_not_there_is_none() -> None:
    assert THINGS.get("p", "nothing") is None


def test_dropping_what_is_not_there_is_fine() -> None:
    THINGS.drop("p", "nothing")


def test_no_change_is_lost_among_many_writers(together: Callable) -> None:
    def add(word: str) -> None:
        def mutate(existing: Thing | None) -> Thing:
            row = existing or Thing()
            return row.replace(inner=Inner(words=(*row.inner.words, word)))

        THINGS.change("p", "shared", mutate)

    words = [f"w{number}" for number in range(24)]
    assert together(add, words) == [None] * 24

    kept = THINGS.get("p", "shared")
    assert kept
    assert sorted(kept.inner.words) == sorted(words)


def test_an_equal_row_is_not_written() -> None:
    THINGS.put("p", "r", Thing(text="a"))
    before = THINGS.find("p", "r")

    THINGS.change("p", "r", lambda existing: existing and existing.replace(text="a"))

    assert before
    assert THINGS.find("p", "r") == before


@pytest.mark.usefixtures("losing_answers")
def test_a_change_whose_answer_was_lost_is_repaired_by_running_again() -> None:
    def set_text(existing: Thing | None) -> Thing:
        return (existing or Thing()).replace(text="new")

    with pytest.raises(Busy):
        THINGS.change("p", "r", set_text)

    assert THINGS.change("p", "r", set_text) == Thing(text="new")


def test_a_transaction_happens_as_a_whole_or_not_at_all() -> None:
    THINGS.put("p", "b", Thing(text="there"))

    done = THINGS.commit((create("p", "a", Thing()), create("p", "b", Thing(text="other"))))

    assert not done
    assert THINGS.get("p", "a") is None
    assert THINGS.get("p", "b") == Thing(text="there")


def test_pages_give_every_row_once_in_order() -> None:
    for number in range(7):
        THINGS.put("p", f"r{number}", Thing(number=number))
    THINGS.put("other", "r9", Thing(number=9))

    seen, token, pages = [], "", 0
    while pages == 0 or token:
        rows, token = THINGS.page("p", token, 3)
        seen += [row.number for row in rows]
        pages += 1

    assert seen == list(range(7))
    assert pages == 3


def test_a_last_page_that_is_full_has_no_token() -> None:
    for number in range(2):
        THINGS.put("p", f"r{number}", Thing(number=number))

    assert THINGS.page("p", "", 2)[1] == ""


def test_a_partition_of_more_than_a_page_of_the_service_is_listed_whole() -> None:
    operations = [create("p", f"r{number:05}", Thing(number=number)) for number in range(1_203)]
    for chunk in chunks(operations):
        assert THINGS.commit(chunk)

    assert [row.number for row in THINGS.of("p")] == list(range(1_203))


def test_no_transaction_is_larger_than_the_service_takes() -> None:
    large = [create("p", f"r{number}", Thing(text="x" * 400_000)) for number in range(20)]
    small = [create("p", f"r{number}", Thing()) for number in range(250)]

    assert [len(chunk) for chunk in chunks(large)] == [7, 7, 6]
    assert [len(chunk) for chunk in chunks(small)] == [100, 100, 50]
    assert list(chunks([])) == []


class Answer:
    def __init__(self, status: int, headers: dict[str, str]) -> None:
        self.status_code, self.headers, self.reason = status, headers, "reason"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_service_means_later(status: int) -> None:
    with pytest.raises(Busy) as later, asking("testing"):
        raise HttpResponseError(response=Answer(status, {"Retry-After": "17"}))  # type: ignore[arg-type]

    assert later.value.after == timedelta(seconds=17)


def test_a_refusal_of_the_service_is_not_hidden() -> None:
    with pytest.raises(HttpResponseError), asking("testing"):
        raise HttpResponseError(response=Answer(403, {}))  # type: ignore[arg-type]


def test_a_lost_connection_means_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise ServiceRequestError("no route")

    monkeypatch.setattr(QuickTable, "get_entity", unreachable)

    with pytest.raises(Busy):
        THINGS.get("p", "r")


def test_an_answer_that_was_cut_short_is_asked_for_again_later() -> None:
    with pytest.raises(Busy, match="no whole answer"), asking("reading a blob"):
        raise IncompleteReadError("11 bytes read, 89 more expected")
