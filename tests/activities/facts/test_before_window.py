"""While machines wait for their window the facts are read again: what changed is told with both values, in time to act."""

from collections.abc import Callable

import pytest

from activities.await_window import poll_window
from activities.facts.before_window import AHEAD
from shared.contracts.cohorts import Cohort, WindowPollResult
from shared.contracts.rounds import Member
from shared.ledger import events
from shared.roads.registry import road_of
from shared.roads.target_names import network_id
from shared.states import MachineState
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of
from tests.ledger_rows import put

HOUR = 3_600
SIZE = "Standard_D2s_v5"


@pytest.fixture
def waiting(ferry: MigrationHarness) -> MigrationHarness:
    """Two machines, assessed, whose window opens ten hours later."""
    plan = plan_of("web1", "db1")
    plan["target"]["size"] = SIZE
    plan["waves"][0]["cutover"] = {"windows": [{"start": "+PT10H", "length": "PT2H"}], "mode": "machine"}
    ferry.begin(plan=plan)
    ferry.prepare(until="prepare_vault")
    for name in ("web1", "db1"):
        put(ferry.place(name), state=MachineState.READY_FOR_CUTOVER)
    return ferry


def looked(ferry: MigrationHarness) -> WindowPollResult:
    poll: Cohort = ferry.look("", "cohort-1", kind=Cohort)
    return poll_window(poll.replace(wave=WAVE, number=1, machines=(Member(name="web1"), Member(name="db1"))))


def texts_of(ferry: MigrationHarness, machine: str) -> list[str]:
    """The texts of what was found about a machine, and of what was put right, oldest first."""
    page = events.page(ferry.migration, size=1_000)[0]
    return [each.text for each in page if each.machine == machine and each.what.startswith(("changed-", "settled-"))]


def found(ferry: MigrationHarness, machine: str) -> set[str]:
    ids = {each.id for each in ferry.row(machine).concerns}
    return ids & {"source-drifted", "source-changed", "cores-quota", "network-missing", "cache-storage-missing"}


def quota(ferry: MigrationHarness, limit: int) -> None:
    ferry.cloud.ask("POST", "quotas", [{"location": "westeurope", "name": "standardDSv5Family", "limit": limit}])


def sources_listed(ferry: MigrationHarness) -> int:
    return len(ferry.cloud.log("*/usages/read"))


def test_where_nothing_changed_nothing_is_said(waiting: MigrationHarness) -> None:
    assert not looked(waiting).settled
    assert (texts_of(waiting, "web1"), found(waiting, "web1")) == ([], set())
    assert "could not be cut over" not in waiting.row("web1").waiting_for


def test_it_is_read_at_once_and_four_hours_and_one_hour_before_the_opening(waiting: MigrationHarness) -> None:
    waits = []
    for _ in range(3):
        before = sources_listed(waiting)
        seen = looked(waiting)
        assert sources_listed(waiting) == before + 1
        waits.append(round(seen.patience / HOUR))
        waiting.cloud.later(seen.patience)
    assert waits == [6, 3, 1]
    assert looked(waiting).settled
    assert [lead.total_seconds() / HOUR for lead in AHEAD] == [4, 1]


def test_a_look_a_moment_later_costs_no_reading(waiting: MigrationHarness) -> None:
    looked(waiting)
    before = sources_listed(waiting)
    waiting.cloud.later(60)
    looked(waiting)
    assert sources_listed(waiting) == before


def test_a_source_that_was_stopped_is_told_before_its_window_and_settled_when_it_runs(
    waiting: MigrationHarness,
) -> None:
    instance = waiting.instances["web1"]
    waiting.ec2().stop_instances(InstanceIds=[instance])
    looked(waiting)
    assert found(waiting, "web1") == {"source-drifted"}
    assert "could not be cut over now" in texts_of(waiting, "web1")[0]
    assert "It could not be cut over now" in waiting.row("web1").waiting_for
    assert "it is stop" in waiting.row("web1").waiting_for
    assert found(waiting, "db1") == set()
    waiting.ec2().start_instances(InstanceIds=[instance])
    waiting.cloud.later(HOUR)
    looked(waiting)
    assert found(waiting, "web1") == set()
    assert "put right" in texts_of(waiting, "web1")[-1]
    assert "could not be cut over" not in waiting.row("web1").waiting_for


