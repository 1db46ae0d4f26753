"""What the documents say is so: links lead somewhere, commands exist, settings and phases are told in full."""

import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from shared.itinerary import ITINERARY
from shared.settings import PREFIX, Settings
from shared.version import VERSION

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README = (ROOT / "README.md").read_text()
EXAMPLE = json.loads((ROOT / "local.settings.json.example").read_text())
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
GUIDES = (ROOT / "docs" / "guides.md").read_text()
# `file`, or `file::name`, as the tables of guides.md name code and tests
NAMED = re.compile(r"`((?:[\w.-]+/)+[\w.-]+|\w+\.md)(?:::([^`]+))?`")
# Folders that the project does not have and must not know of.
FOREIGN = re.compile(r"\.\./shared|/work/(?:shared|brief|main)\b")
LEFT_BY_TOOLS = {
    ".git",
    ".venv",
    ".venv313",
    ".local",
    ".hypothesis",
    ".azure",
    "node_modules",
    "__pycache__",
    "build",
    "dist",
}


def listed():
    """The files of the project, without what tools left here."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in LEFT_BY_TOOLS and not name.endswith("_cache")]
        yield from (Path(folder) / name for name in names)


def anchors(document):
    """The anchors that a document's headings make."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    named = set(re.findall(r'<a (?:id|name)="([^"]+)"', document.read_text()))
    return named | {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(document, text):
    """The links of a text that lead nowhere."""
    for target in LINK.findall(text):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (document.parent / path) if path else document
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            yield target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document):
    assert [] == list(broken(document, document.read_text()))


def test_a_broken_link_would_be_seen():
    text = "[a](nowhere.md) [b](README.md#nowhere) [c](README.md) [d](https://example.org/x)"

    assert ["nowhere.md", "README.md#nowhere"] == list(broken(ROOT / "README.md", text))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_words_given_to_make_exist(document):
    words = set(re.findall(r"(?:`|^)make ([a-z][a-z-]*)", document.read_text(), re.MULTILINE))
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set() == words - targets


def test_files_named_in_the_commands_of_the_readme_exist():
    assert [] == [name for name in re.findall(r"PLAN=(\S+)", README) if not (ROOT / name).is_file()]


def test_the_readme_shows_the_route_as_it_is():
    rows = [f"| {step.stage} | `{step.phase}` | {step.scope} | {step.does} |" for step in ITINERARY]

    assert "\n".join(rows) in README


def test_each_setting_stands_in_the_example_with_its_meaning():
    settings = {PREFIX + name.upper(): field for name, field in Settings.model_fields.items()}

    meanings = {name: text for name, text in EXAMPLE["About"].items() if name.startswith(PREFIX)}
    given = {name: text for name, text in EXAMPLE["Values"].items() if name.startswith(PREFIX)}

    assert {name: field.description for name, field in settings.items()} == meanings
    assert settings.keys() == given.keys()


def test_the_example_gives_the_page_its_place():
    assert "true" == EXAMPLE["Values"]["AzureWebJobsDisableHomepage"]
    assert EXAMPLE["About"]["AzureWebJobsDisableHomepage"]


def test_the_values_of_the_example_are_the_defaults():
    given = {name: EXAMPLE["Values"][PREFIX + name.upper()] for name in Settings.model_fields}

    assert Settings() == Settings.model_validate(given)


def test_nothing_mentions_the_place_where_it_was_written():
    here = Path(__file__).resolve()
    found = [path for path in listed() if path.resolve() != here and FOREIGN.search(path.read_text(errors="ignore"))]

    assert [] == found


def test_the_changelog_tells_what_is_new():
    changes = (ROOT / "CHANGELOG.md").read_text()

    assert "## [Unreleased]" in changes or f"## [{VERSION}]" in changes


def test_no_two_records_have_the_same_number():
    numbers = Counter(path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md"))

    assert [] == [number for number, count in numbers.items() if count > 1]


@pytest.mark.parametrize("record", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=lambda path: path.stem)
def test_a_decision_says_why_and_what_follows(record):
    text = record.read_text()

    assert re.match(rf"# {record.stem[:4]}: \w", text)
    assert [] == [part for part in ("Context", "Decision", "Consequences") if f"**{part}.**" not in text]


def missing(cell):
    """What a cell names that does not exist: a file, or something that does not stand in it."""
    for path, name in NAMED.findall(cell):
        target = ROOT / path
        if path.startswith("docs.microsoft.com"):
            continue
        if not target.exists():
            yield path
        elif name and (f"def {name}(" if path.startswith("tests/") else name) not in target.read_text():
            yield f"{path}::{name}"


def test_what_the_page_of_the_guides_names_exists():
    assert [] == list(missing(GUIDES))


def test_a_test_that_does_not_exist_would_be_seen():
    text = "`tests/test_documents.py::test_nowhere` `activities/nowhere.py` `tests/test_documents.py::missing`"

    assert ["tests/test_documents.py::test_nowhere", "activities/nowhere.py"] == list(missing(text))


def test_every_guide_is_named_with_its_address():
    letters = re.findall(r"^\| \*\*(\w)\*\* \| \*.+\* \(.+\d{4}.*\) \| `docs\.microsoft\.com/", GUIDES, re.MULTILINE)

    assert list("ABCDE") == letters


def test_the_runbook_says_how_a_moved_machine_is_protected():
    (part,) = re.findall(
        r"## When a machine has moved\n(.+?)\n## ", (ROOT / "docs" / "runbook.md").read_text(), re.DOTALL
    )

    assert {"Mobility service", "Azure VM agent", "Disaster recovery"} <= {
        word for word in ("Mobility service", "Azure VM agent", "Disaster recovery") if word in part
    }
