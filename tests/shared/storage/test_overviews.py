"""Overviews: what changed since is seen at the next look, and what did not is not asked for again."""

import pytest
from pydantic import Field

from shared.models import Model
from shared.storage import overviews, patience
from shared.storage.overviews import Overview
from shared.storage.quick_table import QuickTable
from shared.storage.rows import Rows

pytestmark = pytest.mark.usefixtures("store")


class Part(Model):
    name: str
    state: str = ""
    text: str = "the default"
    inner: dict[str, str] = Field(default={})


PARTS = Rows("parts", Part)


@pytest.fixture
def seen() -> Overview[Part]:
    for name in ("b", "a", "c"):
        PARTS.put("p", name, Part(name=name, state="new", text="long", inner={"k": name}))
    return Overview(PARTS, "name", "state", "inner")


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each listing gave."""
    found: list[int] = []
    real = QuickTable.query_entities

    def counted(self: QuickTable, *args: object, **more: object) -> object:
        rows = list(real(self, *args, **more))  # type: ignore[arg-type]
        found.append(len(rows))
        return iter(rows)

    monkeypatch.setattr(QuickTable, "query_entities", counted)
    return found


def test_all_rows_are_seen_by_key_with_the_fields_that_were_asked_for(seen: Overview[Part]) -> None:
    assert seen.of("p") == tuple(Part(name=name, state="new", inner={"k": name}) for name in "abc")
    assert seen.of("q") == ()


def test_who_looks_again_is_given_what_changed_and_asks_for_nothing_else(
    seen: Overview[Part], listed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overviews, "OVERLAP", overviews.OVERLAP * 0)  # as when some seconds have passed
    seen.of("p")
    with patience.with_patience(patience.FOR_A_PROBE):  # another process
        PARTS.put("p", "b", Part(name="b", state="old"))
        PARTS.put("p", "d", Part(name="d", state="new"))

    assert [(each.name, each.state) for each in seen.of("p")] == [
        ("a", "new"), ("b", "old"), ("c", "new"), ("d", "new"),
    ]  # fmt: skip
    seen.of("p")
    assert listed == [3, 2, 0]


def test_a_row_whose_text_fills_several_columns_is_read_whole(seen: Overview[Part]) -> None:
    long = {"k": "x" * 40_000}
    PARTS.put("p", "a", Part(name="a", state="new", inner=long))

    assert seen.of("p")[0].inner == long


def test_everything_is_read_again_after_a_while(
    seen: Overview[Part], listed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen.of("p")
    monkeypatch.setattr(overviews, "WHOLE_EVERY", -1.0)
    PARTS.drop("p", "c")

    assert [each.name for each in seen.of("p")] == ["a", "b"]
