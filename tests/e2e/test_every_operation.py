"""Five faults on every operation of a road at once: it costs time and nothing else, on each of three roads."""

from collections import Counter

import pytest

from tests.e2e import test_azure_to_azure as regions
from tests.e2e import test_hyperv as hosts
from tests.e2e.stack_harness import field_in, plan, states, target, wave, world

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1500)]
FIVE = (
    {"kind": "throttle", "retryAfter": 30},
    {"kind": "server-error", "status": 503},
    {"kind": "drop-before"},
    {"kind": "drop-after"},
    {"kind": "server-error", "status": 500},
)
ALONE = {"mode": "machine"}


def from_aws(name, machine):
    return plan(name, wave("one", machine, cutover=ALONE), target=target(f"rsv-{name}"))


def between_regions(name, machine):
    return regions.between(name, wave("one", regions.vm(machine), cutover=ALONE))


def from_hosts(name, machine):
    return hosts.hosted(name, machine, cutover=ALONE)


@pytest.mark.parametrize(
    ("made", "exercised", "first", "second"),
    [
        (world, from_aws, "m1", "m3"),
        (regions.around, between_regions, "vm1", "vm3"),
        (hosts.around, from_hosts, "m1", "m3"),
    ],
    ids=["aws", "regions", "hyperv"],
)
def test_five_faults_on_every_operation_at_once_cost_time_only(tmp_path, made, exercised, first, second):
    with field_in(tmp_path, made()) as field:
        quiet = field.play(field.start(exercised("quiet", first)))
        assert states(quiet) == {first: "Finalized"}
        operations = sorted({each["operation"] for each in field.log() if each["operation"]})
        ordered = {field.fault(**fault, operation=each): each for each in operations for fault in FIVE}
        before = len(field.log())
        picture = field.play(field.start(exercised("rough", second)))
        hits = field.hits()
        struck = Counter(operation for fault, operation in ordered.items() if hits[fault])
        # enabling replication (PUT) and setting an item's details (PATCH) are one operation to Azure's roles
        entries = [each for each in field.log()[before:] if took_effect(each, second)]
        done = Counter((each["method"], each["operation"]) for each in entries)
    took = picture.migration.ended_at - picture.migration.started_at
    calm = quiet.migration.ended_at - quiet.migration.started_at
    print(f"five faults on each of {len(struck)} operations: {picture.migration.outcome}, {took} instead of {calm}")  # noqa: T201
    assert states(picture) == {second: "Finalized"}
    assert len(struck) > len(operations) / 2
    assert dict.fromkeys(struck, len(FIVE)) == dict(struck)
    assert set(done.values()) <= {1}, done


def took_effect(entry, machine):
    """Whether it did something to the machine that may happen once, be its answer lost or not; checks may run again."""
    did = bool(entry["effect"]) and not entry["effect"].startswith("refused")
    return did and machine in entry["path"] and not entry["operation"].endswith("/runCommand/action")
