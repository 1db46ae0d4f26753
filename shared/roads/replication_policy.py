"""What the replication policy of a plan is called and holds."""

from datetime import timedelta

from shared import ids
from shared.plan.model import Plan
from shared.roads.registry import road_of
from shared.site_recovery.provider import PolicySettings


def settings_of(plan: Plan) -> PolicySettings:
    """Give the policy's settings in whole minutes."""

    def minutes(length: timedelta) -> int:
        return int(length.total_seconds() // 60)

    return PolicySettings(
        retention=minutes(plan.policy.recovery_point_retention),
        crash_consistent_every=minutes(plan.policy.crash_consistent_every),
        app_consistent_every=minutes(plan.policy.app_consistent_every),
        multi_vm_sync=plan.policy.multi_vm_sync,
    )


def policy_name(plan: Plan) -> str:
    """Give the policy's name: one for each set of settings of a provider."""
    # a policy without groups is named as before there were groups: running migrations find theirs
    without = set() if plan.policy.multi_vm_sync else {"multi_vm_sync"}
    return ids.policy_name(
        plan.name, f"{road_of(plan).provider.name} {settings_of(plan).model_dump_json(exclude=without)}"
    )
