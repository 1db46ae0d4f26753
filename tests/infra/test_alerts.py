"""The alerts and the workbook of the deployment ask for what the app really sends."""

import ast
import inspect
import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from shared.ledger.readiness import CopyTrouble
from shared.observability import metrics, tracing
from shared.reconciliation import heartbeats, partitions
from shared.reconciliation.heartbeats import FramePart
from shared.states import MachineState
from shared.storage import poison
from tests.infra import kept
from tests.infra.bicep import INFRA, ROOT
from triggers import reconcile

NOW = datetime(2026, 11, 30, tzinfo=UTC)
RULES = {each["name"]: each["properties"] for each in kept.of_type("full", "Insights/scheduledQueryRules")}
WORKBOOK = json.loads((INFRA / "workbook.json").read_text())
QUERIES = {
    each["name"]: each["content"]["query"]
    for each in WORKBOOK["items"]
    if each["content"].get("queryType") == 0 and "query" in each["content"]
}
LABEL = re.compile(r'customDimensions(?:\.(\w+)|\["(\w+)"\])\) (==|startswith) "([^"]+)"')


def criterion(name):
    (found,) = RULES[name]["criteria"]["allOf"]
    return found


def instrument(query):
    return re.search(r'name == "(\w+)"', query)[1]


def labels_of(query):
    """The labels that a query asks for, with their values."""
    return {dotted or bracketed: value for dotted, bracketed, _, value in LABEL.findall(query)}


@pytest.fixture
def sent(monkeypatch):
    """What the app sends when everything happens that can: each instrument with its labels."""
    seen = []
    found = [
        each for module in (metrics, tracing) for each in vars(module).values() if hasattr(each, "_real_instrument")
    ]
    for each in found:
        for verb in ("add", "set", "record"):
            if hasattr(each, verb):
                monkeypatch.setattr(
                    each,
                    verb,
                    lambda _value, labels=None, name=each._name: seen.append((name, labels or {})),  # noqa: SLF001 - it tells its name nobody else
                )
    monkeypatch.setattr(type(heartbeats.TABLE), "change", lambda *_: None)  # what the ledger keeps is tested elsewhere
    monkeypatch.setattr(type(heartbeats.TABLE), "last_known", lambda *_: None)
    for part in (
        FramePart("vault.x", watches=True),
        heartbeats.RECONCILE,
        *map(FramePart, map(partitions.name_of, partitions.PROBES)),
    ):
        heartbeats.beat(part, NOW, heartbeats.EVERY)
    metrics.migration_ended("aws-to-azure", "appliance", "Failed", NOW, NOW)
    for state in MachineState:
        metrics.machine_entered(state, "verify")
    metrics.machine_was_down(1)
    for what in (metrics.AT_A_GATE, metrics.FOR_SERVICE):
        metrics.waits_now(what, timedelta(hours=1))
    for why in (CopyTrouble.CRITICAL, CopyTrouble.BEHIND):
        metrics.copies_are_unfit(why, 1)
    for outcome in ("delivered", "again", "dead"):
        metrics.was_told("webhook", outcome)
    for answer in ({"reply": {}}, {"later": {}}, {"refused": {"id": "x"}}):
        tracing.watched("poll_gate", None, lambda answer=answer: answer)
    with pytest.raises(ZeroDivisionError):
        tracing.watched("poll_gate", None, lambda: 1 / 0)
    return seen


@pytest.mark.parametrize("name", [name for name in RULES if criterion(name)["query"].startswith("customMetrics")])
def test_an_alert_asks_for_a_metric_with_labels_that_the_app_sends(sent, name):
    query = criterion(name)["query"]

    assert labels_of(query) or "sumif" in query
    for label, value in labels_of(query).items():
        found = [labels for metric, labels in sent if metric == instrument(query)]
        assert any(str(labels.get(label, "")).startswith(value) for labels in found), f"{name}: {found}"


