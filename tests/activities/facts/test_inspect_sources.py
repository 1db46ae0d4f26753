"""Inspection: what only a look inside a machine tells is looked at before anything is changed, 50 machines a command."""

from collections.abc import Callable
from typing import Any

import pytest

from activities.facts.inspection_commands import HALVED_AT_MOST
from activities.facts.reassessment import read_before
from local.world.build import build
from local.world.derive import derive
from shared.concerns.source_facts import SourceFacts
from shared.contracts.inspections import Inspecting, Inspection
from shared.contracts.requests import Poll
from shared.ledger import events, migrations
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths

ON_XEN = {"type": "m4.large"}


def world(ferry: MigrationHarness, plan: dict[str, Any] | None = None, **changes: Any) -> None:
    """Begin with one machine, web1, that differs from a sound one."""
    document = plan or plan_of("web1")
    made = derive(document)
    instances = tuple(each.model_copy(update=changes) if each.name == "web1" else each for each in made.aws.instances)
    ferry.world = made.model_copy(update={"aws": made.aws.model_copy(update={"instances": instances})})
    ferry.instances = dict(build(ferry.world, ferry.places))
    ferry.take_in(document)


def assess(ferry: MigrationHarness) -> None:
    ferry.play("assess", ferry.place(phase="assess"))


def facts(ferry: MigrationHarness) -> SourceFacts:
    return ferry.row("web1").source


def concerns(ferry: MigrationHarness) -> dict[str, str]:
    return {each.id: each.evidence for each in ferry.row("web1").concerns}


def changed(ferry: MigrationHarness) -> list[str]:
    """What was changed in Azure."""
    return ferry.effects("*/write")


def inspections(ferry: MigrationHarness) -> list[dict[str, Any]]:
    return [each for each in ferry.commands(looks=True) if "inspect-" in each["Comment"]]


def test_red_hat_drivers_are_seen_inside_and_stop_the_machine_before_anything_is_changed(
    ferry: MigrationHarness,
) -> None:
    world(ferry, image="windows-2016-redhat-pv", **ON_XEN)
    assess(ferry)
    assert ferry.row("web1").state == MachineState.FAILED
    assert "RedHat PV NIC Device 1.0" in concerns(ferry)["redhat-pv-drivers"]
    assert changed(ferry) == []


def test_windows_2008_r2_without_its_service_pack_is_told_by_the_build_that_its_agent_reports(
    ferry: MigrationHarness,
) -> None:
    world(ferry, image="windows-2008-r2-no-sp", type="t3.large")  # on Nitro: nothing is inspected
    assess(ferry)
    assert ferry.row("web1").state == MachineState.FAILED
    assert "6.1.7600" in concerns(ferry)["windows-too-old"]
    assert inspections(ferry) == []
    assert changed(ferry) == []


def test_a_sound_old_windows_goes_on_and_its_drivers_are_kept(ferry: MigrationHarness) -> None:
    world(ferry, image="windows-2008-r2", **ON_XEN)
    assess(ferry)
    seen = facts(ferry)
    assert (seen.pv_drivers, seen.service_pack, seen.drivers) == ("citrix", 1, ("Citrix PV Device 7.2",))
    assert {"redhat-pv-drivers", "pv-drivers-missing", "windows-too-old"} & set(concerns(ferry)) == set()


def test_an_old_windows_without_any_such_driver_is_stopped(ferry: MigrationHarness) -> None:
    world(ferry, image="windows-2008-r2", drivers=(), **ON_XEN)
    assess(ferry)
    assert "pv-drivers-missing" in concerns(ferry)


def test_where_the_plan_forbids_it_nothing_is_run_and_how_to_look_is_told(ferry: MigrationHarness) -> None:
    plan = plan_of("web1")
    plan["source"]["aws"]["inspect"] = False
    world(ferry, plan, image="windows-2016-redhat-pv", **ON_XEN)
    assess(ferry)
    assert ferry.commands(looks=True) == []
    assert facts(ferry).pv_drivers is None
    assert "drivers-unknown" in str(said_of_plan(ferry))


