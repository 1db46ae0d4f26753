"""A fault in each phase: the state that it leaves, what the operator is told, and a retry that finishes the migration."""

import pytest

from tests.e2e.stack_harness import nobody, plan, states, target, waits_at, wave
from tests.e2e.troubles import REFUSAL, SOURCE_SERVES, Night, is_told, words_of_job

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]
AS_RECORDED = True

IN_THE_WORLD = 20
FAILED, FINALIZED, DECOMMISSIONED = "Failed", "Finalized", "Decommissioned"
STILL_SERVES = {"complete_migration": "CutOver", "decommission_source": FINALIZED}
MACHINES = tuple(f"m{number}" for number in range(1, 19) if number != 16)


def stalls(picture):
    return any(each.name == "m4" and "no progress" in each.waiting_for for each in picture.machines)


def test_each_machine_fails_in_another_phase_and_retries_finish_them_all(field):
    night = Night(field, MACHINES)
    sick = night.break_everything()
    migration = field.start(night.plan())
    waiting = field.play(
        migration, nobody("cutover", "alone"), until=lambda seen: stalls(seen) and waits_at("cutover")(seen)
    )
    assert states(waiting)["m4"] == "InitialSync"
    assert "replication-stalled" in field.what(migration, "m4")
    field.mend(sick)
    night.break_the_cutover()
    night.break_the_stop(migration)
    failed = field.play(migration)
    assert failed.migration.outcome == "PartiallySucceeded"
    troubled = [each for each in failed.machines if each.problem]
    assert {each.name: each.failed_in for each in troubled} == night.phases()
    for name in troubled:
        is_told(name, migration)
        assert name.state == STILL_SERVES.get(name.failed_in, FAILED)
    assert set(field.power(*SOURCE_SERVES).values()) == {"running"}
    assert [states(failed)[name] for name in ("m4", "m13")] == [DECOMMISSIONED, DECOMMISSIONED]

    night.mend()
    field.door.command(migration, "skip", machine="m18", phase="await_window", comment="the window was missed")
    field.door.command(migration, "retry", sorted(night.phases().keys() - {"m9"}))
    halfway = field.play(migration)
    assert {name for name, state in states(halfway).items() if state != DECOMMISSIONED} == {"m9"}
    field.door.command(migration, "retry")  # its copy had to catch up first
    finished = field.play(migration)
    assert states(finished) == dict.fromkeys(MACHINES, DECOMMISSIONED)
    assert finished.migration.outcome == "Succeeded"
    assert set(field.power(*MACHINES).values()) == {"terminated"}


def fill_up(field, group):
    """Put as many rules into a security group as EC2 allows."""
    rules = [{"CidrIp": f"192.0.2.{number}/32"} for number in range(60)]
    permission = {"IpProtocol": "tcp", "FromPort": 9, "ToPort": 9, "IpRanges": rules}
    field.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    return {"GroupId": group, "IpPermissions": [permission]}


def group_of_appliance(field):
    found = field.ec2.describe_instances(InstanceIds=[field.ids["ferry-appliance"]])["Reservations"]
    return found[0]["Instances"][0]["SecurityGroups"][0]["GroupId"]


def stopped_in(phase, picture, code):
    """The whole plan stopped there, and says so at the migration and at its machine."""
    [seen] = picture.machines
    assert (picture.migration.outcome, seen.state, seen.failed_in) == (FAILED, FAILED, phase)
    assert seen.problem.code == picture.migration.problem.code == code
    assert seen.problem.advice
    assert seen.waiting_for == seen.problem.advice
    return seen.problem


def test_a_plan_that_fails_in_each_of_its_own_phases_gets_through_by_retries(field):
    unread = field.fault("server-error", operation="Microsoft.Compute/locations/usages/read", **REFUSAL)
    field.fault("server-error", operation="Microsoft.RecoveryServices/vaults/write", **REFUSAL)
    full = fill_up(field, group_of_appliance(field))
    never = field.fault("appliance-never-registers", times=None)
    gates = {"test": "skip", "cutover": "auto"}
    migration = field.start(plan("unlucky", wave("one", "m19", gates=gates), target=target("rsv-unlucky")))

    problem = stopped_in("prepare_vault", field.play(migration), "AuthorizationFailed")
    assert "The app has no right to that." in problem.detail
    assert field.hits()[unread] == 1
    seen = field.door.look(migration)
    unknown = [each for each in (*seen.migration.concerns, *seen.machines[0].concerns) if each.id == "fact-unknown"]
    assert {each.category for each in unknown if "usages" in each.evidence} == {"warning"}

    field.door.command(migration, "retry")
    stopped_in("open_security_groups", field.play(migration), "RulesPerSecurityGroupLimitExceeded")
    field.ec2.revoke_security_group_ingress(**full)

    field.door.command(migration, "retry")
    waiting = field.play(migration, nobody("check-appliance"), until=waits_at("check-appliance"))
    [gate] = waiting.gates
    assert "ports 443 and 9443" in gate.text
    assert gate.text == waiting.migration.waiting_for
    assert f"confirm {migration} --gate check-appliance" in waiting.migration.release
    field.mend(never)

    field.fault("job-fails", scenario="AddProtectionProfile", **words_of_job("m19"))
    field.fault("job-fails", scenario="AssociateProtectionProfile", **words_of_job("m19"))
    for _ in ("its policy", "its mapping"):
        problem = stopped_in("set_replication_policy", field.play(migration), words_of_job("m19")["code"])
        assert (problem.causes, problem.advice) == (
            words_of_job("m19")["possibleCauses"],
            words_of_job("m19")["recommendedAction"],
        )
        field.door.command(migration, "retry")
    finished = field.play(migration)
    assert states(finished) == {"m19": FINALIZED}
    assert finished.migration.outcome == "Succeeded"
