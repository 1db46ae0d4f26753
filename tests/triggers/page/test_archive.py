"""The archive on the page: what ended leaves the first list, is found, and its report and evidence are read."""

from datetime import timedelta

import pytest

from shared.ledger import migrations
from shared.models import Scope
from shared.states import MigrationStatus, Outcome
from tests.triggers.page import fleet
from tests.triggers.page.test_accessibility import findings


@pytest.fixture
def ended(memory):
    """One that runs, and two that ended."""
    fleet.thousand(10, "running")
    for at, (name, outcome) in enumerate([("spring", Outcome.SUCCEEDED), ("autumn", Outcome.FAILED)]):
        migration = fleet.thousand(10, name)
        migrations.change(
            Scope(migration=migration, now=fleet.now() + timedelta(minutes=1)),
            status=MigrationStatus.ENDED, outcome=outcome, ended_at=fleet.now() - timedelta(days=at * 400),
        )  # fmt: skip


def test_what_ended_leaves_the_first_list_and_is_found_in_the_archive(ended, visit):
    page = visit("#/migrations").page
    assert ["running.1"] == page.locator("tbody a").all_inner_texts()

    page.get_by_role("link", name="Archive of those that ended").click()
    page.locator("h1", has_text="Archive").wait_for()
    cards = page.locator("article.ended")
    assert 2 == cards.count()
    assert str((fleet.now() - timedelta(days=400)).year) in cards.filter(has_text="autumn.1").inner_text()
    assert "until somebody deletes the app's storage" in page.locator("main").inner_text()
    page.get_by_label("Search").fill("aut")
    page.wait_for_function("() => document.querySelectorAll('article.ended').length === 1")
    assert "autumn.1" in cards.first.inner_text()
    page.get_by_label("Search").fill("")
    page.get_by_label("Outcome").select_option("Succeeded")
    page.wait_for_function("() => document.querySelector('article.ended a').textContent === 'spring.1'")


def test_its_report_and_evidence_are_read_from_there(ended, visit):
    page = visit("#/archive").page
    card = page.locator("article.ended").filter(has_text="spring.1")
    for button, name in (("Report (xlsx)", "spring.1.xlsx"), ("Evidence (zip)", "spring.1.zip")):
        with page.expect_download() as download:
            card.get_by_role("button", name=button).click()
        assert name == download.value.suggested_filename


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(ended, visit, scheme):
    assert [] == findings(visit("#/archive", color_scheme=scheme))


@pytest.mark.parametrize("path", ["#/m/nope", "#/m/%zz"])
def test_what_is_not_there_takes_the_place_of_what_was_shown(ended, visit, path):
    window = visit("#/archive")
    window.page.evaluate(f"location.hash = '{path}'")
    window.page.get_by_role("heading", name="Not found").wait_for()

    assert 0 == window.page.get_by_role("searchbox").count()
    assert "there is no migration" in window.page.locator("main").inner_text()
    window.wrong.clear()  # the browser tells of the answers 404 itself
    window.page.get_by_role("link", name="Migrations").last.click()
    window.page.get_by_role("heading", name="Migrations").wait_for()