def said_of_plan(ferry: MigrationHarness) -> list[str]:
    row = migrations.get(ferry.migration)
    return [each.id for each in row.concerns] if row else []


@pytest.mark.parametrize("result", ["failure", "timeOut", "undeliverable"])
def test_an_inspection_that_fails_leaves_it_unknown_and_the_migration_goes_on(
    ferry: MigrationHarness, result: str
) -> None:
    world(ferry, image="windows-2016-redhat-pv", **ON_XEN)
    ferry.ssm("PUT", f"instances/{ferry.instances['web1']}/outcomes", [{"match": "Win32", "result": result}])
    assess(ferry)
    assert facts(ferry).pv_drivers is None
    assert "drivers-unknown" in said_of_plan(ferry)


def begin(ferry: MigrationHarness) -> Inspecting:
    began = ferry.ask("start_inspection", looking(ferry))
    assert isinstance(began, Inspecting)
    return began


def looking(ferry: MigrationHarness) -> Poll:
    look: Poll = ferry.look(phase="assess")
    return look


def test_dying_around_the_sending_sends_each_command_once(ferry: MigrationHarness, dying: Callable[..., Dying]) -> None:
    world(ferry, image="windows-2008-r2", **ON_XEN)
    for step in ("read_sources", "read_target"):
        ferry.ask(step, ferry.place(phase="assess"))
    poll = looking(ferry)
    began = after_many_deaths(dying, lambda: ferry.ask("start_inspection", poll))
    assert sorted(each["CommandId"] for each in ferry.commands(looks=True)) == sorted(
        each.command for each in began.sent
    )
    assert len(began.sent) == 2, "one for the machine, one for the server"


def test_it_waits_for_the_slowest_and_not_longer_than_ten_minutes(ferry: MigrationHarness) -> None:
    world(ferry, image="windows-2016-redhat-pv", **ON_XEN)
    slow = [{"match": "Win32", "duration": "PT20M"}]
    ferry.ssm("PUT", f"instances/{ferry.instances['web1']}/outcomes", slow)
    for step in ("read_sources", "read_target"):
        ferry.ask(step, ferry.place(phase="assess"))
    poll = ferry.look(phase="assess", kind=Inspection, sent=begin(ferry).sent)
    ferry.cloud.later(60)
    assert not ferry.ask("poll_inspection", poll.replace(now=ferry.cloud.now())).settled
    ferry.cloud.later(600)
    assert ferry.ask("poll_inspection", poll.replace(now=ferry.cloud.now())).settled


def old_machines(ferry: MigrationHarness, count: int) -> list[str]:
    """Begin with so many machines that have drivers to be looked at."""
    names = [f"m{number}" for number in range(count)]
    plan = plan_of(*names)
    made = derive(plan)
    old = {"image": "windows-2008-r2", **ON_XEN}
    instances = tuple(each.model_copy(update=old) if each.name in names else each for each in made.aws.instances)
    ferry.world = made.model_copy(update={"aws": made.aws.model_copy(update={"instances": instances})})
    ferry.instances = dict(build(ferry.world, ferry.places))
    ferry.take_in(plan)
    return names


def drivers(ferry: MigrationHarness, name: str) -> str | None:
    return ferry.row(name).source.pv_drivers


def managed(ferry: MigrationHarness, name: str) -> dict[str, Any]:
    """What the SSM stand-in knows of a machine."""
    (found,) = [each for each in ferry.ssm("GET", "instances").json() if each["instanceId"] == ferry.instances[name]]
    return dict(found)


def test_one_command_serves_fifty_machines(ferry: MigrationHarness) -> None:
    names = old_machines(ferry, 51)
    assess(ferry)
    assert sorted(len(each["InstanceIds"]) for each in inspections(ferry)) == [1, 50]
    assert {drivers(ferry, name) for name in names} == {"citrix"}


