"""The report in a real browser: the summary first, ids that crush no column, nothing that axe-core finds."""

import pytest

from shared.ledger import machines
from shared.ledger.machine_row import Mark
from shared.ledger.serving import Outage, Service, Serving
from shared.states import MachineState
from tests.triggers.page import fleet
from tests.triggers.page.conftest import DESKTOP, PHONE
from tests.triggers.page.test_accessibility import findings

LONG = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/"
)


@pytest.fixture
def migration(memory):
    """Six gates and some machines that were down for as long as machines are, with ids as long as Azure's are."""
    migration = fleet.six_gates()
    for at, name in enumerate(f"shop-{part}{number}" for part in ("web", "app", "db") for number in range(1, 5)):
        began = fleet.now() - fleet.timedelta(hours=9)
        ended = began + fleet.timedelta(minutes=2 + at * at)
        machines.change(
            fleet.at(migration, name, 0),
            state=MachineState.CUTTING_OVER,
            marks={Mark.TEST_ASKED: began, Mark.TEST_UP: ended},
            source_id=f"{LONG}{'x' * 80}{name}",
            service=Service(
                at=Serving.TARGET, since=ended, outages=(Outage(began=began, ended=ended, served_by=Serving.TARGET),)
            ),
        )
    return migration


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_manager_reads_the_summary_first_and_no_id_crushes_a_column(migration, visit, size):
    window = visit(
        f"api/migrations/{migration}/report", viewport=size, color_scheme="dark" if size == PHONE else "light"
    )
    if size == DESKTOP:
        window.picture("report")
    page = window.page

    assert "In short" == page.locator("h2").first.inner_text()
    assert "of 14 machines were down" in page.locator("body").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing scrolls sideways but tables"
    lines = page.evaluate(
        "[...document.querySelectorAll('td')].filter((cell) => cell.textContent === 'shop-web1' && cell.offsetHeight)"
        ".map((cell) => new Set([...cell.firstChild.getClientRects()].map((each) => each.top)).size)"
    )
    assert {1} == set(lines), "a name stands on one line, however long the ids beside it are"
    assert [] == findings(window)
