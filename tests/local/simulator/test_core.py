"""The simulator's core: routes, names, timeline, throttling, faults, log, control API."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from local.simulator.arm import Call, Reply, Route
from local.simulator.errors import ArmError
from local.simulator.options import Options
from local.simulator.resources import Resources
from local.simulator.router import Router, operation_name
from local.simulator.server import running
from local.simulator.throttle import Throttle
from local.simulator.timeline import Timeline

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
VAULTS = "/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults"


def answer(_: Call) -> Reply:
    return Reply()


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with running(Options("skipping", start=NOW)) as served, httpx.Client(base_url=served.url) as client:
        client.headers["Authorization"] = "Bearer x"
        yield client


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/subscriptions/{s}/resourceGroups/{g}", "Microsoft.Resources/subscriptions/resourceGroups/read"),
        ("PUT", "/subscriptions/{s}/providers/Microsoft.X/things/{t}", "Microsoft.X/things/write"),
        ("POST", "/subscriptions/{s}/providers/Microsoft.X/things/{t}/start", "Microsoft.X/things/start/action"),
        ("DELETE", "/a/{b}/providers/P/x/{y}/providers/Q/z/{w}", "Q/z/delete"),
        ("GET", "/subscriptions/{s}/providers/{namespace}", "Microsoft.Resources/subscriptions/providers/read"),
    ],
)
def test_operations_are_named_as_roles_name_them(method: str, path: str, name: str) -> None:
    assert operation_name(method, path) == name


def test_a_literal_wins_over_a_variable_and_case_does_not_matter() -> None:
    router = Router([Route("GET", "/jobs/{job}", answer), Route("GET", "/jobs/export", answer)])
    assert router.find("GET", "/JOBS/Export")[0].path == "/jobs/export"
    assert router.find("GET", "/jobs/A%20b")[1] == {"job": "A b"}


def test_an_unknown_path_is_404_and_an_unknown_method_405_with_what_is_allowed() -> None:
    router = Router([Route("GET", "/jobs/{job}", answer), Route("PUT", "/jobs/{job}", answer)])
    with pytest.raises(ArmError) as missing:
        router.find("GET", "/jobs")
    assert missing.value.status == 404
    with pytest.raises(ArmError) as refused:
        router.find("DELETE", "/jobs/1")
    assert (refused.value.status, refused.value.headers) == (405, {"Allow": "GET, PUT"})


def test_events_happen_in_order_and_each_sees_its_own_moment() -> None:
    timeline, seen = Timeline(NOW), []

    def happen(name: str) -> None:
        seen.append((name, timeline.now))
        if name == "a":
            timeline.after(1, lambda: happen("a2"))

    timeline.after(5, lambda: happen("b"))
    timeline.after(2, lambda: happen("a"))
    timeline.after(4, lambda: happen("never")).cancel()
    timeline.advance(NOW + timedelta(seconds=60))
    assert seen == [
        ("a", NOW + timedelta(seconds=2)),
        ("a2", NOW + timedelta(seconds=3)),
        ("b", NOW + timedelta(seconds=5)),
    ]
    assert timeline.now == NOW + timedelta(seconds=60)


def test_the_bucket_empties_and_fills_again_with_virtual_time() -> None:
    throttle = Throttle()
    first = throttle.take("s", "GET", NOW)
    assert first["x-ms-ratelimit-remaining-subscription-reads"] == "249"
    assert first["x-ms-ratelimit-remaining-subscription-global-reads"] == "3749"
    for _ in range(249):
        throttle.take("s", "GET", NOW)
    with pytest.raises(ArmError) as refused:
        throttle.take("s", "GET", NOW)
    assert (refused.value.status, refused.value.code) == (429, "TooManyRequests")
    assert int(refused.value.headers["Retry-After"]) >= 1
    throttle.take("s", "PUT", NOW)
    throttle.take("other", "GET", NOW)
    throttle.take("s", "GET", NOW + timedelta(seconds=1))


def test_resources_are_found_in_any_case_and_keep_their_first_spelling() -> None:
    resources = Resources()
    resources.put({"id": f"{VAULTS}/One", "location": "westeurope"})
    resources.put({"id": f"{VAULTS}/ONE", "location": "northeurope"})
    found = resources.get(f"{VAULTS}/one".upper().replace("/SUBSCRIPTIONS", "/subscriptions"))
    assert found is not None
    assert (found["id"], found["location"], found["type"]) == (
        f"{VAULTS}/One",
        "northeurope",
        "Microsoft.RecoveryServices/vaults",
    )
    resources.put({"id": f"{VAULTS}/One/certificates/c"})
    assert len(resources.delete(f"{VAULTS}/one")) == 2


def test_every_answer_carries_ids_and_the_clients_own_comes_back(http: httpx.Client) -> None:
    reply = http.get("/nothing?api-version=1", headers={"x-ms-client-request-id": "mine"})
    assert reply.status_code == 404
    assert reply.headers["x-ms-client-request-id"] == "mine"
    assert reply.headers["x-ms-request-id"] == reply.headers["x-ms-correlation-request-id"]


def test_the_log_is_filtered_counted_and_cleared(http: httpx.Client) -> None:
    for name in ("a", "b", "b"):
        http.get(f"{VAULTS}/{name}/replicationFabrics?api-version=2025-08-01")
    log = http.get("/control/log", params={"path": "*/vaults/b/*"}).json()
    assert (log["total"], log["matched"]) == (3, 2)
    entry = log["entries"][0]
    assert entry["operation"] == "Microsoft.RecoveryServices/vaults/replicationFabrics/read"
    assert (entry["status"], entry["at"]) == (404, "2026-11-21T05:00:00.0000000Z")
    assert http.get("/control/log", params={"since": 2}).json()["matched"] == 1
    assert http.get("/control/log/summary").json() == {entry["operation"]: 3}
    http.delete("/control/log")
    assert http.get("/control/log").json()["total"] == 0


def test_faults_are_listed_skipped_counted_and_withdrawn(http: httpx.Client) -> None:
    order = {"kind": "server-error", "match": "*/vaults/a/*", "skip": 1, "times": 1, "status": 502}
    name = http.post("/control/faults", json=order).json()["id"]
    codes = [http.get(f"{VAULTS}/a/replicationFabrics?api-version=2025-08-01").status_code for _ in range(3)]
    assert codes == [404, 502, 404]
    listed = http.get("/control/faults").json()["faults"]
    assert [(fault["id"], fault["hits"], fault["left"]) for fault in listed] == [(name, 1, 0)]
    http.delete(f"/control/faults/{name}")
    assert http.get("/control/faults").json()["faults"] == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/control/faults", {"kind": "no such thing"}),
        ("/control/faults", {"kind": "throttle", "surprise": 1}),
        ("/control/machines", {"name": "x"}),
        ("/control/machines", {"name": "x", "ip": "10.0.0.1", "disks": []}),
        ("/control/clock/../settings", None),
    ],
)
def test_a_bad_order_is_refused_with_its_reason(http: httpx.Client, path: str, body: Any) -> None:
    method = "POST" if body is not None else "PATCH"
    reply = http.request(method, path, json=body)
    assert reply.status_code == 400
    assert reply.json()["error"]


def test_settings_and_durations_are_changed_and_read(http: httpx.Client) -> None:
    assert http.patch("/control/settings", json={"page_size": 3}).json()["page_size"] == 3
    assert http.patch("/control/settings", json={"no_such": 3}).status_code == 400
    changed = http.patch("/control/durations", json={"seconds": {"fabric.create": 1}, "factor": 2}).json()
    assert (changed["seconds"]["fabric.create"], changed["factor"]) == (1, 2)


def test_a_reset_empties_the_world_and_keeps_the_clock(http: httpx.Client) -> None:
    http.post("/control/machines", json={"name": "web1", "ip": "10.0.0.1"})
    http.post("/control/clock", json={"advance": "PT1H"})
    http.post("/control/reset")
    assert http.get("/control/machines").json() == {"machines": []}
    assert http.get("/control/clock").json()["now"] == "2026-11-21T06:00:00.000000Z"


def test_it_is_started_from_the_command_line_on_a_free_port() -> None:
    command = [sys.executable, "-m", "local.simulator", "--clock", "skipping", "--start", "2026-11-21T05:00:00Z"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line.startswith("listening on http://127.0.0.1:")
        clock = httpx.get(f"{line.rpartition(' ')[2]}/control/clock").json()
        process.terminate()
    assert clock["now"] == "2026-11-21T05:00:00.000000Z"
