"""docs/errors.md tells of every concern and every refusal that the code knows."""

import re

from shared.concerns.judge import CATALOGUE
from tests.errors_document import DOCUMENT, document, refusals

ANCHORS = re.compile(r'<a id="([^"]+)">')


def test_the_page_is_as_the_code_says():
    assert document() == DOCUMENT.read_text(), "run: python -m tests.errors_document"


def test_everything_can_be_linked_to_and_nothing_twice():
    anchors = ANCHORS.findall(DOCUMENT.read_text())

    assert {f"concern-{concern}" for concern in CATALOGUE} | set(refusals()) <= set(anchors)
    assert len(set(anchors)) == len(anchors)
