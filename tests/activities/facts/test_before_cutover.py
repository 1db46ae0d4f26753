"""The target is looked at again before a source is touched: who would fail stays on its source, the others go."""

from collections.abc import Callable
from typing import Any

import pytest

from activities.await_window import begin_cutover, poll_window
from shared.azure import compute
from shared.contracts.cohorts import Cohort
from shared.contracts.rounds import Member
from shared.ledger import events
from shared.problems import Refused
from shared.roads.registry import road_of
from shared.roads.target_names import network_id
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths
from tests.clouds import SUBSCRIPTION, group_id
from tests.ledger_rows import put

READY = MachineState.READY_FOR_CUTOVER
SIZE = "Standard_D2s_v5"
HOUR = 3_600


@pytest.fixture
def ready(ferry: MigrationHarness) -> MigrationHarness:
    """Two machines of a named size that wait for their cutover; all that their plan names is there."""
    return made_ready(ferry, {})


def made_ready(ferry: MigrationHarness, cutover: dict[str, Any]) -> MigrationHarness:
    plan = plan_of("web1", "db1")
    plan["target"]["size"] = SIZE
    plan["waves"][0] |= {"cutover": cutover} if cutover else {}
    ferry.take_in(plan)
    ferry.enlist()
    ferry.furnish_target()
    for name in ("web1", "db1"):
        put(ferry.place(name), state=READY, source={"instanceId": f"i-{name}", "cores": 2})
    return ferry


def cohort(ferry: MigrationHarness, *names: str) -> Cohort:
    members = tuple(Member(name=each) for each in names or ("web1", "db1"))
    poll: Cohort = ferry.look("", "cohort-1", kind=Cohort)
    return poll.replace(wave=WAVE, number=1, machines=members)


def going(poll: Cohort) -> list[str]:
    return [each.name for each in poll_window(poll).machines]


def quota(ferry: MigrationHarness, **row: Any) -> None:
    ferry.cloud.ask("POST", "quotas", [{"location": "westeurope", **row}])


def blocking(ferry: MigrationHarness, name: str) -> list[str]:
    return [each.id for each in ferry.row(name).concerns if each.blocks]


def test_all_go_where_the_target_takes_them(ready: MigrationHarness) -> None:
    assert going(cohort(ready)) == ["web1", "db1"]


def test_as_many_go_as_the_quota_has_room_for(ready: MigrationHarness) -> None:
    quota(ready, name="standardDSv5Family", limit=2)
    assert going(cohort(ready)) == ["web1"]
    row = ready.row("db1")
    assert (row.state, blocking(ready, "db1")) == (READY, ["cores-quota"])
    assert "4 cores are needed, 2 are free" in row.waiting_for
    assert "its source still serves" in row.waiting_for
    assert "held-back-cores-quota" in [each.what for each in events.page(ready.migration)[0]]


