"""Set replication policy: the policy and its mapping are adopted when they are there, else created."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.azure import clients
from shared.contracts.requests import Poll, Submitted
from shared.coordination import waits
from shared.plan.model import Plan
from shared.problems import Busy, CloudRefused
from shared.roads.replication_policy import policy_name
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.clouds import VAULT

POLICIES, MAPPINGS = "*replicationPolicies/write", "*ContainerMappings/write"


@pytest.fixture
def registered(begun: MigrationHarness) -> MigrationHarness:
    """A migration whose appliance is healthy and that has no policy yet."""
    begun.prepare(until="set_replication_policy")
    return begun


def looking(ferry: MigrationHarness, what: str = "policy") -> Poll:
    look: Poll = ferry.look(phase="set_replication_policy", tag=f"ensure_{what}")
    return look


def ensure(ferry: MigrationHarness, what: str, look: Poll | None = None) -> Submitted:
    submitted = ferry.ask(f"ensure_{what}", look or looking(ferry, what))
    assert isinstance(submitted, Submitted)
    return submitted


def with_policy(ferry: MigrationHarness) -> None:
    assert ferry.cloud.ends(ensure(ferry, "policy").job).succeeded


def followed(ferry: MigrationHarness) -> set[str]:
    """The jobs that somebody waits for."""
    return {wait.subject for wait in waits.of_migration(ferry.migration) if wait.kind == waits.WaitKind.JOB}


def name(ferry: MigrationHarness) -> str:
    assert ferry.plan
    return policy_name(ferry.plan)


def test_a_policy_has_the_plans_settings_and_its_job_is_waited_for(registered: MigrationHarness) -> None:
    submitted = ensure(registered, "policy")
    assert submitted.job in followed(registered)
    assert registered.cloud.ends(submitted.job).succeeded
    policies = clients.site_recovery(VAULT.subscription).replication_policies
    details = policies.get(*VAULT.place, name(registered)).properties.provider_specific_details
    assert details.instance_type == "InMageRcm"
    assert details.recovery_point_history_in_minutes == 24 * 60
    assert details.app_consistent_frequency_in_minutes == 60


def test_a_policy_that_is_there_is_adopted(registered: MigrationHarness) -> None:
    with_policy(registered)
    assert ensure(registered, "policy").job == ""
    assert len(registered.effects(POLICIES)) == 1


def test_other_settings_are_another_policy(ferry: MigrationHarness) -> None:
    first, other = (
        Plan.model_validate(plan_of("web1", policy={"recoveryPointRetention": kept})) for kept in ("PT24H", "PT72H")
    )
    assert policy_name(first) != policy_name(other)
    assert policy_name(first) == policy_name(first.model_copy(update={"description": "the same policy"}))


def test_the_appliances_container_is_mapped_with_the_policy(registered: MigrationHarness) -> None:
    with_policy(registered)
    submitted = ensure(registered, "mapping")
    assert registered.cloud.ends(submitted.job).succeeded
    assert ensure(registered, "mapping").job == ""
    assert len(registered.effects(MAPPINGS)) == 1


def test_a_mapping_waits_for_a_policy_that_does_not_show_yet(registered: MigrationHarness) -> None:
    with pytest.raises(Busy):
        ensure(registered, "mapping")


@pytest.mark.parametrize(("what", "operation"), [("policy", POLICIES), ("mapping", MAPPINGS)])
class TestEither:
    """What holds for the policy and for its mapping."""

    @pytest.fixture
    def ready(self, registered: MigrationHarness, what: str) -> MigrationHarness:
        if what == "mapping":
            with_policy(registered)
        return registered

    def test_asked_again_while_its_job_runs_it_follows_that_job(
        self, ready: MigrationHarness, what: str, operation: str
    ) -> None:
        look = looking(ready, what)
        assert ensure(ready, what, look) == ensure(ready, what, look)
        assert len(ready.effects(operation)) == 1

    @pytest.mark.parametrize("kind", ["drop-before", "drop-after"])
    def test_a_lost_connection_leaves_one_job(
        self, ready: MigrationHarness, what: str, operation: str, kind: str
    ) -> None:
        ready.cloud.fault(kind, operation=operation)
        look = looking(ready, what)
        with pytest.raises(Busy):
            ensure(ready, what, look)
        submitted = ensure(ready, what, look)
        assert len(ready.effects(operation)) == 1
        assert ready.cloud.ends(submitted.job).succeeded
        assert submitted.job in followed(ready)

    @pytest.mark.parametrize(("write", "after"), [(1, True), (2, False), (2, True), (3, True)])
    def test_dying_around_any_write_leaves_one_job_that_is_waited_for(
        self, ready: MigrationHarness, dying: Callable[..., Dying], what: str, operation: str, write: int, after: bool
    ) -> None:
        look = looking(ready, what)
        with dying(write, after=after) as death:
            ensure(ready, what, look)
        assert death.came
        submitted = ensure(ready, what, look)
        assert submitted.job
        assert len(ready.effects(operation)) == 1
        assert submitted.job in followed(ready)

    def test_a_job_that_failed_is_not_followed_by_a_retry(
        self, ready: MigrationHarness, what: str, operation: str
    ) -> None:
        ready.cloud.fault("job-fails", code="539", message="it broke", possibleCauses="a glitch")
        assert not ready.cloud.ends(ensure(ready, what).job).succeeded
        again: Any = looking(ready, what).replace(round=2)
        assert ready.cloud.ends(ensure(ready, what, again).job).succeeded
        assert len(ready.effects(operation)) == 2

    def test_what_azure_refuses_reaches_the_operator(self, ready: MigrationHarness, what: str, operation: str) -> None:
        ready.cloud.fault("server-error", operation=operation, status=400, code="BadPolicy", message="not so")
        with pytest.raises(CloudRefused) as raised:
            ensure(ready, what)
        assert raised.value.facts.code == "BadPolicy"

    def test_a_busy_azure_is_asked_again_later(self, ready: MigrationHarness, what: str, operation: str) -> None:
        ready.cloud.fault("throttle", operation=operation, retryAfter=17)
        with pytest.raises(Busy):
            ensure(ready, what)