def inspect(ferry: MigrationHarness) -> None:
    """Send the commands, and look at them when they have ended."""
    poll = ferry.look(phase="assess", kind=Inspection, sent=begin(ferry).sent)
    ferry.cloud.later(60)
    assert ferry.ask("poll_inspection", poll.replace(now=ferry.cloud.now())).settled


def test_one_machine_that_aws_refuses_does_not_keep_the_others_from_being_looked_into(
    ferry: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    names = old_machines(ferry, 7)
    for step in ("read_sources", "read_target"):
        ferry.ask(step, ferry.place(phase="assess"))
    ferry.ssm("PUT", "instances", [managed(ferry, "m3") | {"agent": False}])  # since it was read
    poll = looking(ferry)
    after_many_deaths(dying, lambda: ferry.ask("start_inspection", poll))
    looked_into = [instance for each in inspections(ferry) for instance in each["InstanceIds"]]
    assert len(looked_into) == len(set(looked_into)), "each is looked into once"
    inspect(ferry)
    assert {name: drivers(ferry, name) for name in names} == dict.fromkeys(names, "citrix") | {"m3": None}
    (text,) = [each.text for each in events.page(ferry.migration)[0] if "no command could be run" in each.text]
    assert text.startswith(f"{ferry.instances['m3']}: ")


def test_a_role_that_may_send_nothing_is_asked_a_bounded_number_of_times(ferry: MigrationHarness) -> None:
    names = old_machines(ferry, 101)
    for step in ("read_sources", "read_target"):
        ferry.ask(step, ferry.place(phase="assess"))
    denied = {"operation": "SendCommand", "code": "AccessDeniedException", "status": 400, "times": 500}
    ferry.ssm("POST", "faults", denied)
    assert begin(ferry).sent == ()
    assert ferry.ssm("GET", "calls").json()["SendCommand"] <= 4 + 2 * HALVED_AT_MOST
    texts = " ".join(each.text for each in events.page(ferry.migration)[0] if "no command could be run" in each.text)
    assert [name for name in names if ferry.instances[name] not in texts] == []


# --- the server --------------------------------------------------------------------------------------------------------


def server_of(ferry: MigrationHarness) -> dict[str, Any]:
    instance = ferry.instances["ferry-appliance"]
    (found,) = [each for each in ferry.ssm("GET", "instances").json() if each["instanceId"] == instance]
    return dict(found)


def test_the_server_tries_the_sign_in_and_the_cache_storage(begun: MigrationHarness) -> None:
    assess(begun)
    (tried,) = [each for each in begun.commands(looks=True) if "reach-" in each["Comment"]]
    script = str(tried["Parameters"])
    assert "login.microsoftonline.com" in script
    assert "stcache.blob.core.windows.net" in script
    server = read_before(begun.place()).roads[""].appliance.server
    assert server
    assert server.unreached == ()
    assert "tried from the server" in str([each.text for each in events.page(begun.migration)[0]])


def test_a_server_that_does_not_reach_the_cache_storage_stops_the_round_before_anything_is_changed(
    begun: MigrationHarness,
) -> None:
    begun.ssm("PUT", "instances", [server_of(begun) | {"unreached": ["*.blob.core.windows.net"]}])
    with pytest.raises(Exception, match=r"port 443 of stcache\.blob\.core\.windows\.net is not reachable"):
        assess(begun)
    assert "server-reaches-no-azure" in said_of_plan(begun)
    assert changed(begun) == []


def test_a_server_without_an_agent_is_not_tried_and_nothing_is_claimed(begun: MigrationHarness) -> None:
    begun.ssm("PUT", "instances", [server_of(begun) | {"agent": False}])
    assess(begun)
    server = read_before(begun.place()).roads[""].appliance.server
    assert server
    assert server.unreached is None
