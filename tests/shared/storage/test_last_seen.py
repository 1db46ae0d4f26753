"""Rows as they were last seen: a change is made from them unread, and is right whoever came between."""

import pytest

from shared.models import Model
from shared.storage import last_seen, patience, rows
from shared.storage.batch_writes import write_all
from shared.storage.entities import from_entity
from shared.storage.last_seen import LastSeen
from shared.storage.quick_table import QuickTable
from shared.storage.rows import Operation, Rows, StoredRow, update

pytestmark = pytest.mark.usefixtures("store")

ASKED = ("get_entity", "query_entities", "create_entity", "update_entity", "upsert_entity", "submit_transaction")


class Note(Model):
    text: str = ""
    words: tuple[str, ...] = ()


NOTES = Rows("notes", Note)


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the table since, by name."""
    found: list[str] = []
    for name in ASKED:
        real = getattr(QuickTable, name)

        def noted(self: QuickTable, *args: object, _real: object = real, _name: str = name, **more: object) -> object:
            found.append(_name)
            return _real(self, *args, **more)  # type: ignore[operator]

        monkeypatch.setattr(QuickTable, name, noted)
    return found


def say(word: str) -> Note | None:
    return NOTES.change("p", "r", lambda existing: existing and existing.replace(words=(*existing.words, word)))


def by_another_process(note: Note) -> None:
    """Write without this process knowing: its memory is another's."""
    with patience.with_patience(patience.FOR_A_PROBE):
        NOTES.put("p", "r", note)


def test_a_row_that_was_just_written_or_read_is_changed_without_reading_it(requests: list[str]) -> None:
    NOTES.put("p", "r", Note(text="a"))
    assert say("one") == Note(text="a", words=("one",))
    assert NOTES.get("p", "r") == Note(text="a", words=("one",))
    say("two")

    assert requests == ["upsert_entity", "update_entity", "get_entity", "update_entity"]
    assert NOTES.get("p", "r") == Note(text="a", words=("one", "two"))


def test_a_change_of_a_row_that_another_process_changed_is_made_to_what_stands_there(requests: list[str]) -> None:
    NOTES.put("p", "r", Note(text="a"))
    by_another_process(Note(text="b", words=("theirs",)))
    requests.clear()

    assert say("ours") == Note(text="b", words=("theirs", "ours"))
    assert requests == ["update_entity", "get_entity", "update_entity"]


def test_a_row_that_another_process_deleted_is_not_made_again_from_memory() -> None:
    NOTES.put("p", "r", Note(text="a"))
    with patience.with_patience(patience.FOR_A_PROBE):
        NOTES.drop("p", "r")

    assert say("ours") is None
    assert NOTES.get("p", "r") is None


def test_that_nothing_is_to_be_done_is_never_said_of_an_old_row() -> None:
    NOTES.put("p", "r", Note(text="a"))
    by_another_process(Note(text="b"))

    assert NOTES.change("p", "r", lambda existing: Note(text="a")) == Note(text="a")
    assert NOTES.get("p", "r") == Note(text="a")


def test_a_refusal_is_never_said_of_an_old_row() -> None:
    NOTES.put("p", "r", Note(text="closed"))
    by_another_process(Note(text="open"))

    def mutate(existing: Note | None) -> Note:
        if existing is None or existing.text == "closed":
            raise ValueError("it is closed")
        return existing.replace(words=("through",))

    assert NOTES.change("p", "r", mutate) == Note(text="open", words=("through",))


def test_many_rows_are_changed_unread_and_read_when_one_of_them_was_changed_by_another(requests: list[str]) -> None:
    names = ("r", "s", "t")
    for name in names:
        NOTES.put("p", name, Note())

    def add(word: str) -> None:
        def operations(rows: dict[str, StoredRow[Note]]) -> list[Operation]:
            return [
                update(found, "p", found.row.replace(words=(*found.row.words, word)))
                for found in rows.values()
                if found.key in names and word not in found.row.words
            ]

        write_all(NOTES, "p", operations, names)

    requests.clear()
    add("one")
    add("two")
    assert requests == ["submit_transaction"] * 2
    by_another_process(Note(text="theirs", words=("one", "two")))
    add("three")
    assert requests[2:] == ["upsert_entity", "submit_transaction", "query_entities", "submit_transaction"]
    assert [(row.text, row.words) for row in NOTES.of("p")] == [
        ("theirs", ("one", "two", "three")),
        ("", ("one", "two", "three")),
        ("", ("one", "two", "three")),
    ]


def test_rows_of_long_ago_are_read_first_where_guesses_fail_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_seen, "SAMPLED", 0)
    seen, moment = LastSeen(), iter(range(0, 100_000, 60))
    monkeypatch.setattr(last_seen.time, "monotonic", lambda: float(next(moment)))
    tried = 0
    for _ in range(60):
        seen.keep("p", "r", "a row")
        guess = seen.guess("p", "r")
        if guess is not None:
            tried += 1
            seen.learn(guess, held=False)
    assert 5 < tried < 30


def test_no_more_rows_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_seen, "MOST_ROWS", 2)
    seen = LastSeen()
    for name in ("a", "b", "a", "c"):
        seen.keep("p", name, name)
    assert [bool(seen.guess("p", name)) for name in ("a", "b", "c")] == [True, False, True]


def test_a_listing_shows_a_row_as_it_stands_whoever_wrote_it_and_reads_no_row_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parsed: list[object] = []
    monkeypatch.setattr(rows, "from_entity", lambda kind, entity: parsed.append(entity) or from_entity(kind, entity))
    NOTES.put("p", "r", Note(text="ours"))
    NOTES.put("p", "s", Note(text="ours"))
    by_another_process(Note(text="theirs"))

    assert [note.text for note in NOTES.of("p")] == ["theirs", "ours"]
    assert len(parsed) == 1
