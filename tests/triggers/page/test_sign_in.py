"""A session that ends at two in the morning: the page says so, keeps what was typed, and goes on after the sign-in."""

from tests.triggers.page import fleet


def test_who_is_signed_out_is_told_loses_nothing_and_goes_on(memory, visit, app):
    migration = fleet.six_gates()
    window = visit()
    gate = window.page.locator("article.card").filter(has_text="Gate test")
    gate.get_by_label("Comment").fill("seen by us")
    app.signed_out = True
    window.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    window.page.get_by_role("link", name="Sign in in another tab").wait_for()
    gate.get_by_role("button", name="Reject").click()
    gate.get_by_role("status").get_by_text("You are signed out").wait_for()

    app.signed_out = False
    window.update()
    window.page.locator("#state").get_by_text("live").wait_for()
    assert "seen by us" == gate.get_by_label("Comment").input_value()
    assert migration in gate.inner_text()
