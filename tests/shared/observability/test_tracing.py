"""A migration's activities stand in one trace, whoever runs them, and are counted by how they end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from shared.durable.seam import answered
from shared.ledger import machines, migrations
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_rounds import close_round
from shared.ledger.migration_row import MigrationRow
from shared.ledger.serving import Serving, down, up
from shared.models import Done, Request, Scope
from shared.observability import metrics, tracing
from shared.problems import Busy, Refused
from shared.states import MachineState
from tests.ledger_rows import put

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
HERE = Scope(migration="finance.1", wave="shop", machine="shop-db1", phase="fail_over", now=NOW)


@pytest.fixture
def spans(monkeypatch):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "TRACER", provider.get_tracer("test"))
    return exporter


@pytest.fixture
def measured(monkeypatch):
    """Gives name -> labels -> value of what was measured."""
    reader = InMemoryMetricReader()
    meter = MeterProvider([reader]).get_meter("test")
    monkeypatch.setattr(tracing, "ACTIVITIES", meter.create_counter(name_of(tracing, "ACTIVITIES")))
    for each in ("MIGRATIONS", "MACHINES"):
        monkeypatch.setattr(metrics, each, meter.create_counter(name_of(metrics, each)))
    for each in ("MIGRATION_SECONDS", "DOWNTIME"):
        monkeypatch.setattr(metrics, each, meter.create_histogram(name_of(metrics, each)))

    def read():
        data = reader.get_metrics_data()
        if data is None:
            return {}
        every = [
            each for resource in data.resource_metrics for scope in resource.scope_metrics for each in scope.metrics
        ]
        return {
            each.name: [(dict(point.attributes), _value(point)) for point in each.data.data_points] for each in every
        }

    return read


def _value(point):
    return point.value if hasattr(point, "value") else point.sum


def name_of(module, instrument):
    return getattr(module, instrument)._name  # noqa: SLF001 - the API shows names to nobody


def refusing():
    raise Refused("no", id="not-now", title="Not now")


def busy():
    raise Busy("busy", timedelta(seconds=5))


def broken():
    raise ValueError("AccountKey=c2VjcmV0")


def run(act, place=HERE, name="START_FAILOVER"):
    return tracing.watched(name, place, lambda: answered(act))


def test_activities_of_one_migration_share_a_trace_and_those_of_another_do_not(spans):
    run(Done)
    run(Done, HERE.replace(machine="shop-web1"), "VERIFY")
    run(Done, HERE.replace(migration="finance.2"))
    first, second, third = (span.context.trace_id for span in spans.get_finished_spans())

    assert first == second == tracing.trace_id("finance.1")
    assert third == tracing.trace_id("finance.2") != first


def test_a_trace_id_is_the_same_in_every_version():
    assert "8672ae7f99edd515945e7bfc2fbdbfd2" == f"{tracing.trace_id('finance.1'):032x}"


def test_a_span_says_where_it_belongs(spans):
    run(Done)
    (span,) = spans.get_finished_spans()

    assert {
        "azferry.migration": "finance.1",
        "azferry.wave": "shop",
        "azferry.machine": "shop-db1",
        "azferry.phase": "fail_over",
        "azferry.round": 1,
        "azferry.outcome": "reply",
    } == dict(span.attributes)
    assert StatusCode.ERROR != span.status.status_code


def test_a_refusal_is_an_error_with_its_id_and_busy_is_none(spans):
    run(refusing)
    run(busy)
    refused, later = spans.get_finished_spans()

    assert (StatusCode.ERROR, "not-now") == (refused.status.status_code, refused.attributes["azferry.problem"])
    assert (StatusCode.UNSET, "later") == (later.status.status_code, later.attributes["azferry.outcome"])


def test_a_fault_passes_and_its_text_stays_out_of_the_trace(spans):
    with pytest.raises(ValueError, match="AccountKey"):
        run(broken)
    (span,) = spans.get_finished_spans()

    assert "fault" == span.attributes["azferry.outcome"]
    assert "AccountKey" not in span.to_json()


def test_what_belongs_to_no_migration_makes_no_span(spans):
    tracing.watched("READ_VAULT", Request(), lambda: answered(Done))

    assert () == spans.get_finished_spans()


def test_activities_are_counted_by_how_they_end(measured):
    run(Done)
    run(Done)
    run(refusing)
    counted = measured()["azferry_activities_total"]

    assert [
        ({"activity": "START_FAILOVER", "outcome": "reply"}, 2),
        ({"activity": "START_FAILOVER", "outcome": "refused", "problem": "not-now"}, 1),
    ] == counted


@pytest.mark.usefixtures("store")
def test_a_machine_is_counted_when_its_state_changes_and_not_when_it_is_written_again(measured):
    machines.create_many([MachineRow(migration="finance.1", name="shop-db1")])
    put(HERE, state=MachineState.CUTTING_OVER, service=down(HERE.now - timedelta(seconds=240)))
    for _ in range(2):
        served = up(Serving.TARGET, HERE.now)
        machines.change(HERE, state=MachineState.CUT_OVER, phase="verify", service=served)

    measures = measured()
    assert [({"status": "CutOver", "phase": "verify"}, 1)] == measures["azferry_machines_status_total"]
    assert [({}, 240)] == measures["azferry_machine_downtime_seconds"]


@pytest.mark.usefixtures("store")
def test_a_migration_is_counted_once_with_its_outcome_and_duration(measured):
    migrations.create(MigrationRow(id="finance.1", scenario="aws-to-azure", mode="appliance", started_at=NOW))
    machines.create_many([MachineRow(migration="finance.1", name="shop-db1", state=MachineState.FINALIZED)])
    for _ in range(2):
        close_round("finance.1", 1, NOW + timedelta(hours=3))

    measures = measured()
    labels = {"scenario": "aws-to-azure", "mode": "appliance", "status": "Succeeded"}
    assert [(labels, 1)] == measures["azferry_migrations_status_total"]
    assert [(labels, 10_800)] == measures["azferry_migration_duration_seconds"]


def test_every_metric_is_told_in_the_documents():
    document = (Path(__file__).parents[3] / "docs" / "telemetry.md").read_text()
    every = [vars(module)[each] for module in (tracing, metrics) for each in vars(module) if each.isupper()]
    names = {getattr(each, "_name", "") for each in every if hasattr(each, "_name")} - {"azferry"}

    assert len(names) == 9
    assert [] == [each for each in sorted(names) if f"| `{each}` |" not in document]
