"""The page for those who do not see it, or see it otherwise: axe-core finds nothing."""

import pytest

from shared.settings import settings
from tests import browser
from tests.triggers.page import fleet


def findings(window):
    if window.page.evaluate("typeof axe === 'undefined'"):
        window.page.evaluate(browser.axe() + "; null")
    found = window.page.evaluate("axe.run({ resultTypes: ['violations'] }).then((all) => all.violations)")
    return [(each["id"], [node["html"][:160] for node in each["nodes"][:4]]) for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_inbox_and_the_board(memory, visit, scheme, monkeypatch):
    migration = fleet.six_gates()
    monkeypatch.setenv("AZFERRY_CHANNELS", "ops:webhook")
    settings.cache_clear()
    fleet.undelivered(migration)
    window = visit("#/", color_scheme=scheme)
    assert [] == findings(window)
    window = visit("#/migrations", color_scheme=scheme)
    assert [] == findings(window)
    window = visit(f"#/m/{migration}", color_scheme=scheme)
    window.page.locator("#list").scroll_into_view_if_needed()
    window.page.get_by_role("button", name="billing-web4").click()
    window.page.get_by_role("checkbox", name="choose billing-web1").check()
    assert [] == findings(window)
    window.page.get_by_role("button", name="Roll back 1…").click()
    assert [] == findings(window)


def test_it_is_reached_by_the_tabulator_alone(memory, visit):
    fleet.six_gates()
    window = visit()
    window.page.keyboard.press("Tab")
    assert "Skip to the content" == window.page.evaluate("document.activeElement.textContent")
    window.page.keyboard.press("Enter")
    window.page.keyboard.press("Tab")
    assert window.page.evaluate("document.querySelector('main').contains(document.activeElement)")
