import json
from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
def ticks(scratch):
    def of(name):
        path = scratch / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    return of


def test_a_timer_fires_on_its_schedule(start_sample, ticks, patiently):
    start_sample(SAMPLE_SCHEDULE="* * * * * *")

    patiently(lambda: len(ticks("every")) >= 2)

    assert [tick["past_due"] for tick in ticks("every")[:2]] == [False, False]


def test_a_timer_may_run_on_start_up(start_sample, ticks, patiently):
    start_sample()

    (tick,) = patiently(lambda: ticks("at_start"))

    assert tick["past_due"] is False
    assert tick["status"]["Next"] == f"{datetime.now(UTC).year + 1}-01-01T00:00:00+00:00"


def test_a_run_missed_while_the_host_was_down_is_past_due(start_sample, launch, ticks, patiently):
    first = start_sample(SAMPLE_SCHEDULE="0 * * * * *")
    first.kill()
    kept = launch.folder / "data" / "timers" / "every.json"
    status = json.loads(kept.read_text())
    hour_ago = datetime.now(UTC).replace(second=30, microsecond=0) - timedelta(hours=1)
    missed = hour_ago + timedelta(seconds=30)
    kept.write_text(json.dumps(status | {"last": hour_ago.isoformat(), "next": missed.isoformat()}))

    start_sample(SAMPLE_SCHEDULE="0 * * * * *")

    tick = patiently(lambda: ticks("every"))[0]
    assert tick["past_due"] is True
    assert tick["status"]["Last"] == hour_ago.isoformat()
    patiently(lambda: json.loads(kept.read_text())["next"] > hour_ago.isoformat())


def test_a_schedule_that_never_ran_is_not_past_due(start_sample, ticks):
    first = start_sample()
    first.stop()
    second = start_sample()
    second.client.get("/api/hello")

    assert ticks("every") == []


def test_the_admin_api_runs_a_timer_by_hand(start_sample, ticks):
    host = start_sample()
    path = "/admin/functions/every"

    assert host.client.post(path, json={}).status_code == 401
    answer = host.client.post(path, json={}, headers={"x-functions-key": host.keys["master"]})

    assert answer.status_code == 202
    assert len(ticks("every")) == 1
