"""Trouble comes from its seed: the same again, and only of kinds that the simulator knows."""

from local.forecast.trouble import mishaps_of
from local.simulator.faults import Fault

MACHINES = [f"m{number}" for number in range(40)]


def test_the_same_seed_is_the_same_trouble_whatever_the_order_and_another_is_another():
    assert mishaps_of(7, MACHINES) == mishaps_of(7, MACHINES[::-1])
    assert mishaps_of(7, MACHINES) != mishaps_of(8, MACHINES)


def test_jobs_fail_calls_are_refused_a_copy_stands_still_and_the_appliance_is_lost():
    found = mishaps_of(7, MACHINES)
    kinds = {each.fault["kind"] for each in found}

    assert {"job-fails", "throttle", "stalled-replication", "component-unhealthy"} == kinds
    assert all(Fault.model_validate(each.fault) for each in found)
    assert all(each.lasts for each in found if each.fault["times"] is None)


def test_a_plan_of_one_machine_has_its_trouble_too():
    assert mishaps_of(1, ["web1"])
