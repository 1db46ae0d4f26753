import json
import os
import threading
import time

import httpx
import pytest
from azure.storage.queue import QueueClient

from local.host.web.functions import CLOCK_IS_HELD
from tests import prefork

START = "2026-11-21T05:00:00Z"


@pytest.fixture
def clock(tmp_path, patiently):
    """Start the stack's clock in a mode and give its URL."""
    started = []

    def start(mode):
        log = tmp_path / "simulator.log"
        command = ["local.simulator", "--port", "0", "--clock", mode, "--start", START]
        started.append(prefork.launch(command, log, os.environ))
        line = patiently(lambda: [found for found in log.read_text().splitlines() if found.startswith("listening on ")])
        return f"{line[0].removeprefix('listening on ')}/control/clock"

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_month_of_sleep_takes_moments(clock, start_sample):
    host = start_sample("--clock", clock("skipping"))

    status = host.ended(host.start("sleeper", {"days": 30}))

    assert status["output"] == 30 * 86_400
    assert status["createdTime"] == START


def test_a_request_that_polls_does_not_hold_the_clock(clock, start_sample):
    host = start_sample("--clock", clock("skipping"))

    answer = host.client.post("/api/wait/sleeper", json={"days": 3})

    assert (answer.status_code, json.loads(answer.text)) == (200, 3 * 86_400)


def test_an_actor_may_hold_the_clock_and_act(clock, start_sample):
    url = clock("skipping")
    httpx.put(f"{url}/holds/person", params={"lease": 30}).raise_for_status()
    host = start_sample("--clock", url)
    made = host.start("approval", {"seconds": 60})
    host.until_status(made, "Running")

    host.durable("POST", f"instances/{made}/raiseEvent/approved", json="in time").raise_for_status()

    assert host.ended(made)["output"] == {"approved": "in time"}
    httpx.delete(f"{url}/holds/person").raise_for_status()
    assert host.ended(host.start("approval", {"seconds": 86_400}))["output"] == "timed out"


@pytest.mark.parametrize(("headers", "stands"), [({CLOCK_IS_HELD: "true"}, True), ({}, False)])
def test_a_look_of_who_holds_the_clock_takes_no_report_back(clock, start_sample, patiently, headers, stands):
    url = clock("skipping")
    turn = f"{url}/actors/person/turn"
    httpx.put(f"{url}/actors/person", params={"lease": 60}).raise_for_status()
    host = start_sample("--clock", url, SAMPLE_SLOW="2")
    host.start("sleeper", {"days": 1})
    assert httpx.get(turn, params={"wait": 20}, timeout=30).json()["proposed"]

    looking = threading.Thread(target=lambda: host.client.get("/api/slow", headers=headers))
    looking.start()
    patiently(lambda: "Executing 'Functions.slow'" in host.printed())

    assert bool(httpx.get(turn).json()["proposed"]) == stands
    looking.join()


def test_timers_fire_at_their_moments_and_the_clock_stops_at_its_horizon(clock, start_sample, scratch, patiently):
    url = clock("skipping")
    httpx.post(url, json={"until": "2026-11-21T09:30:00Z"}).raise_for_status()
    start_sample("--clock", url, SAMPLE_SCHEDULE="0 0 * * * *")

    patiently(lambda: httpx.get(url).json()["now"].startswith("2026-11-21T09:30"))

    ticks = [json.loads(line) for line in (scratch / "every").read_text().splitlines()]
    assert [tick["status"]["Next"] for tick in ticks] == [f"2026-11-21T{hour:02}:00:00+00:00" for hour in (6, 7, 8, 9)]


def test_a_message_is_handled_before_the_clock_moves(clock, start_sample, storage, unique, patiently):
    with (
        QueueClient.from_connection_string(storage, f"{unique}-in") as incoming,
        QueueClient.from_connection_string(storage, f"{unique}-out") as outgoing,
    ):
        incoming.create_queue()
        outgoing.create_queue()
        incoming.send_message("slow")
        url = clock("skipping")
        host = start_sample("--clock", url, SAMPLE_SLOW="2")
        made = host.start("sleeper", {"days": 1})

        patiently(lambda: "Executing 'Functions.on_message'" in host.printed())
        assert httpx.get(url).json()["now"] < "2026-11-21T05:00:01"
        assert "Executed 'Functions.on_message'" not in host.printed()

        patiently(lambda: outgoing.get_queue_properties().approximate_message_count == 1)
        assert host.ended(made)["output"] == 86_400


def test_scaled_time_goes_faster(clock, start_sample):
    host = start_sample("--clock", clock("scaled:86400"))
    began = time.monotonic()

    status = host.ended(host.start("sleeper", {"days": 3}))

    assert status["output"] >= 3 * 86_400
    assert time.monotonic() - began > 2.5


def test_a_clock_that_is_not_there_ends_the_host(launch, app_of):
    host = launch(app_of("x = 1"), "--clock", "http://127.0.0.1:1/control/clock", ready=False)

    assert host.process.wait(timeout=30) == 1
    assert "does not answer" in host.printed()