def test_a_change_that_its_copy_follows_is_a_warning_with_both_values(waiting: MigrationHarness) -> None:
    waiting.ec2().create_tags(Resources=[waiting.instances["web1"]], Tags=[{"Key": "owner", "Value": "ann"}])
    looked(waiting)
    (text,) = texts_of(waiting, "web1")
    assert "owner=ann" in text
    assert ", now " in text
    assert found(waiting, "web1") == {"source-changed"}
    assert "could not be cut over" not in waiting.row("web1").waiting_for


def test_what_stays_is_told_once(waiting: MigrationHarness) -> None:
    waiting.ec2().stop_instances(InstanceIds=[waiting.instances["web1"]])
    for _ in range(3):
        looked(waiting)
        waiting.cloud.later(HOUR)
    assert len(texts_of(waiting, "web1")) == 1


@pytest.mark.parametrize("concern", ["cores-quota", "network-missing", "cache-storage-missing"])
def test_what_changed_at_the_target_is_told_with_how_it_stood_at_the_assessment(
    waiting: MigrationHarness, concern: str
) -> None:
    if concern == "cores-quota":
        quota(waiting, 1)
    elif concern == "network-missing":
        waiting.gone(network_id(waiting.plan, test=False))
    else:
        waiting.gone(road_of(waiting.plan).cache_account(waiting.plan))
    looked(waiting)
    (text,) = texts_of(waiting, "web1")
    was = "were free" if concern == "cores-quota" else "it was there"
    assert "at the assessment" in text
    assert was in text
    assert concern in found(waiting, "web1")
    assert not any(each.blocks for each in waiting.row("web1").concerns if each.id == "source-drifted")


@pytest.mark.parametrize("operation", ["*/usages/read", "*/virtualNetworks/read"])
def test_while_azure_is_busy_it_is_read_again_soon_and_the_wait_goes_on(
    waiting: MigrationHarness, operation: str
) -> None:
    waiting.cloud.fault("server-error", operation=operation, status=503)
    assert looked(waiting).patience == 2 * 3600
    assert "the cutover window, which opens at" in waiting.row("web1").waiting_for
    quota(waiting, 1)
    looked(waiting)
    assert "cores-quota" in found(waiting, "web1")
    waiting.cloud.later(7 * 3600)
    waiting.cloud.fault("server-error", operation=operation, status=503)
    assert looked(waiting).patience == 900, "in the last hours it is tried again soon"


# --- what it costs: counted requests ---------------------------------------------------------------------------------------

TEN_HOURS = {"windows": [{"start": "+PT10H", "length": "PT2H"}], "mode": "machine"}
AT_ONCE = {"mode": "machine"}
MOST = 6  # requests of one reading to Azure


def prepared(ferry: MigrationHarness, names: tuple[str, ...], cutover: dict[str, object]) -> Cohort:
    plan = plan_of(*names)
    plan["target"]["size"] = "Standard_D2s_v5"
    plan["waves"][0]["cutover"] = cutover
    ferry.begin(plan=plan)
    ferry.prepare(until="prepare_vault")
    for name in names:
        put(ferry.place(name), state=MachineState.READY_FOR_CUTOVER)
    poll: Cohort = ferry.look("", "cohort-1", kind=Cohort)
    return poll.replace(wave=WAVE, number=1, machines=tuple(Member(name=each) for each in names))


def requests(ferry: MigrationHarness, act: Callable[[], object]) -> list[str]:
    before = len(ferry.cloud.log())
    act()
    return [f"{each['method']} {each['operation']}" for each in ferry.cloud.log()[before:]]


@pytest.mark.parametrize("cutover", [TEN_HOURS, AT_ONCE], ids=["while its window is waited for", "as it begins"])
@pytest.mark.parametrize("names", [("a1",), ("a1", "a2", "a3", "a4", "a5", "a6")], ids=["alone", "six"])
def test_one_reading_serves_all_that_wait_and_costs_few_requests(
    ferry: MigrationHarness, names: tuple[str, ...], cutover: dict[str, object]
) -> None:
    poll = prepared(ferry, names, cutover)
    made = requests(ferry, lambda: poll_window(poll))
    assert 0 < len(made) <= MOST, made
    assert all(each.startswith("GET") for each in made)


def test_a_look_that_follows_within_a_quarter_of_an_hour_costs_nothing(ferry: MigrationHarness) -> None:
    poll = prepared(ferry, ("a1", "a2"), TEN_HOURS)
    poll_window(poll)
    ferry.cloud.later(600)
    assert requests(ferry, lambda: poll_window(poll.replace(now=ferry.cloud.now()))) == []
