"""The inbox in a real browser: what waits for people stands there, and is decided there."""

import pytest

from shared.coordination import gates
from shared.ledger import machines
from shared.notifications import wake_ups
from shared.settings import settings
from tests.triggers.page import fleet


@pytest.fixture
def migration(memory):
    return fleet.six_gates()


@pytest.fixture
def undelivered(migration, monkeypatch):
    """A message to a channel that was given up."""
    monkeypatch.setenv("AZFERRY_CHANNELS", "ops:webhook")
    monkeypatch.setattr(wake_ups, "send", lambda *_: None)
    settings.cache_clear()
    fleet.undelivered(migration)


def card(window, text):
    return window.page.locator("article.card").filter(has_text=text)


def test_six_gates_and_failures_by_their_cause_stand_in_the_inbox(migration, visit):
    window = visit()
    window.picture("inbox")

    assert 6 == card(window, "Gate ").count()
    assert 1 == card(window, "3 machines: The subscription has no room for the size (28031)").count()
    text = card(window, "Gate cutover").inner_text()
    for words in (
        "azferry.approver; not by ada",
        "counts as rejected",
        "Asia/Tokyo",
        "CET",
        "lag 35 s",
        "rehearsal passed",
        "tcp 443, http http://{machine}/health (12 machines)",
        "36 machine-hours so far, and replica disks of 768 GB: 96 GB-days",
        "Each day more: 288 machine-hours, 768 GB-days",
        "Normal",
    ):
        assert words in text
    assert "test VM shop-web1-test at 10.9.0.4" in card(window, "Gate test").inner_text()


def test_what_serves_nowhere_comes_first_with_the_way_back(migration, visit):
    banner = visit().page.get_by_label("Machines that serve nowhere")

    assert "1 machine serves nowhere" in banner.inner_text()
    assert "for 12 min" in banner.inner_text()
    assert f"azferry retry {migration} --machine billing-web4" in banner.inner_text()


def test_some_of_the_machines_are_approved_in_place_and_the_rest_goes_on_waiting(migration, visit):
    window = visit()
    window.page.locator("#by").fill("bob")
    gate = card(window, "Gate cutover")
    for name in ("shop-db3", "shop-db4"):
        gate.get_by_role("checkbox", name=name).uncheck()
    gate.get_by_role("button", name="Approve 10 of 12").click()
    window.page.get_by_label("What was done").get_by_text("bob: approve at gate cutover").wait_for()

    assert ("shop-db3", "shop-db4") == gates.get(migration, "shop", "cutover").pending
    assert "2 of 2 chosen" in gate.inner_text()


def test_a_no_needs_a_reason_and_says_so_where_it_is_given(migration, visit):
    gate = card(visit(), "Gate test")
    gate.get_by_role("button", name="Reject").click()
    gate.get_by_role("status").get_by_text("reject needs a comment").wait_for()
    assert () == gates.get(migration, "shop", "test").batches

    gate.get_by_label("Comment").fill("the login page is blank")
    gate.get_by_role("button", name="Reject").click()
    gate.wait_for(state="detached")
    assert "the login page is blank" == gates.get(migration, "shop", "test").batches[0].comment


def test_what_the_app_refuses_is_told_at_the_card(migration, visit):
    window = visit()
    window.page.locator("#by").fill("ada")  # who started it
    gate = card(window, "Gate cutover")
    gate.get_by_role("button", name="Approve").click()

    gate.get_by_role("status").get_by_text("ada started the migration").wait_for()
    window.wrong.clear()  # the browser tells of the answer 403 itself


def test_the_end_of_sources_asks_for_their_number_and_enter_sends_nothing(migration, visit):
    window = visit()
    window.page.locator("#by").fill("bob")
    card(window, "Gate decommission").get_by_role("button", name="Approve…").click()
    dialog = window.page.get_by_role("dialog")
    end = dialog.get_by_role("button", name="Approve the decommissioning")
    count = dialog.get_by_label("How many machines")
    assert "" == count.input_value()
    assert end.is_disabled()
    count.fill("3")
    dialog.get_by_label("Why").fill("thirty days are over")
    assert end.is_disabled()
    count.fill("2")
    count.press("Enter")
    end.press("Enter")
    assert () == gates.get(migration, "billing", "decommission").batches

    end.click()
    dialog.wait_for(state="detached")
    assert ("billing-app4", "billing-db1") == gates.get(migration, "billing", "decommission").batches[0].machines


def test_what_a_plan_or_a_cloud_says_never_becomes_markup(memory, visit):
    fleet.six_gates(fleet.HOSTILE)
    window = visit()

    assert fleet.HOSTILE in card(window, "Gate cutover").inner_text()
    assert 0 == window.page.locator("main img, main script").count()


def test_what_one_has_typed_and_unticked_outlives_updates(migration, visit):
    window = visit()
    gate = card(window, "Gate cutover")
    gate.get_by_role("checkbox", name="shop-db4").uncheck()
    gate.get_by_label("Comment").fill("as agr")
    for number in range(20):
        machines.change(fleet.at(migration, "shop-db4", number), lag_seconds=100 + number)
        window.update()
    window.page.keyboard.type("eed")

    assert "as agreed" == gate.get_by_label("Comment").input_value()
    assert "11 of 12 chosen" in gate.inner_text()
    assert "lag 1 min" in gate.inner_text()


def test_what_nobody_could_be_told_is_sent_again_from_the_inbox(migration, visit, undelivered):
    window = visit()
    lost = card(window, "1 message to ops")

    assert "it answered with 422" in lost.inner_text()
    assert f"azferry resend {migration} --receiver ops" in lost.locator("code").text_content()
    lost.get_by_role("button", name="Send again…").click()
    window.page.get_by_role("dialog").get_by_role("button", name="Send again").click()
    lost.wait_for(state="detached")


def test_gates_that_each_machine_has_for_itself_are_one_card_and_one_decision(migration, visit):
    for name in ("shop-web1", "shop-web2", "shop-web3"):
        fleet.wait_at(migration, "shop", "decommission", [name], f"the end of {name}", machine=name)
    window = visit()
    window.page.locator("#by").fill("bob")
    gate = card(window, "And so for each of 3 machines")
    gate.get_by_role("checkbox", name="shop-web2").uncheck()
    gate.get_by_role("button", name="Approve… 2 of 3").click()
    dialog = window.page.get_by_role("dialog")
    dialog.get_by_label("How many machines").fill("2")
    dialog.get_by_label("Why").fill("thirty days are over")
    dialog.get_by_role("button", name="Approve the decommissioning").click()
    dialog.wait_for(state="detached")

    decided = [bool(gates.get(migration, "shop", "decommission", f"shop-web{at}").batches) for at in (1, 2, 3)]
    assert [True, False, True] == decided


def test_hundreds_of_gates_are_few_nodes(memory, visit):
    migration = fleet.thousand()
    for at in range(300):
        fleet.wait_at(
            migration, "wave1", "agent", [f"wave1-vm{at:03}"], "install its agent", machine=f"wave1-vm{at:03}"
        )
    window = visit()

    assert window.page.evaluate("document.querySelectorAll('*').length") < 3_000
    assert "The most urgent 40 of 309 are shown" in window.page.locator("main").inner_text()
