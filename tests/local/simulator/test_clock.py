"""The clock that a local stack shares, over HTTP."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.simulator.clock import parse_iso
from local.simulator.options import Options, parse_clock
from local.simulator.server import running

START = "2026-11-21T05:00:00.000000Z"


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with (
        running(Options("skipping", start=parse_iso(START))) as served,
        httpx.Client(base_url=served.url, timeout=10) as client,
    ):
        yield client


def idle(http: httpx.Client, due: str | None, epoch: int, name: str = "host") -> dict[str, Any]:
    return http.post("/control/clock/idle", json={"participant": name, "epoch": epoch, "due": due}).json()


def at(text: str) -> str:
    return f"2026-11-21T{text}.000000Z"


def test_it_stands_still_until_someone_moves_it(http: httpx.Client) -> None:
    first, second = http.get("/control/clock").json(), http.get("/control/clock").json()
    assert first["now"] == second["now"] == START
    assert (first["mode"], first["epoch"], first["holds"], first["until"]) == ("skipping", 0, [], None)
    assert http.post("/control/clock", json={"advance": "PT1H"}).json()["now"] == at("06:00:00")
    assert http.post("/control/clock", json={"to": at("07:00:00")}).json()["epoch"] == 2


def test_an_idle_host_makes_it_jump_to_the_next_due_moment(http: httpx.Client) -> None:
    answer = idle(http, at("05:30:00"), 0)
    assert (answer["now"], answer["epoch"]) == (at("05:30:00"), 1)


def test_a_report_of_an_older_epoch_says_nothing(http: httpx.Client) -> None:
    idle(http, at("05:30:00"), 0)
    assert idle(http, at("06:30:00"), 0)["now"] == at("05:30:00")


def test_it_waits_for_the_slower_participant_and_goes_to_the_earliest_moment(http: httpx.Client) -> None:
    http.post("/control/clock/busy", json={"participant": "other"})
    assert idle(http, at("05:30:00"), 0)["epoch"] == 0
    assert idle(http, at("05:10:00"), 0, "other")["now"] == at("05:10:00")


def test_nothing_due_is_no_jump(http: httpx.Client) -> None:
    assert idle(http, None, 0)["now"] == START


def test_a_hold_keeps_it_until_it_is_released(http: httpx.Client) -> None:
    http.put("/control/clock/holds/test", params={"lease": 30})
    assert http.get("/control/clock").json()["holds"] == ["test"]
    assert idle(http, at("05:30:00"), 0)["epoch"] == 0
    http.delete("/control/clock/holds/test")
    assert http.get("/control/clock").json()["now"] == at("05:30:00")


def test_a_hold_ends_with_its_lease(http: httpx.Client) -> None:
    http.put("/control/clock/holds/test", params={"lease": 0.2})
    assert idle(http, at("05:30:00"), 0)["now"] == at("05:30:00")


def test_an_actor_is_asked_before_each_jump(http: httpx.Client) -> None:
    http.put("/control/clock/actors/person", params={"lease": 30})
    answers: list[dict[str, Any]] = []
    host = threading.Thread(target=lambda: answers.append(idle(http, at("05:30:00"), 0)))
    host.start()
    turn = http.get("/control/clock/actors/person/turn", params={"wait": 1}).json()
    assert turn == {"proposed": at("05:30:00"), "still": False, "epoch": 0, "over": False, "now": START}
    http.post("/control/clock/actors/person/turn", json={"epoch": 0, "proceed": True})
    host.join()
    assert answers[0]["now"] == at("05:30:00")


def test_who_looks_on_hears_at_once_that_nothing_is_due_any_more(http: httpx.Client) -> None:
    http.post("/control/clock", json={"until": at("05:10:00")})
    idle(http, None, 0)

    seen = http.get("/control/clock/actors/person/turn", params={"wait": 30}).json()

    assert (seen["proposed"], seen["over"]) == (None, True)


def test_an_actor_has_its_turn_where_all_stand_still_at_the_moment_that_it_named(http: httpx.Client) -> None:
    http.put("/control/clock/actors/person", params={"lease": 30})
    http.post("/control/clock", json={"until": at("05:10:00")})
    for epoch, turn in ((0, (at("05:10:00"), False)), (1, (None, True))):
        host = threading.Thread(target=idle, args=(http, at("05:30:00"), epoch))
        host.start()
        seen = http.get("/control/clock/actors/person/turn", params={"wait": 5}).json()
        assert (seen["proposed"], seen["still"]) == turn
        http.post("/control/clock/actors/person/turn", json={"epoch": epoch, "proceed": True})
        host.join()
    assert http.post("/control/clock", json={"until": None}).json()["now"] == at("05:30:00")


def test_an_actor_that_acted_drops_the_idle_reports(http: httpx.Client) -> None:
    http.put("/control/clock/actors/person", params={"lease": 30})
    answers: list[dict[str, Any]] = []
    host = threading.Thread(target=lambda: answers.append(idle(http, at("05:30:00"), 0)))
    host.start()
    http.get("/control/clock/actors/person/turn", params={"wait": 1})
    http.post("/control/clock/actors/person/turn", json={"epoch": 0, "proceed": False})
    host.join()
    assert answers[0]["epoch"] == 0
    assert http.get("/control/clock/actors/person/turn").json()["proposed"] is None


def test_an_actor_that_asks_for_its_turn_renews_its_lease(http: httpx.Client) -> None:
    http.put("/control/clock/actors/person", params={"lease": 0.2})
    http.get("/control/clock/actors/person/turn", params={"wait": 0.3, "lease": 30})
    assert idle(http, at("05:30:00"), 0)["epoch"] == 0, "it is asked first"


def test_an_actor_that_leaves_no_longer_counts(http: httpx.Client) -> None:
    http.put("/control/clock/actors/person", params={"lease": 30})
    http.delete("/control/clock/actors/person")
    assert idle(http, at("05:30:00"), 0)["epoch"] == 1


def test_no_jump_passes_the_horizon(http: httpx.Client) -> None:
    http.post("/control/clock", json={"until": at("05:20:00")})
    assert idle(http, at("05:30:00"), 0)["now"] == at("05:20:00")
    assert idle(http, at("05:30:00"), 1)["now"] == at("05:20:00")
    assert http.post("/control/clock", json={"until": None}).json()["until"] is None
    assert http.get("/control/clock").json()["now"] == at("05:30:00")


def test_a_killed_host_does_not_stop_it(http: httpx.Client) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    http.post("/control/clock/busy", json={"participant": f"host-{gone.pid}"})
    assert idle(http, at("05:30:00"), 0, f"host-{os.getpid()}")["now"] == at("05:30:00")


def test_a_scaled_clock_tells_what_it_is_computed_from() -> None:
    with running(Options("scaled", 60, parse_iso(START))) as served:
        clock = httpx.get(f"{served.url}/control/clock").json()
        assert (clock["mode"], clock["factor"], clock["origin"]) == ("scaled", 60, START)
        assert clock["started"] > 0
        assert httpx.post(f"{served.url}/control/clock", json={"advance": "PT1H"}).status_code == 400


@pytest.mark.parametrize("text", ["slow", "scaled", "scaled:0", "scaled:x", ""])
def test_a_clock_that_is_not_one_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"clock|float"):
        parse_clock(text)


def test_the_hosts_own_client_understands_it(http: httpx.Client) -> None:
    code = (
        "import sys; from datetime import timedelta; from local.clock import connect\n"
        "clock = connect(sys.argv[1]); before = clock.now()\n"
        "clock.idle(before + timedelta(minutes=30)); print(clock.now() - before)"
    )
    url = f"{str(http.base_url).rstrip('/')}/control/clock"
    done = subprocess.run([sys.executable, "-c", code, url], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "0:30:00"
