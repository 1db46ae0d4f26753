"""Time as a picture in a real browser."""

from tests.triggers.page import fleet


def test_waves_stand_in_time_with_windows_cohorts_outages_and_now(memory, visit):
    window = visit(f"#/m/{fleet.six_gates()}")
    picture = window.page.get_by_role("region", name="Waves in time")
    picture.scroll_into_view_if_needed()
    window.picture("timeline")

    titles = picture.locator("rect title").all_text_contents()
    assert [each for each in titles if "Asia/Tokyo" in each and "0 of 20 places taken" in each]
    assert [each for each in titles if each.startswith("blackout ") and each.endswith(": month end")]
    assert [each for each in titles if each == "1 machine cut over"]
    assert [each for each in titles if each.startswith("billing-web4 down for 12 min")]
    assert 1 == picture.locator("line.now").count()


def test_the_picture_stands_below_it_as_text(memory, visit):
    window = visit(f"#/m/{fleet.six_gates()}")
    window.page.get_by_text("As text").click()

    text = window.page.locator("section:has(> .timeline) details").inner_text()
    assert "billing: window" in text
    assert "1 machine cut over from" in text
    assert "Times in Europe/Berlin" in window.page.locator("section:has(> .timeline)").inner_text()


def test_an_outage_is_a_strip_of_its_machine(memory, visit):
    window = visit(f"#/m/{fleet.six_gates()}")
    window.page.get_by_role("button", name="billing-web4").click()

    assert "down for 12 min" in window.page.locator(".strip").inner_text()
