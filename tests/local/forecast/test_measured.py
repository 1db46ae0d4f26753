"""What an earlier migration measured becomes the durations of the next play."""

import pytest

from local.forecast.measured import measured
from local.simulator.durations import Durations
from local.simulator.site_recovery.templates import template_of
from tests.local.forecast.played import event, report

GIB = 1024**3


def tasks(seconds, scenario, provider="InMageRcm"):
    named = [f"{scenario}.{row.id or row.key}" for row in template_of(scenario, provider).tasks]
    return sum(seconds.get(f"{provider}.{each}", 0) for each in named)


def test_a_job_takes_as_long_as_it_was_measured_to():
    assert pytest.approx(25 * 60) == tasks(measured([report()]).seconds, "EnableDr")


def test_disks_are_copied_as_fast_as_they_were_without_the_wait_for_the_first_point():
    took = {"db1": 80 * 60, "web1": 20 * 60, "app1": 50 * 60}
    waits = Durations().seconds["InMageRcm.first-point"]

    speeds = sorted(100 * GIB / (each - waits) for each in took.values() if each > waits)

    assert measured([report()]).rates["machine"] in (pytest.approx(each) for each in (speeds[0], sum(speeds) / 2))


def test_what_it_measured_is_told_and_the_downtimes_are_kept():
    found = measured([report()])

    assert ((900.0,) * 3, 1) == (found.downtimes, len(found.basis))
    assert "small.1: 3 machines, Enable replication" in found.basis[0]


def test_where_a_job_was_not_measured_nothing_is_said_of_it():
    silent = report()
    silent["events"] = [each for each in silent["events"] if "job" not in each["what"]]
    silent["events"].append(event(1, "job-ended-of-nobody", text="Enable replication ended well"))

    assert {} == measured([silent]).seconds


def test_scripts_in_azure_take_as_long_as_they_took():
    scripted = report()
    scripted["events"] += [
        event(1, f"target-script-{took}-succeeded", data={"tookSeconds": took}) for took in (40, 70, 300)
    ]

    assert measured([scripted]).seconds["vm.script"] == 70
