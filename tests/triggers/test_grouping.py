"""A wave and an application by themselves, over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from shared import clock
from shared.coordination import gates
from shared.coordination.gate_row import GateRow
from shared.ledger import machines
from shared.ledger.machine_row import MachineRow
from shared.ledger.serving import Outage, Service, Serving
from shared.problems import ProblemData
from shared.states import MachineState

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
ONE = "/api/migrations/finance.1"
QUOTA = ProblemData(kind="CloudRefused", id="quota-exceeded", title="No room for the size", detail="4 of 350 are left")


@pytest.fixture
def finance(ask, plan, local):
    """Two waves with machines of one application in both: some wait at a gate, some failed, one is down."""
    local.setattr(clock, "now", lambda: AT)
    windows = [{"start": "2026-11-21T22:00", "length": "PT4H", "timeZone": "UTC"}]
    first = plan["waves"][0] | {"name": "shop", "cutover": {"windows": windows}, "dependsOn": []}
    named = [("shop-web1", "shop"), ("shop-db1", "orders")]
    first["machines"] = [
        {"name": name, "application": own, "source": {"instanceId": f"i-0aaa111{at}"}}
        for at, (name, own) in enumerate(named)
    ]
    second = first | {"name": "billing", "dependsOn": ["shop"], "cutover": {}}
    second["machines"] = [{"name": "bill-db1", "application": "orders", "source": {"instanceId": "i-0aaa1119"}}]
    plan["waves"] = [first, second]
    assert 202 == ask("POST", "/api/migrations?by=ada", plan).status
    row = MachineRow(migration="finance.1", name="shop-web1", wave="shop", application="shop", stamp=AT, since=AT)
    began = AT - timedelta(minutes=40)
    machines.create_many(
        [
            row.replace(state=MachineState.READY_FOR_CUTOVER, phase="approval", waiting_for="an approval"),
            row.replace(
                name="shop-db1", application="orders", state=MachineState.FAILED, phase="verify", problem=QUOTA,
                release="azferry retry finance.1 --machine shop-db1",
                service=Service(at=Serving.NOWHERE, since=began, outages=(Outage(began=began),)),
            ),
            row.replace(name="bill-db1", wave="billing", application="orders", state=MachineState.INITIAL_SYNC),
        ]
    )  # fmt: skip
    gates.open_gate(
        GateRow(migration="finance.1", name="cutover", wave="shop", text="approve", pending=("shop-web1",), since=AT)
    )


def test_a_wave_tells_its_counts_gate_window_outage_and_what_it_waits_for(ask, finance):
    wave = ask("GET", f"{ONE}/waves/shop").body

    assert ({"Failed": 1, "ReadyForCutover": 1}, "AwaitingApproval") == (wave["counts"], wave["state"])
    assert [("cutover", ["shop-web1"])] == [(each["name"], each["pending"]) for each in wave["gates"]]
    assert "2026-11-21T22:00:00Z" == wave["opening"]["opensAt"]
    assert (1, 2400, "2026-11-21T07:20:00Z") == (
        wave["servingNowhere"], wave["longestDowntimeSeconds"], wave["downSince"],
    )  # fmt: skip
    assert [("No room for the size", ["shop-db1"]), ("an approval", ["shop-web1"])] == [
        (each["text"], each["machines"]) for each in wave["waits"]
    ]


def test_an_application_is_told_across_its_waves_without_the_gates_of_others(ask, finance):
    orders = ask("GET", f"{ONE}/applications/orders").body

    assert (["shop", "billing"], 2, ["shop"]) == (orders["waves"], orders["machines"], orders["dependsOn"])
    assert [] == orders["gates"]
    assert "azferry retry finance.1 --machine shop-db1" == orders["waits"][0]["release"]


def test_a_wave_after_another_names_it(ask, finance):
    assert ["shop"] == ask("GET", f"{ONE}/waves/billing").body["dependsOn"]


@pytest.mark.parametrize("path", ["waves/none", "applications/none"])
def test_what_is_not_in_the_plan_is_not_found(ask, finance, path):
    answer = ask("GET", f"{ONE}/{path}")

    assert 404 == answer.status
    assert "none" in answer.body["detail"]
