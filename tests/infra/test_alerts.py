"""The alerts of the deployment ask for what the app really sends."""

import inspect
import json
import re
from datetime import UTC, datetime

import pytest

from shared.observability import metrics
from shared.reconciliation import heartbeats, partitions
from tests.infra import kept
from tests.infra.bicep import INFRA, code

ALERTS = ("azferry stands still", "azferry partition stands still")
NOW = datetime(2026, 11, 30, tzinfo=UTC)
MONITORING = INFRA / "modules" / "monitoring.bicep"


@pytest.fixture
def queries():
    """Each alert's query, and how few rows of it fire."""
    found = re.findall(r"query: '(.+?)'.*?threshold: (\d+)", code(MONITORING), re.DOTALL)
    return dict(zip(ALERTS, [(query, int(few)) for query, few in found], strict=True))


@pytest.fixture
def sent(monkeypatch):
    """The labels of the heartbeats that the app sends."""
    parts = []
    for name in ("change", "last_known"):  # what the ledger keeps is tested elsewhere
        monkeypatch.setattr(type(heartbeats.TABLE), name, lambda *_: None)
    monkeypatch.setattr(metrics.BEATS, "add", lambda _number, labels: parts.append(labels["part"]))
    return parts


def test_alerts_ask_for_a_metric_of_ours(queries):
    [instrument] = {re.search(r'name == "(\w+)"', query)[1] for query, _ in queries.values()}

    assert f'"{instrument}"' in inspect.getsource(metrics)


def test_each_partition_that_answers_is_a_row_and_one_that_is_silent_fires(queries, sent):
    query, few = queries["azferry partition stands still"]
    for partition in partitions.PROBES:
        heartbeats.beat(partitions.name_of(partition), NOW, heartbeats.EVERY)
    heartbeats.beat("vault.x", NOW, heartbeats.EVERY)
    heartbeats.beat(heartbeats.RECONCILE, NOW, heartbeats.EVERY)
    start = re.search(r'startswith "([\w.]+)"', query)[1]

    assert few == len({part for part in sent if part.startswith(start)}) == partitions.COUNT


def test_the_timer_that_looks_after_everything_is_the_part_that_is_asked_for(queries, sent):
    query, few = queries["azferry stands still"]
    heartbeats.beat(heartbeats.RECONCILE, NOW, heartbeats.EVERY)

    assert (re.search(r'part\) == "(\w+)"', query)[1], few) == (sent[0], 1)


def test_both_are_deployed_on_the_component_that_the_app_reports_to(queries):
    resources = kept.resources("plain")
    rules = {each["name"]: each for each in resources if each["type"] == "Microsoft.Insights/scheduledQueryRules"}

    assert set(rules) == set(ALERTS)
    for name, (query, few) in queries.items():
        [criterion] = rules[name]["properties"]["criteria"]["allOf"]
        assert (criterion["query"], criterion["threshold"], criterion["operator"]) == (query, few, "LessThan")
        assert "Microsoft.Insights/components" in json.dumps(rules[name]["properties"]["scopes"])
        assert rules[name]["properties"]["enabled"] is True
