"""Telemetry goes where the app is told to send it, as ours only; without an address it goes nowhere."""

import gzip
import json
import logging
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from shared.observability import telemetry, tracing
from shared.settings import settings

ROOT = Path(__file__).parents[3]
# One activity of a migration within an app that has been told where telemetry goes.
APP = """
from opentelemetry import metrics, trace
from shared.observability import telemetry
assert telemetry.start()
from shared.observability import metrics as measured, tracing
from shared.durable.seam import answered
from shared.models import Done, Scope
tracing.watched("VERIFY", Scope(migration="finance.1", machine="db"), lambda: answered(Done))
measured.machine_entered("CutOver", "verify")
trace.get_tracer_provider().force_flush()
metrics.get_meter_provider().force_flush()
"""


@pytest.fixture
def ingestion():
    """An address like Application Insights' own, and what came there."""
    came = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            text = (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()
            found = json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines()]
            came.extend(found)
            answer = json.dumps({"itemsReceived": len(found), "itemsAccepted": len(found), "errors": []}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", came
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_span_and_a_metric_reach_application_insights(ingestion, tmp_path):
    url, came = ingestion
    variables = {
        "APPLICATIONINSIGHTS_CONNECTION_STRING": f"InstrumentationKey={'0' * 8}-0000-0000-0000-{'0' * 12};IngestionEndpoint={url}",
        "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
        "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
        "TMPDIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", APP],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == done.returncode, done.stderr
    (span,) = [each for each in came if each["name"].endswith(("RemoteDependency", "Request"))]
    assert f"{tracing.trace_id('finance.1'):032x}" == span["tags"]["ai.operation.id"]
    assert ("VERIFY", "db") == (
        span["data"]["baseData"]["name"],
        span["data"]["baseData"]["properties"]["azferry.machine"],
    )
    measured = {metric["name"] for each in came for metric in each["data"]["baseData"].get("metrics", ())}
    assert {"azferry_machines_status_total", "azferry_activities_total"} <= measured


def test_without_an_address_nothing_is_set_up_and_the_sdks_are_quiet(monkeypatch):
    monkeypatch.delenv("APPLICATIONINSIGHTS_CONNECTION_STRING", raising=False)

    assert not telemetry.start()
    assert not any(logging.getLogger(name).isEnabledFor(logging.INFO) for name in telemetry.TALKATIVE)


def test_in_azure_the_identity_signs_in_and_no_sdk_is_listened_to(monkeypatch):
    monkeypatch.setenv("AZFERRY_IDENTITY_CLIENT_ID", "11111111-1111-1111-1111-111111111111")
    settings.cache_clear()
    telemetry.credential.cache_clear()
    chosen = telemetry.options("InstrumentationKey=x")
    settings.cache_clear()
    telemetry.credential.cache_clear()

    assert "ManagedIdentityCredential" == type(chosen["credential"]).__name__
    assert chosen["disable_logging"]
    assert not any(each["enabled"] for each in chosen["instrumentation_options"].values())
    assert {"azure_sdk", "requests", "urllib3", "urllib", "httpx"} <= chosen["instrumentation_options"].keys()
