"""The forecast of an example agrees with what `make migrate` then measures: within a tenth of makespan and downtime."""

import json
from datetime import datetime

import pytest

from local.forecast.command import Wanted, forecast
from local.stack import migrate
from local.stack.__main__ import main
from tests.architecture import ROOT

SMALL = "hyperv-to-azure.vmm.yaml"
OTHERS = sorted(
    path.name for path in (ROOT / "examples").glob("*.yaml") if ".world" not in path.name and path.name != SMALL
)
TENTH = 0.1


@pytest.mark.timeout(900)
@pytest.mark.parametrize("example", [SMALL, *(pytest.param(each, marks=pytest.mark.soak) for each in OTHERS)])
def test_a_forecast_agrees_with_what_the_migration_then_measures(example, tmp_path, monkeypatch):
    path = ROOT / "examples" / example
    monkeypatch.setattr(migrate, "new_folder", lambda: tmp_path / "migrated")

    outlook = forecast(Wanted(path, folder=tmp_path / "foretold"))
    main(["migrate", str(path)])
    report = json.loads((tmp_path / "migrated" / "report.json").read_text())

    begun, ended = (datetime.fromisoformat(report["migration"][name]) for name in ("startedAt", "endedAt"))
    assert outlook.makespan == pytest.approx((ended - begun).total_seconds(), rel=TENTH)
    foretold = {each.name: each.downtime_seconds for each in outlook.machines}
    measured = {each["name"]: each.get("downtimeSeconds") for each in report["machines"]}
    assert foretold == pytest.approx(measured, rel=TENTH)
    assert report["migration"]["outcome"] == outlook.outcome
    assert all(each.stretches for each in outlook.machines)
    assert outlook.duties
    assert outlook.critical_path[-1].end == max(each.end for each in outlook.machines if each.end)
