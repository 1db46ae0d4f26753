"""Recovery plans: what a wave asks of them is something that they can do."""

from collections.abc import Iterator
from datetime import datetime

from shared.plan.actions import Action
from shared.plan.error_messages import quoted
from shared.plan.model import Plan, Wave
from shared.plan.pointers import pointer
from shared.plan.road_sections import seen_from
from shared.plan.rules.names import Firsts
from shared.problems import Fault

Path = tuple[str | int, ...]


def rehearsals_fit(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """A rehearsal as recovery plan rehearses a cutover as recovery plan."""
    for i, wave in enumerate(plan.waves):
        if wave.test.mode == "recoveryPlan" and wave.cutover.mode != "recoveryPlan":
            message = "rehearses a cutover as recovery plan: use `cutover: {mode: recoveryPlan}`, too"
            yield Fault(pointer=pointer(("waves", i, "test", "mode")), message=message)


def actions_fit(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """Actions are those of a recovery plan, each with a name of its own, at a boot group that the wave has."""
    for i, wave in enumerate(plan.waves):
        at: Path = ("waves", i, "cutover", "actions")
        if wave.cutover.actions and wave.cutover.mode != "recoveryPlan":
            yield Fault(pointer=pointer(at), message="are done by recovery plans only: use `mode: recoveryPlan`")
            continue
        first = Firsts()
        for j, action in enumerate(wave.cutover.actions):
            yield from first.fault(f"action {quoted(action.name)}", action.name.lower(), (*at, j, "name"), action.name)
            yield from _action_fits(seen_from(plan, wave), wave, action, (*at, j))


def _action_fits(plan: Plan, wave: Wave, action: Action, at: Path) -> Iterator[Fault]:
    groups = sorted({machine.boot_group for machine in wave.machines})
    if action.boot_group not in groups:
        message = f"no machine of the wave is in boot group {action.boot_group}; it has {', '.join(map(str, groups))}"
        yield Fault(pointer=pointer((*at, "bootGroup")), message=message)
    if "testFailover" in action.during and wave.test.mode != "recoveryPlan":
        message = "machines are rehearsed one by one: use `test: {mode: recoveryPlan}`"
        yield Fault(pointer=pointer((*at, "during")), message=message)
    hosts = plan.source.hyperv if plan.scenario == "hyperv-to-azure" else None
    if action.script is not None and (hosts is None or hosts.vmm is None):  # documented: VMM's library has the scripts
        message = "runs on a VMM server only: use a runbook, or `manual`"
        yield Fault(pointer=pointer((*at, "script")), message=message)
