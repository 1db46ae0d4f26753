"""The board in a real browser: a thousand machines are as light as ten, and what one looks at stays where it is."""

import pytest

from shared.ledger import events, machines
from shared.states import MachineState
from tests.triggers.page import fleet
from tests.triggers.page.conftest import PHONE
from tests.triggers.page.test_accessibility import findings

LOOKS = 30  # in a minute
BEFORE = 5_800_000  # bytes of each look at a thousand machines, as they were at commit 0684d47


@pytest.fixture
def large(memory):
    return fleet.thousand()


def board(visit, migration, **options):
    window = visit(f"#/m/{migration}", **options)
    window.page.locator("#find").evaluate("(search) => search.scrollIntoView()")
    window.page.locator(".line.group, .machine").first.wait_for()
    return window


def names(window):
    return window.page.locator(".machine .name").all_inner_texts()


def test_a_thousand_machines_are_few_nodes_wherever_one_scrolls(large, visit):
    window = board(visit, large)
    window.picture("board")
    for _ in range(5):
        assert window.page.evaluate("document.querySelectorAll('*').length") < 3_000
        window.page.mouse.wheel(0, 9_000)
        window.page.wait_for_timeout(100)
        assert names(window)


def test_a_thousand_machines_are_drawn_with_hardly_more_work_than_ten(memory, visit, app):
    spent = {}
    for count in (10, 1_000):
        migration = fleet.thousand(count, f"fleet{count}")
        window = visit("#/migrations", anew=True)
        cpu = window.page.context.new_cdp_session(window.page)
        cpu.send("Performance.enable", {"timeDomain": "threadTicks"})

        def ticks(session=cpu):
            metrics = session.send("Performance.getMetrics")["metrics"]
            return next(each["value"] for each in metrics if each["name"] == "TaskDuration")

        before = ticks()
        window.page.goto(f"{app.url}/#/m/{migration}")
        window.page.locator("#list").wait_for()
        spent[count] = ticks() - before
    print(f"CPU of the page: {spent}")  # noqa: T201 - what was measured

    assert spent[1_000] < 6 * spent[10]


def test_failures_come_first_by_their_cause_and_all_of_one_cause_can_be_retried(large, visit):
    window = board(visit, large)
    first = window.page.locator(".line.group").first

    assert "40 machines: Failed: The subscription has no room for the size (28031)" in first.inner_text()
    first.get_by_role("button", name="Retry 40…").click()
    window.page.get_by_role("dialog").get_by_role("button", name="Retry").click()
    window.page.get_by_role("dialog").wait_for(state="detached")
    window.page.locator("ol.events").get_by_text("retry of wave wave0").wait_for()


def test_machines_that_wait_for_the_same_are_one_cause_whatever_their_names_and_deadlines(memory, visit):
    migration = fleet.thousand(20)
    for minute, name in enumerate(("wave0-vm000", "wave0-vm001", "wave1-vm000")):
        text = f"a person to look at {name}; if nobody decides by 2026-12-01 17:0{minute} UTC, it fails"
        machines.change(fleet.at(migration, name, 1), state=MachineState.AWAITING_USER_ACTION, waiting_for=text)
    window = board(visit, migration)

    group = window.page.locator(".line.group").first.inner_text()
    assert "3 machines: AwaitingUserAction: a person to look at each of them; if nobody decides by …, it fails" in group


def test_machines_are_searched_filtered_and_sorted(large, visit):
    window = board(visit, large)
    window.page.get_by_label("Search").fill("wave3-vm01")
    assert 10 == len(names(window))
    window.page.get_by_label("Search").fill("")
    window.page.locator("select[name=wave]").select_option("wave4")
    window.page.locator("select[name=state]").select_option("Failed")
    assert ["wave4-vm000", "wave4-vm025", "wave4-vm050", "wave4-vm075"] == names(window)
    window.page.locator("select[name=state]").select_option("")
    window.page.locator("select[name=sort]").select_option("lag")
    window.page.wait_for_function("() => document.querySelector('.machine .name').textContent === 'wave4-vm099'")


def test_focus_place_and_opened_lines_outlive_twenty_updates(memory, visit):
    large = fleet.thousand(200)
    window = board(visit, large)
    window.page.mouse.wheel(0, 3_000)
    window.page.wait_for_timeout(200)
    middle = window.page.locator(".machine .name").nth(12)
    name = middle.inner_text()
    middle.click()
    place = window.page.evaluate("scrollY")
    for number in range(20):
        machines.change(fleet.at(large, name, number), percent=50.0 + number)
        window.update()

    assert name == window.page.evaluate("document.activeElement.textContent")
    assert place == window.page.evaluate("scrollY")
    line = window.page.locator(".machine.open")
    assert 1 == line.count()
    line.get_by_text("69 %").wait_for()


def test_a_machine_that_fails_moves_to_the_front_and_keeps_the_focus(memory, visit):
    migration = fleet.thousand(10)
    window = board(visit, migration)
    last = window.page.locator(".machine .name").last
    name = last.inner_text()
    last.focus()
    machines.change(fleet.at(migration, name, 1), state=MachineState.FAILED, problem=fleet.QUOTA)
    window.update()

    assert name == names(window)[0] == window.page.evaluate("document.activeElement.textContent")