@pytest.mark.parametrize("name", QUERIES)
def test_the_workbook_shows_what_the_app_sends(sent, name):
    query = QUERIES[name]
    if query.startswith("customMetrics"):
        labels = {label for metric, labels in sent if metric == instrument(query) for label in labels}
        wanted = {
            dotted or bracketed for dotted, bracketed in re.findall(r'customDimensions(?:\.(\w+)|\["(\w+)"\])', query)
        }
        assert wanted <= labels, query
        assert labels or "downtime" in query
    else:
        assert query.startswith("requests "), "the table of the host's own requests"


def test_every_metric_of_the_app_is_in_the_workbook_and_in_the_documents(sent):
    shown = {instrument(query) for query in QUERIES.values() if "name ==" in query}
    document = (ROOT / "docs" / "telemetry.md").read_text()

    assert {metric for metric, _ in sent} - {"azferry_migration_duration_seconds"} == shown
    assert [] == [metric for metric, _ in sent if f"| `{metric}` |" not in document]


def test_each_partition_that_answers_is_a_row_and_one_that_is_silent_fires(sent):
    rule = criterion("azferry partition stands still")
    parts = {labels["part"] for metric, labels in sent if metric == instrument(rule["query"])}
    start = re.search(r'startswith "([\w.]+)"', rule["query"])[1]

    assert (rule["operator"], rule["threshold"]) == ("LessThan", partitions.COUNT)
    assert partitions.COUNT == len({part for part in parts if part.startswith(start)})


def test_the_timer_that_looks_after_everything_is_the_part_that_is_asked_for():
    rule = criterion("azferry stands still")

    assert labels_of(rule["query"]) == {"part": heartbeats.RECONCILE.name}
    assert (rule["operator"], rule["threshold"]) == ("LessThan", 1)


def logged():
    """The lines that the timer writes, as patterns that `%` fills in."""
    tree = ast.parse(inspect.getsource(reconcile))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    return [call.args[0].value for call in calls if call.func.attr == "warning"]


def test_a_late_part_is_found_by_the_line_that_the_timer_writes():
    line = heartbeats.Beat(name="x", what="the watcher of vault rsv", at=NOW, due=NOW).text()
    has, ends = re.findall(r'(?:has|endswith) "([^"]+)"', criterion("azferry part is late")["query"])

    assert "%s" in logged()
    assert has in line
    assert line.endswith(ends)


def test_refused_messages_are_found_by_the_line_that_the_timer_writes():
    (pattern,) = (each for each in logged() if each.count("%") == 2)
    line = pattern % (3, poison.queue_name())
    has, ends = re.findall(r'(?:has|endswith) "([^"]+)"', criterion("azferry message refused")["query"])

    assert has in line
    assert line.endswith(ends)


def test_limits_of_alerts_are_those_that_were_asked_for():
    assert "value > 3600" in criterion("azferry machine serves nowhere")["query"], "60 minutes"
    assert f"value > {48 * 3600}" in criterion("azferry gate waits")["query"]


def test_all_are_deployed_on_the_component_that_the_app_reports_to_and_tell_people():
    component = kept.only("full", "Insights/components")["id"]
    people = kept.only("full", "Insights/actionGroups")

    assert people["properties"]["emailReceivers"][0]["emailAddress"] == "operators@example.org"
    assert len(people["properties"]["groupShortName"]) <= 12, "Azure takes no longer one"
    for rule in RULES.values():
        assert rule["scopes"] == [component]
        assert rule["enabled"] is True
        assert rule["actions"] == {"actionGroups": [people["id"]]}
        assert rule["evaluationFrequency"] == "PT15M"
    assert kept.only("full", "Insights/workbooks")["properties"]["sourceId"] == component


def test_without_a_mail_address_alerts_are_there_and_tell_nobody():
    rules = kept.of_type("plain", "Insights/scheduledQueryRules")

    assert {each["name"] for each in rules} == RULES.keys()
    assert all(each["properties"]["actions"] == {"actionGroups": []} for each in rules)
    assert kept.of_type("plain", "Insights/actionGroups") == []


def test_every_alert_is_told_in_the_documents_with_what_to_do():
    document = (ROOT / "docs" / "telemetry.md").read_text()

    assert [] == [name for name in RULES if f"| `{name}` |" not in document]
