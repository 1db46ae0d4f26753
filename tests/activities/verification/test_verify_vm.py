"""Verifying a machine in Azure: it boots, its checks pass, and a machine that is gone never passes."""

from collections.abc import Callable
from typing import Any

import pytest

from activities.verification.verify_vm import (
    BOOTS_WITHIN,
    nonce_of,
    poll_boot,
    poll_verification,
    start_verification,
    vm_id,
)
from shared.contracts.requests import Verification
from shared.coordination import operator_intents
from shared.coordination.operator_intents import Skip
from shared.ledger import events
from shared.ledger.evidence import Checked
from shared.ledger.machine_context import machine_context
from shared.ledger.serving import Outage, Serving, down
from shared.problems import Busy, Refused
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths, effects, patiently

RUN = "*/runCommand/action"
PHASE = "verify_test_vm"


@pytest.fixture
def synced(ferry: MigrationHarness) -> MigrationHarness:
    """A machine that replicates; a service and a command are looked at."""
    plan = plan_of("web1")
    plan["waves"][0]["verify"] = [{"service": "nginx"}, {"command": "test -f /etc/shop", "timeout": "PT10M"}]
    ferry.begin(plan=plan)
    ferry.prepare()
    ferry.walk("web1", until="start_test_failover")
    return ferry


@pytest.fixture
def tested(synced: MigrationHarness) -> MigrationHarness:
    """A machine whose test copy is up."""
    synced.walk("web1", until=PHASE)
    return synced


def look(ferry: MigrationHarness, **more: Any) -> Verification:
    poll: Verification = ferry.look("web1", PHASE, kind=Verification, test=True, **more)
    return poll


def booted(ferry: MigrationHarness) -> None:
    patiently(ferry, "poll_boot", look(ferry))
    ferry.cloud.later(300)
    assert poll_boot(look(ferry)).settled


def test_it_settles_when_the_agent_is_ready(tested: MigrationHarness, dying: Callable[..., Dying]) -> None:
    tested.cloud.later(600)
    poll = look(tested)
    assert after_many_deaths(dying, lambda: poll_boot(poll)).settled
    assert tested.row("web1").test_vm_id.endswith("/web1-test")


def test_one_that_never_boots_is_told_with_its_console(synced: MigrationHarness) -> None:
    synced.cloud.ask("PATCH", "machines/web1", {"boot": "fails", "bootLog": "Kernel panic - not syncing"})
    synced.walk("web1", until=PHASE)
    poll = look(synced)
    assert not poll_boot(poll).settled
    synced.cloud.later(BOOTS_WITHIN.total_seconds() + 60)
    with pytest.raises(Refused, match=r"did not boot.*Kernel panic") as refused:
        poll_boot(poll.replace(now=synced.cloud.now()))
    assert refused.value.facts.id == "not-booted"


def silent(ferry: MigrationHarness, **changes: Any) -> None:
    """Let the machine's copies boot without an agent that answers."""
    ferry.cloud.ask("PATCH", "machines/web1", {"boot": "agent-not-ready", **changes})
    ferry.walk("web1", until=PHASE)


def test_one_that_runs_without_its_agent_is_not_told_as_one_that_does_not_boot(synced: MigrationHarness) -> None:
    silent(synced)
    poll = look(synced)
    assert not poll_boot(poll).settled
    synced.cloud.later(BOOTS_WITHIN.total_seconds() + 60)
    with pytest.raises(Refused, match=r"runs in Azure, its console asks to sign in, but its VM agent") as refused:
        poll_boot(poll.replace(now=synced.cloud.now()))
    assert refused.value.facts.id == "agent-silent"
    assert "The boot is well" in refused.value.facts.advice
    assert "mend the source" not in refused.value.facts.advice


def test_of_a_migrated_machine_that_runs_without_its_agent_nobody_can_tell_whether_it_serves(
    synced: MigrationHarness,
) -> None:
    silent(synced)
    shut = synced.cloud.now()
    copy = vm_id(machine_context(synced.place("web1", PHASE)), test=True)
    synced.stands("web1", target_vm_id=copy, service=down(shut))
    poll = look(synced).replace(test=False)
    synced.cloud.later(BOOTS_WITHIN.total_seconds() + 60)
    with pytest.raises(Refused, match="its VM agent"):
        poll_boot(poll.replace(now=synced.cloud.now()))
    service = synced.row("web1").service
    assert (service.at, service.since) == (Serving.UNKNOWN, synced.cloud.now())
    assert service.outage == Outage(began=shut), "its outage goes on until it is seen to serve"


