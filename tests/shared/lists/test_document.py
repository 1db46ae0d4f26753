"""docs/lists.md says of each format what it takes over and what not; the formats themselves agree."""

import re

import pytest

from shared.lists.cells import header_of
from shared.lists.formats.list_format import TableFormat
from shared.lists.registry import FORMATS
from shared.plan.schema import plan_schema
from tests.architecture import ROOT

PAGE = (ROOT / "docs" / "lists.md").read_text()
SECTIONS = dict(re.findall(r"^## ([a-z-]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
# Columns of other sheets, and endings that stand for many.
ELSEWHERE = {"ipv4 address", "source.…", "target.…", "server_tier", "server_environment"}


def columns(section):
    rows = [line.split("|")[1] for line in SECTIONS[section].splitlines() if line.startswith("| ") and "`" in line]
    return [header_of(each) for row in rows for each in re.findall(r"`([^`]+)`", row)]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_each_format_has_its_section(form):
    assert form.name in SECTIONS


@pytest.mark.parametrize(
    "form", [each for each in FORMATS if isinstance(each, TableFormat)], ids=lambda form: form.name
)
def test_what_the_page_says_is_taken_over_is(form):
    taken = [each.replace("key", "owner") for each in columns(form.name) if each not in ELSEWHERE]

    assert taken
    assert [] == [
        each for each in taken if not (form.takes(each) or each in form.wave_headers or each in ("name", "externalid"))
    ]


@pytest.mark.parametrize(
    "form", [each for each in FORMATS if isinstance(each, TableFormat)], ids=lambda form: form.name
)
def test_what_the_page_says_is_not_taken_over_is_not(form):
    words = re.search(r"[Nn]ot taken\s+over: (.*?)(?:\.\s|\.$)", SECTIONS[form.name] + " ", re.DOTALL)
    untaken = [header_of(each) for each in re.findall(r"`([^`]+)`", words[1])] if words else []

    assert [] == [each for each in untaken if form.takes(each)]


def test_each_strategy_is_described():
    strategies = plan_schema()["$defs"]["Machine"]["properties"]["strategy"]["enum"]

    assert [] == [
        each for each in strategies if f"`{each}`" not in PAGE.partition("## Strategies")[2].partition("## mgn")[0]
    ]