def test_the_arrow_keys_go_from_line_to_line(large, visit):
    window = board(visit, large)
    window.page.locator(".machine .name").first.focus()
    for _ in range(40):
        window.page.keyboard.press("ArrowDown")
    assert "wave0-vm001" == window.page.evaluate("document.activeElement.textContent")


def test_a_way_back_says_what_it_touches_and_takes_the_typed_number(memory, visit):
    migration = fleet.six_gates()
    window = board(visit, migration)
    for name in ("billing-web1", "billing-web4"):
        window.page.get_by_role("checkbox", name=f"choose {name}").check()
    window.page.get_by_role("button", name="Roll back 2…").click()
    dialog = window.page.get_by_role("dialog")
    window.picture("danger")
    assert "billing-web4" in dialog.inner_text()
    assert "lost" in dialog.inner_text()
    go = dialog.get_by_role("button", name="Roll back")
    dialog.get_by_label("Why").fill("it serves nowhere")
    assert go.is_disabled()
    dialog.get_by_label("How many machines").fill("2")
    go.click()
    dialog.wait_for(state="detached")
    window.page.locator("ol.events").get_by_text("rollback").wait_for()


def test_a_concern_is_acknowledged_with_its_text_before_ones_eyes(memory, visit):
    window = board(visit, fleet.six_gates(fleet.HOSTILE))
    window.page.get_by_role("button", name="billing-app3").click()
    window.page.get_by_text("1 concern of this machine").click()
    window.page.get_by_role("button", name="Acknowledge…").click()
    dialog = window.page.get_by_role("dialog")
    assert fleet.HOSTILE in dialog.inner_text()
    dialog.get_by_label("Why is it acceptable?").fill("seen for ourselves")
    dialog.get_by_role("button", name="Acknowledge").click()
    window.page.locator("ol.events").get_by_text("acknowledge of fact-unknown").wait_for()


def test_on_a_phone_nothing_is_wider_than_the_screen(memory, visit):
    migration = fleet.six_gates()
    for path in ("#/", f"#/m/{migration}", "#/migrations"):
        window = visit(path, viewport=PHONE)
        assert PHONE["width"] == window.page.evaluate("document.documentElement.scrollWidth")
    window = board(visit, migration, viewport=PHONE)
    window.page.get_by_role("button", name="billing-web4").click()
    window.picture("phone")
    assert PHONE["width"] == window.page.evaluate("document.documentElement.scrollWidth")


def test_dark_is_dark_and_light_is_light(memory, visit):
    migration = fleet.six_gates()
    colours = {
        scheme: board(visit, migration, color_scheme=scheme).page.evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        for scheme in ("dark", "light")
    }
    assert {"dark": "rgb(20, 23, 27)", "light": "rgb(255, 255, 255)"} == colours


def test_a_page_that_is_left_open_asks_for_what_changed_only(large, visit, app):
    window = board(visit, large)
    window.update()
    first = sum(size for _, _, _, size in app.sent)
    app.sent.clear()
    for _ in range(5):
        window.update()
    later = sum(size for _, _, _, size in app.sent)
    print(f"bytes of the first look {first:,}, of five more {later:,}")  # noqa: T201 - what was measured

    assert later < first / 100


def test_a_minute_of_a_page_that_is_left_open_is_a_fiftieth_of_what_it_was(large, visit, app):
    """Of a thousand machines each gets on once a minute, and each tenth enters a phase; the page looks thirty times.

    Here the minute passes in seconds, so that each look is told most of what it knows again, as of a moment ago.
    """
    window = board(visit, large)
    window.update()
    names, entries = list(machines.states(large)), []
    app.sent.clear()
    for look in range(LOOKS):
        for number, name in enumerate(names[look::LOOKS]):
            place = fleet.at(large, name, look)
            machines.change(place, percent=99.5)
            if number % 10 == 0:
                entries.append(f"{name} goes on")
                events.write(place, "entered", entries[-1])
        window.update()
    sent = sum(size for _, _, _, size in app.sent)
    print(f"bytes of a minute {sent:,}")  # noqa: T201 - what was measured

    assert sent < BEFORE * LOOKS / 50
    assert window.page.locator("ol.events").get_by_text(entries[-1]).count()


def test_a_wave_and_an_application_are_told_by_themselves(memory, visit):
    window = visit(f"#/m/{fleet.six_gates()}")
    window.page.get_by_role("button", name="billing", exact=True).click()
    text = window.page.locator(".part").inner_text()
    for words in (
        "Wave billing",
        "4 Failed",
        "billing-web4 for 12 min",
        "accept: 1 machine",
        "3 machines: The subscription has no room",
        "places taken",
    ):
        assert words in text
    window.page.locator("select[name=application]").select_option("db")
    assert "Application db" in window.page.locator(".part").last.inner_text()
    assert [] == findings(window)
