"""Rolling back restores service on the source, before and after the failover; source and target are never both live."""

import pytest

from tests.e2e.stack_harness import UNATTENDED, machine, nobody, plan, states, waits_at, wave

pytestmark = pytest.mark.timeout(300)
SETTINGS = UNATTENDED

GATES = {"test": "skip", "cutover": "manual"}


def test_before_the_failover_replication_is_kept_and_a_retry_goes_on(field):
    migration = field.start(plan("early", wave("one", "m1", gates=GATES)))
    field.play(migration, nobody("cutover"), until=waits_at("cutover"))
    field.door.command(migration, "rollback", ["m1"], comment="not today")
    back = field.play(migration, nobody("cutover"))
    assert states(back) == {"m1": "ReadyForCutover"}
    assert field.power("m1") == {"m1": "running"}
    assert not [each for each in field.log(operation="*/remove/action") if "early" in each["path"]]
    field.door.command(migration, "retry", ["m1"])
    assert states(field.play(migration)) == {"m1": "Finalized"}


def test_after_the_failover_the_source_serves_again_and_the_target_is_fenced(field):
    gates = {**GATES, "cutover": "auto"}
    wanted = wave("one", "m2", gates=gates, cutover={"mode": "machine"}, acceptance={"timer": "P1D"})
    migration = field.start(plan("late", wanted))
    moved = field.play(migration, nobody("accept"), until=waits_at("accept"))
    assert field.power("m2") == {"m2": "stopped"}
    assert [each.name for each in moved.machines] == ["m2"]
    field.door.command(migration, "rollback", ["m2"], comment="the customers complain")
    back = field.play(migration, nobody("accept"))
    assert states(back) == {"m2": "RolledBack"}
    assert back.migration.outcome == "RolledBack"
    assert field.power("m2") == {"m2": "running"}
    fenced = [
        each for each in field.log(operation="*/virtualMachines/deallocate/action") if "/m2/" in each["path"].lower()
    ]
    assert 1 == len(fenced)


def test_a_machine_that_is_not_verified_goes_back_at_its_deadline_and_nobody_is_asked(field):
    back = {"mode": "machine", "onVerifyFailed": "rollBack", "verifyDeadline": "PT30M"}
    dns = {"name": "dns", "when": "cutover", "script": "#!/bin/bash\necho registered"}
    own = machine("m4", verify=[{"command": "test -f /etc/shop"}], targetScripts=[dns])
    wanted = wave("one", own, "m7", gates={**GATES, "cutover": "auto"}, cutover=back)
    field.checks_end({"vm": "m4", "match": "test -f /etc/shop", "stdout": "azferry-failed"})
    migration = field.start(plan("unverified", wanted))
    ended = field.play(migration)
    assert states(ended) == {"m4": "RolledBack", "m7": "Finalized"}
    assert field.power("m4") == {"m4": "running"}
    ran = [each["effect"] for each in field.log(operation="*/runCommands/write") if "/m4/" in each["path"].lower()]
    assert 1 == len(ran), "its script ran once, however often its checks were tried"
    row = next(each for each in ended.machines if each.name == "m4")
    assert row.downtime_seconds is not None
    assert 1_800 <= row.downtime_seconds < 3_600, "it went back at its deadline, and not long after"
