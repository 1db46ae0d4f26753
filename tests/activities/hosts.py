"""Plans of Hyper-V machines, for tests of activities."""

from typing import Any

from tests.activities.migration_harness import WAVE, plan_of

HOST = "hv1.corp.local"


def hyperv_plan(*names: str, source: dict[str, Any] | None = None, **wave: Any) -> dict[str, Any]:
    """A plan of one wave whose machines are on hosts of the site `hq`, found by their names; `wave` is added to it."""
    listed = [{"name": each, "source": {"name": each.upper()}} for each in names]
    gates = {"test": "auto", "cutover": "auto"}
    waves = [{"name": WAVE, "gates": gates, "cutover": {"mode": "machine"}, **wave, "machines": listed}]
    return plan_of(
        scenario="hyperv-to-azure", source={"hyperv": source or {"site": "hq", "hosts": [HOST]}}, waves=waves
    )