def test_what_holds_a_machine_back_that_is_held_already_is_told_through_all_deaths(
    ready: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    quota(ready, name="standardDSv5Family", limit=2)
    assert going(cohort(ready)) == ["web1"]
    ready.cloud.put(compute.vm_id(SUBSCRIPTION, "rg-target", "db1"), properties={"hardwareProfile": {"vmSize": SIZE}})
    ready.cloud.later(HOUR)
    later = cohort(ready, "db1")
    after_many_deaths(dying, lambda: going(later))
    happened = {each.what for each in events.page(ready.migration)[0]}
    assert {"held-back-cores-quota", "held-back-target-name-taken"} <= happened


def test_those_that_are_on_their_way_have_their_room_already(ready: MigrationHarness) -> None:
    quota(ready, name="standardDSv5Family", limit=2)
    put(ready.place("web1"), state=MachineState.CUTTING_OVER)
    assert going(cohort(ready, "db1")) == []


def take_name(ferry: MigrationHarness) -> None:
    ferry.cloud.put(compute.vm_id(SUBSCRIPTION, "rg-target", "WEB1"), properties={"hardwareProfile": {"vmSize": SIZE}})


def fill(ferry: MigrationHarness) -> None:
    """Make the subnet as small as one can be: others have all of its three addresses."""
    subnet = f"{network_id(ferry.plan, test=False)}/subnets/app"
    ferry.cloud.ask("POST", "resources", {"id": subnet, "properties": {"addressPrefix": "10.9.1.0/29"}})
    for number in range(3):
        card = f"{group_id('rg-target')}/providers/Microsoft.Network/networkInterfaces/other{number}"
        address = {"subnet": {"id": subnet}, "privateIPAddress": f"10.9.1.{4 + number}"}
        config = {"id": f"{card}/ipConfigurations/one", "name": "one", "properties": address}
        ferry.cloud.put(card, properties={"ipConfigurations": [config]})


def with_places(ferry: MigrationHarness, capacity: int) -> MigrationHarness:
    """The same machines with a window of few places, open for some hours."""
    window = {"start": "+PT0S", "length": "PT8H", "capacity": capacity}
    return made_ready(ferry, {"windows": [window], "mode": "machine"})


def test_who_is_held_back_keeps_no_place_from_others(ferry: MigrationHarness) -> None:
    take_name(with_places(ferry, 1))
    assert going(cohort(ferry)) == ["db1"], "web1 stands before it, and its name is taken"
    assert going(cohort(ferry, "web1")) == []
    ferry.gone(compute.vm_id(SUBSCRIPTION, "rg-target", "WEB1"))
    with pytest.raises(Refused, match="no room left"):  # the one place is used by now, and it was the only opening
        poll_window(cohort(ferry, "web1"))


def test_who_is_held_back_after_a_long_wait_gives_its_place_back(ferry: MigrationHarness) -> None:
    with_places(ferry, 1)
    assert going(cohort(ferry, "web1")) == ["web1"]
    take_name(ferry)
    ferry.cloud.later(HOUR)
    assert not begin_cutover(cohort(ferry, "web1")).settled
    assert going(cohort(ferry, "web1")) == []
    assert going(cohort(ferry, "db1")) == ["db1"]


def test_a_held_machine_is_told_once_and_not_at_every_look(ready: MigrationHarness) -> None:
    take_name(ready)
    for _ in range(4):
        poll_window(cohort(ready, "web1"))
        ready.cloud.later(300)
    happened = [each.what for each in events.page(ready.migration)[0] if each.what.startswith("held-back-")]
    assert happened == ["held-back-target-name-taken"]


@pytest.mark.parametrize(
    ("concern", "names", "harm"),
    [
        ("network-missing", ["web1", "db1"], lambda ferry: ferry.gone(network_id(ferry.plan, test=False))),
        ("subnet-full", ["web1", "db1"], fill),
        (
            "cache-storage-missing",
            ["web1", "db1"],
            lambda ferry: ferry.gone(road_of(ferry.plan).cache_account(ferry.plan)),
        ),
        ("size-restricted", ["web1", "db1"], lambda ferry: quota(ferry, restrictedSizes=[SIZE])),
        ("target-name-taken", ["web1"], take_name),
    ],
)
def test_what_changed_since_the_assessment_holds_back_whom_it_concerns_until_it_is_put_right(
    ready: MigrationHarness, concern: str, names: list[str], harm: Callable[[MigrationHarness], None]
) -> None:
    harm(ready)
    assert going(cohort(ready)) == [name for name in ("web1", "db1") if name not in names]
    assert {name: concern in blocking(ready, name) for name in ("web1", "db1")} == {
        name: name in names for name in ("web1", "db1")
    }
    assert not poll_window(cohort(ready, *names)).settled
    assert poll_window(cohort(ready, *names)).patience == 300


def test_once_put_right_it_goes_and_the_concern_is_gone(ready: MigrationHarness) -> None:
    quota(ready, name="standardDSv5Family", limit=0)
    assert going(cohort(ready)) == []
    quota(ready, name="standardDSv5Family", limit=100)
    assert going(cohort(ready)) == ["web1", "db1"]
    assert blocking(ready, "web1") == []


def test_what_only_a_rehearsal_needs_holds_nobody_back(ready: MigrationHarness) -> None:
    ready.gone(network_id(ready.plan, test=True))
    assert going(cohort(ready)) == ["web1", "db1"]


def test_a_machine_that_is_down_already_is_not_held_back(ready: MigrationHarness) -> None:
    ready.gone(network_id(ready.plan, test=False))
    down = cohort(ready).machines[0].replace(resume_at="fail_over")
    assert poll_window(cohort(ready).replace(machines=(down,))).machines == (down,)


def test_while_azure_is_busy_nobody_begins_and_the_wait_says_so(ready: MigrationHarness) -> None:
    ready.cloud.fault("server-error", operation="*/usages/read", status=503)
    seen = poll_window(cohort(ready))
    assert (seen.settled, seen.patience) == (False, 60)
    assert "Azure to answer" in ready.row("web1").waiting_for
    assert going(cohort(ready)) == ["web1", "db1"]


def test_what_azure_does_not_tell_holds_nobody_back(ready: MigrationHarness) -> None:
    forbidden = {"status": 403, "code": "AuthorizationFailed", "message": "no"}
    ready.cloud.fault("server-error", operation="*/virtualNetworks/read", times=None, **forbidden)
    assert going(cohort(ready)) == ["web1", "db1"]


def test_who_waited_long_for_a_free_place_is_looked_at_once_more(ready: MigrationHarness) -> None:
    poll = cohort(ready)
    assert poll_window(poll).settled
    ready.gone(network_id(ready.plan, test=False))
    assert begin_cutover(poll).settled, "it was looked at a moment ago"
    ready.cloud.later(3_600)
    assert not begin_cutover(cohort(ready)).settled


GUARD = group_id("rg-target") + "/providers/Microsoft.Network/networkSecurityGroups/guard"
SET = group_id("rg-target") + "/providers/Microsoft.Compute/availabilitySets/pair"


@pytest.fixture
def naming(ferry: MigrationHarness) -> MigrationHarness:
    """The same two machines, whose plan names an availability set for both and a guard for the cards of one."""
    plan = plan_of("web1", "db1")
    plan["target"] |= {"size": SIZE, "availabilitySet": "pair"}
    card = {"securityGroup": "guard", "testSecurityGroup": "guard-of-tests"}
    plan["waves"][0]["machines"][0]["target"] = {"nics": [card]}
    ferry.take_in(plan)
    ferry.enlist()
    ferry.furnish_target()
    for each in (GUARD, SET):
        ferry.cloud.put(each, properties={})
    for name in ("web1", "db1"):
        put(ferry.place(name), state=READY, source={"instanceId": f"i-{name}", "cores": 2})
    return ferry


@pytest.mark.parametrize(
    ("gone", "concern", "left"),
    [(SET, "named-resource-missing", []), (GUARD, "own-resource-missing", ["db1"])],
)
def test_what_a_plan_names_is_looked_up_again_before_a_source_is_touched(
    naming: MigrationHarness, gone: str, concern: str, left: list[str]
) -> None:
    naming.gone(gone)
    assert going(cohort(naming)) == left
    assert blocking(naming, "web1") == [concern]
    assert gone.rpartition("/")[2] in naming.row("web1").waiting_for
    naming.cloud.put(gone, properties={})
    assert going(cohort(naming, "web1")) == ["web1"]


def test_all_go_where_what_they_name_is_there_and_a_guard_of_tests_holds_nobody(naming: MigrationHarness) -> None:
    assert going(cohort(naming)) == ["web1", "db1"]
