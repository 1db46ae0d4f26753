"""The engine on the stack's clock: jumps, holds, actors, work that arrives meanwhile, scaled time."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from local.clock import RealClock, RemoteClock, connect
from local.simulator.options import Options
from local.simulator.server import running

START = datetime(2026, 11, 21, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Control:
    """The stack's clock as an outsider drives it."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/control/clock"
        self._client = httpx.Client(timeout=10)

    def close(self) -> None:
        self._client.close()

    def ask(self, method: str, path: str = "", **more: object) -> dict:
        answer = self._client.request(method, self.url + path, **more)
        answer.raise_for_status()
        return answer.json() if answer.content else {}

    def now(self) -> datetime:
        return datetime.fromisoformat(self.ask("GET")["now"])


@pytest.fixture
def skipping() -> Iterator[Control]:
    with running(Options(mode="skipping", start=START)) as simulator:
        control = Control(simulator.url)
        yield control
        control.close()


def sleeper(context):
    for _ in range(5):
        yield context.create_timer(context.current_utc_datetime + HOUR)
    return context.current_utc_datetime.isoformat()


def waiter(context):
    timer = context.create_timer(context.current_utc_datetime + 24 * HOUR)
    event = context.wait_for_external_event("approved")
    first = yield context.task_any([event, timer])
    if first == timer:
        return "timed out"
    timer.cancel()
    return "approved"


def test_an_idle_host_moves_the_stacks_clock_to_its_next_due_moment(make_lab, skipping):
    lab = make_lab(sleeper, clock=RemoteClock(skipping.url))

    assert lab.output("sleeper") == "2026-11-21T10:00:00+00:00"
    assert skipping.now() == START + 5 * HOUR


def test_no_jump_while_somebody_holds_the_clock(make_lab, skipping):
    skipping.ask("PUT", "/holds/test", params={"lease": 60})
    lab = make_lab(waiter, clock=RemoteClock(skipping.url))
    made = lab.create("waiter")
    lab.until_waiting(made)
    lab.send(made, "approved")
    found = lab.end(made)["output"]

    assert found == "approved"
    assert skipping.now() == START


def test_an_actor_that_acts_instead_of_consenting_is_waited_for(make_lab, skipping):
    skipping.ask("PUT", "/actors/person", params={"lease": 60})
    lab = make_lab(waiter, clock=RemoteClock(skipping.url))
    made = lab.create("waiter")
    turn = lab.until(
        lambda: (found := skipping.ask("GET", "/actors/person/turn", params={"wait": 1}))["proposed"] and found
    )
    lab.send(made, "approved")
    skipping.ask("POST", "/actors/person/turn", json={"epoch": turn["epoch"], "proceed": False})

    assert datetime.fromisoformat(turn["proposed"]) == START + 24 * HOUR
    assert lab.end(made)["output"] == "approved"


def test_a_manual_move_fires_what_became_due(make_lab, skipping):
    skipping.ask("PUT", "/holds/test", params={"lease": 60})
    lab = make_lab(waiter, clock=RemoteClock(skipping.url))
    made = lab.create("waiter")
    lab.until_waiting(made)
    skipping.ask("POST", json={"advance": "P2D"})

    assert lab.end(made)["output"] == "timed out"


def test_a_running_activity_keeps_the_clock_still(make_lab, skipping):
    release = threading.Event()

    def slow(_):
        assert release.wait(20)

    def both(context):
        timer = context.create_timer(context.current_utc_datetime + HOUR)
        first = yield context.task_any([context.call_activity("slow"), timer])
        won = first != timer
        if won:
            timer.cancel()
        return won

    lab = make_lab(both, slow, clock=RemoteClock(skipping.url))
    made = lab.create("both")
    lab.until(lambda: lab.next_due)
    still = [skipping.now() for _ in range(20)]
    release.set()

    assert set(still) == {START}
    assert lab.end(made)["output"] is True


def test_work_that_arrives_while_a_report_waits_takes_the_report_back(make_lab, skipping):
    skipping.ask("PUT", "/holds/test", params={"lease": 60})
    clock = RemoteClock(skipping.url, "host-x")
    lab = make_lab(waiter, clock=clock)
    made = lab.create("waiter")
    lab.until_waiting(made)
    lab.until(lambda: lab.engine._keeper._reporting)  # noqa: SLF001 - the moment that matters
    with lab.engine.busy():
        # The report must be gone at once, well before the hold's end would let it act.
        lab.until(lambda: not lab.engine._keeper._reporting)  # noqa: SLF001 - see above
        skipping.ask("DELETE", "/holds/test")
        now = skipping.now()

    assert now == START


def test_a_jump_waits_for_every_idle_check(make_lab, skipping):
    answers = iter([False, False, True])
    loops = []

    async def queues_are_empty() -> bool:
        loops.append(asyncio.get_running_loop())
        return next(answers, True)

    lab = make_lab(sleeper, clock=RemoteClock(skipping.url))
    lab.engine.add_idle_check(queues_are_empty)
    lab.output("sleeper")

    assert len(loops) >= 3
    assert set(loops) == {lab.loop}


def test_due_moments_of_others_are_not_jumped_over(make_lab, skipping):
    fired: list[datetime] = []
    lab = make_lab(sleeper, clock=RemoteClock(skipping.url))
    lab.engine.add_jump_listener(fired.append)
    lab.engine.add_due_source(lambda: None if fired else START + HOUR / 2)
    lab.output("sleeper")

    assert fired[0] == START + HOUR / 2


def test_a_scaled_clock_makes_an_hour_short(make_lab):
    with running(Options(mode="scaled", factor=36_000.0, start=START)) as simulator:
        lab = make_lab(sleeper, clock=RemoteClock(f"{simulator.url}/control/clock"))
        lab.output("sleeper")

        assert lab.clock.now() >= START + 5 * HOUR


def test_a_clock_that_is_away_stops_time_until_it_is_back(make_lab):
    with running(Options(mode="skipping", start=START)) as simulator:
        port = int(simulator.url.rpartition(":")[2])
        lab = make_lab(sleeper, clock=RemoteClock(f"{simulator.url}/control/clock"))
    made = lab.create("sleeper")
    lab.until_waiting(made)
    with running(Options(mode="skipping", start=START, port=port)):
        assert lab.end(made)["runtimeStatus"] == "Completed"


def test_without_a_url_time_is_the_wall_clocks():
    clock = connect(None)

    assert isinstance(clock, RealClock)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_clock_that_nobody_serves_is_an_error():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(OSError, match="refused"):
            connect(f"http://127.0.0.1:{bound.getsockname()[1]}/control/clock")
