"""Plans on the page: judged before they are started, faults led to, a running one changed after its difference was seen."""

import json

import pytest

from shared.ledger import migrations, plans
from shared.ledger.expanded_plans import keep_expanded
from shared.plan.schema import EXAMPLE
from tests.triggers.page import fleet
from tests.triggers.page.conftest import PHONE
from tests.triggers.page.test_accessibility import findings

PLAN = json.dumps(EXAMPLE | {"name": "books"}, indent=1)


@pytest.fixture
def page(memory, visit):
    return visit("#/plan").page


def judged(page, text):
    page.get_by_label("or its text").fill(text)
    page.get_by_role("button", name="Validate").click()
    return page.locator("#plan-result")


def test_a_plan_is_judged_then_started_once(page):
    assert 0 == page.get_by_role("button", name="Start the migration…").count()
    judged(page, PLAN).get_by_text("The plan books is valid").wait_for()
    assert None is migrations.get("books.1")
    page.get_by_role("button", name="Start the migration…").click()
    dialog = page.get_by_role("dialog")
    assert "of plan books" in dialog.inner_text()
    page.keyboard.press("Enter")
    dialog.wait_for(state="detached")
    assert None is migrations.get("books.1"), "Enter starts nothing"

    page.get_by_role("button", name="Start the migration…").click()
    dialog.get_by_role("button", name="Start the migration").click()
    page.locator("h1", has_text="books.1").wait_for()
    assert "books" == migrations.existing("books.1").plan


def test_another_letter_has_to_be_judged_again(page):
    judged(page, PLAN).get_by_text("is valid").wait_for()
    page.get_by_label("or its text").press_sequentially(" ")

    assert 0 == page.get_by_role("button", name="Start the migration…").count()


def test_text_that_was_changed_while_it_was_judged_does_not_count_as_judged(page):
    held = []

    def hold(route):
        held.append(route)

    page.route("**/api/plans/validate", hold)
    page.get_by_label("or its text").fill(PLAN)
    page.get_by_role("button", name="Validate").click()
    page.locator("#plan-result").get_by_text("Judging").wait_for()
    page.get_by_label("or its text").press_sequentially(" ")
    held[0].continue_()
    page.locator("#plan-result").get_by_text("Judging").wait_for(state="detached")

    assert 0 == page.get_by_role("button", name="Start the migration…").count()


def test_faults_are_told_with_line_and_column_and_lead_there(visit, memory):
    window = visit("#/plan")
    result = judged(window.page, PLAN.replace('"region": "westeurope"', '"region": "mars and more"', 1))
    fault = result.get_by_role("button", name="line ").first
    fault.wait_for()
    line = int(fault.inner_text().split()[1].rstrip(","))
    fault.click()
    start = window.page.evaluate("document.getElementById('plan-text').selectionStart")

    assert line == window.page.locator("#plan-text").input_value()[:start].count("\n") + 1
    assert "mars" in window.page.locator("#plan-text").input_value().split("\n")[line - 1]
    window.wrong.clear()  # the browser tells of the answer 422 itself


def test_a_plan_is_read_from_a_file(page, tmp_path):
    file = tmp_path / "books.json"
    file.write_text(PLAN)
    page.get_by_label("Plan from a file").set_input_files(file)
    page.get_by_role("button", name="Validate").click()

    page.locator("#plan-result").get_by_text("The plan books is valid").wait_for()


def test_what_was_typed_is_still_there_after_a_look_elsewhere(page):
    page.get_by_label("or its text").fill("name: half")
    page.get_by_role("link", name="Inbox").click()
    page.locator("h1", has_text="Inbox").wait_for()
    page.go_back()

    page.get_by_label("or its text").wait_for()
    assert "name: half" == page.get_by_label("or its text").input_value()


def test_a_running_plan_is_changed_after_its_difference_was_seen_and_never_by_enter(memory, visit):
    migration = fleet.six_gates()
    keep_expanded(migration, "", plans.plan_of(migration))
    page = visit(f"#/m/{migration}").page
    page.locator("#by").fill("bob")
    page.get_by_role("link", name="Change the plan…").click()
    text = page.get_by_label("or its text")
    page.wait_for_function(
        "() => document.getElementById('plan-text') && document.getElementById('plan-text').value.length > 100"
    )
    assert "PT4H" in text.input_value()
    text.fill(text.input_value().replace("PT4H", "PT6H", 1))
    page.get_by_role("button", name="Show what differs").click()
    page.locator("#plan-result").get_by_text("Nothing is changed yet").wait_for()
    assert 1 == migrations.existing(migration).plan_version
    page.get_by_role("button", name="Change the plan…").click()
    page.get_by_role("dialog").get_by_label("Comment").press("Enter")
    assert 1 == migrations.existing(migration).plan_version

    page.get_by_role("dialog").get_by_role("button", name="Change the plan").click()
    page.wait_for_url(f"**/#/m/{migration}")
    assert 2 == migrations.existing(migration).plan_version
    assert "PT6H" in json.dumps(json.loads(plans.load(migration)))


def test_what_nobody_may_change_of_a_running_plan_is_said(memory, visit):
    migration = fleet.six_gates()
    window = visit(f"#/plan/{migration}")
    page = window.page
    page.wait_for_function("() => document.getElementById('plan-text').value.length > 100")
    text = page.get_by_label("or its text")
    text.fill(text.input_value().replace("westeurope", "northeurope"))
    page.get_by_role("button", name="Show what differs").click()

    page.locator("#plan-result .error").wait_for()
    assert 0 == page.get_by_role("button", name="Change the plan…").count()
    window.wrong.clear()  # the browser tells of the refusal itself


@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, {"viewport": PHONE}], ids=["dark", "phone"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(memory, visit, options):
    window = visit("#/plan", **options)
    judged(window.page, PLAN).get_by_text("is valid").wait_for()

    assert [] == findings(window)
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
