"""Behind the proof the target is looked at a last time: who would fail is refused while its source still runs."""

from collections.abc import Callable

import pytest

from activities.quiesce import poll_recovery_point
from shared.problems import Refused
from shared.roads.registry import road_of
from shared.roads.target_names import network_id
from tests.activities.migration_harness import MigrationHarness, plan_of

SIZE = "Standard_D2s_v5"


@pytest.fixture
def rests(ferry: MigrationHarness) -> MigrationHarness:
    """A machine of a named size that replicates, and rests since a day: its proof is there."""
    plan = plan_of("web1")
    plan["target"]["size"] = SIZE
    ferry.begin(plan=plan)
    ferry.prepare()
    ferry.walk("web1", until="quiesce")
    return ferry


def restrict(ferry: MigrationHarness) -> None:
    ferry.cloud.ask("POST", "quotas", [{"location": "westeurope", "restrictedSizes": [SIZE]}])


@pytest.mark.parametrize(
    "harm",
    [
        restrict,
        lambda ferry: ferry.gone(network_id(ferry.plan, test=False)),
        lambda ferry: ferry.gone(road_of(ferry.plan).cache_account(ferry.plan)),
    ],
    ids=["size restricted", "network deleted", "cache account deleted"],
)
def test_what_is_spoilt_while_the_source_rests_is_refused_before_it_is_stopped(
    rests: MigrationHarness, harm: Callable[[MigrationHarness], None]
) -> None:
    look = rests.look("web1", "quiesce", turn=2).replace(newer_than=rests.cloud.now(), first=False)
    rests.cloud.later(3_000)
    harm(rests)
    with pytest.raises(Refused) as refused:
        poll_recovery_point(look.replace(now=rests.cloud.now()))
    assert refused.value.facts.id == "target-would-refuse"
    assert "The source was not stopped" in refused.value.facts.advice


def test_room_that_others_of_its_cohort_take_already_is_not_counted(rests: MigrationHarness) -> None:
    look = rests.look("web1", "quiesce", turn=2).replace(newer_than=rests.cloud.now(), first=False)
    rests.cloud.later(3_000)
    rests.cloud.ask("POST", "quotas", [{"location": "westeurope", "name": "standardDSv5Family", "limit": 1}])
    assert poll_recovery_point(look.replace(now=rests.cloud.now())).settled


def test_a_cache_account_that_is_deleted_while_the_source_rests_is_named(rests: MigrationHarness) -> None:
    look = rests.look("web1", "quiesce", turn=2).replace(newer_than=rests.cloud.now(), first=False)
    rests.cloud.later(3_000)
    account = road_of(rests.plan).cache_account(rests.plan)
    rests.gone(account)
    with pytest.raises(Refused) as refused:
        poll_recovery_point(look.replace(now=rests.cloud.now()))
    assert account.rpartition("/")[2] in refused.value.facts.detail
    instance = rests.ec2().describe_instances(InstanceIds=[rests.instances["web1"]])["Reservations"][0]["Instances"][0]
    assert instance["State"]["Name"] == "running", "its source was not touched"