@pytest.fixture
def unchecked(ferry: MigrationHarness) -> MigrationHarness:
    """A Linux machine from outside Azure of which nothing is looked at inside: it needs no agent."""
    plan = plan_of("web1")
    plan["waves"][0]["verify"] = [{"tcp": 10022}]
    ferry.begin(plan=plan)
    ferry.prepare()
    ferry.walk("web1", until="start_test_failover")
    return ferry


def test_where_site_recovery_brings_no_agent_the_console_speaks(unchecked: MigrationHarness) -> None:
    silent(unchecked)
    unchecked.cloud.later(300)
    assert poll_boot(look(unchecked)).settled
    texts = " ".join(each.text for each in events.page(unchecked.migration, machine="web1")[0])
    assert "its console asks to sign in; no agent answers, and none is needed" in texts


def test_a_console_that_ends_in_trouble_is_no_boot(unchecked: MigrationHarness) -> None:
    silent(unchecked, bootLog="web1 login:\nKernel panic - not syncing\n")
    unchecked.cloud.later(300)
    assert not poll_boot(look(unchecked)).settled


def test_checks_from_outside_run_nothing_inside(unchecked: MigrationHarness) -> None:
    silent(unchecked)
    unchecked.cloud.later(300)
    sent = start_verification(look(unchecked))
    assert poll_verification(look(unchecked, job=sent.job)).settled
    assert effects(unchecked, RUN) == []


def test_the_checks_pass(tested: MigrationHarness) -> None:
    booted(tested)
    sent = start_verification(look(tested))
    poll = look(tested, job=sent.job)
    assert not poll_verification(poll).settled
    tested.cloud.later(60)
    done = poll.replace(now=tested.cloud.now())
    for _ in range(2):
        assert poll_verification(done).settled
    row = tested.row("web1")
    assert (row.evidence.verification_test, row.scripts) == (Checked.PASSED, {}), (
        "the script's signed address is not kept"
    )


def test_sending_the_checks_outlives_deaths(tested: MigrationHarness, dying: Callable[..., Dying]) -> None:
    booted(tested)
    poll = look(tested)
    sent = after_many_deaths(dying, lambda: patiently(tested, "start_verification", poll))
    tested.cloud.later(600)
    done = look(tested, job=sent.job)
    assert after_many_deaths(dying, lambda: patiently(tested, "poll_verification", done)).settled


def test_services_may_take_a_while_then_what_failed_is_named(tested: MigrationHarness) -> None:
    booted(tested)
    passed = f"azferry-ok {nonce_of(look(tested))} 1"
    outcome = {"vm": "web1-test", "match": "azferry", "stdout": passed, "stderr": "nginx: no"}
    tested.cloud.ask("POST", "outcomes", [outcome])
    poll = look(tested, job=start_verification(look(tested)).job)
    for _ in range(7):
        tested.cloud.later(60)
        assert not poll_verification(poll.replace(now=tested.cloud.now())).settled
    assert len(effects(tested, RUN)) > 2, "it was asked again"
    tested.cloud.later(240)
    with pytest.raises(Refused, match="the test of web1 failed its checks: service nginx") as refused:
        tested.ask("poll_verification", poll.replace(now=tested.cloud.now()))
    assert refused.value.facts.id == "verification-failed"


def test_a_machine_that_vanished_does_not_pass(tested: MigrationHarness) -> None:
    booted(tested)
    vm = tested.row("web1").test_vm_id
    tested.cloud.ask("DELETE", f"resources?id={vm}")
    for act in (
        lambda: start_verification(look(tested)),
        lambda: poll_verification(look(tested, job="verificationTest")),
    ):
        with pytest.raises(Refused, match="the machine is gone"):
            act()


def test_a_busy_agent_is_waited_for(tested: MigrationHarness) -> None:
    booted(tested)
    start_verification(look(tested))
    with pytest.raises(Busy):
        tested.ask("start_verification", look(tested))


@pytest.mark.parametrize("phase", ["verify_test_vm", "start_test_failover"])
def test_a_skipped_verification_settles_at_any_time(tested: MigrationHarness, phase: str) -> None:
    operator_intents.request_skip(Skip(migration=tested.migration, machine="web1", phase=phase, by="ann"))
    assert poll_boot(look(tested)).settled
    assert start_verification(look(tested)).job == ""
    assert poll_verification(look(tested, job="verificationTest")).settled
    assert effects(tested, RUN) == []
