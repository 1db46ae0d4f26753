"""docs/plan.md tells every field of a plan, as the models have them."""

import re

from shared.plan.model import Plan
from shared.plan.values import Part, part_of
from tests.plan_document import DOCUMENT, document


def _fields(kind, seen):
    for field in kind.model_fields.values():
        yield kind.__name__, field.alias, field.description
        part = part_of(field.annotation)
        if part and part not in seen:
            seen.add(part)
            yield from _fields(part, seen)


def test_the_page_is_as_the_models_say():
    assert document() == DOCUMENT.read_text(), "run: python -m tests.plan_document"


def test_every_field_of_every_part_stands_in_it_with_its_meaning():
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL))
    fields = list(_fields(Plan, {Plan}))

    assert len(fields) > 150
    assert [] == [
        (part, name)
        for part, name, meaning in fields
        if not re.search(
            rf"^\| `{name}` \|.*{re.escape(meaning.split(chr(10))[0][:20].replace('|', chr(92) + '|'))}",
            sections[part],
            re.MULTILINE,
        )
    ]
    assert issubclass(Plan, Part)


def test_no_pattern_is_shown_instead_of_words():
    assert "of the form" not in DOCUMENT.read_text()
