"""Rules about the server of an AWS road, and about what only a look inside a machine tells."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.concerns.judge import judge_machine, judge_plan, judged_machine
from shared.concerns.registry import Concern, MachineCase
from shared.concerns.server_facts import ApplianceFacts, ServerFacts
from shared.concerns.source_facts import SourceFacts

MakeCase = Callable[..., MachineCase]
FIT = ServerFacts(
    instance_id="i-0fff",
    addresses=("10.0.2.4",),
    vpc_id="vpc-0abc",
    windows=True,
    system="Microsoft Windows Server 2022 Datacenter",
    cores=8,
    memory_gb=32,
    disks_gb=700,
    unreached=(),
    closed_ways={},
)
PLAN_RULES = {
    "server-not-located",
    "server-outside-aws",
    "way-not-judged",
    "server-unfit",
    "server-system-unfit",
    "server-reaches-no-azure",
}


def found(concerns: tuple[Concern, ...], concern: str) -> list[str]:
    return [each.evidence for each in concerns if each.id == concern]


def of_server(
    case: MakeCase, server: ServerFacts | None, *, mode: str = "appliance", **more: Any
) -> tuple[Concern, ...]:
    appliance = ApplianceFacts(registered=False, server=server, **more)
    return judge_plan(case(appliance=appliance, plan={"replication": {"mode": mode}}))


def test_about_a_server_that_fits_nothing_is_said(case: MakeCase) -> None:
    assert {each.id for each in of_server(case, FIT)} & PLAN_RULES == set()


SERVERS: list[tuple[str, ServerFacts | None, str]] = [
    ("server-not-located", None, "no instance named ferry-appliance"),
    ("server-outside-aws", ServerFacts(addresses=("192.168.1.10",), outside=True), "192.168.1.10"),
    ("server-unfit", FIT.replace(cores=4), "4 vCPU of at least 8"),
    ("server-unfit", FIT.replace(memory_gb=8.0), "8 GB of memory of at least 16"),
    ("server-unfit", FIT.replace(disks_gb=80), "80 GB of disks of at least 700"),
    ("server-system-unfit", FIT.replace(system="Microsoft Windows Server 2012 Standard"), "not Windows Server 2022"),
    ("server-system-unfit", FIT.replace(windows=False, system="ubuntu-22.04"), "no Windows machine: ubuntu 22.04"),
    ("server-reaches-no-azure", FIT.replace(unreached=("port 443 of stcache is not reachable",)), "tried from"),
]


@pytest.mark.parametrize(("concern", "server", "words"), SERVERS)
def test_a_rule_finds_what_is_wrong_with_the_server(
    case: MakeCase, concern: str, server: ServerFacts | None, words: str
) -> None:
    (evidence,) = found(of_server(case, server), concern)
    assert words in evidence


def test_what_could_not_be_read_of_the_ways_is_told_once_for_the_plan(case: MakeCase) -> None:
    assert found(of_server(case, FIT, not_read="not authorized"), "way-not-judged") == ["not authorized"]


@pytest.mark.parametrize(
    ("system", "fits"),
    [
        ("Windows_Server-2012-R2_RTM-English-Full-Base-2023.09.13", True),
        ("Windows_Server-2016-English-Full-Base-2025.10.15", True),
        ("Windows_Server-2022-English-Full-Base-2016.10.15", False),
        ("Microsoft Windows Server 2012 Standard", False),
        ("golden-image-17", True),  # a name of one's own says nothing
    ],
)
def test_a_configuration_server_runs_on_the_systems_of_the_guides(case: MakeCase, system: str, fits: bool) -> None:
    server = FIT.replace(system=system)
    assert (found(of_server(case, server, mode="configurationServer"), "server-system-unfit") == []) is fits


def test_what_is_registered_was_set_up_whatever_it_runs_on(case: MakeCase) -> None:
    appliance = ApplianceFacts(registered=True, machines=0, server=FIT.replace(system="Windows Server 2019"))
    assert found(judge_plan(case(appliance=appliance)), "server-system-unfit") == []


def test_a_machine_is_compared_with_the_vpc_of_its_server_and_not_with_the_plans(case: MakeCase) -> None:
    elsewhere = FIT.replace(vpc_id="vpc-0def")
    machine = case(appliance=ApplianceFacts(server=elsewhere), plan={"source": {"aws": {"vpcId": "vpc-0abc"}}})
    (evidence,) = found(judge_machine(machine), "other-vpc")
    assert evidence == "it is in vpc-0abc, ferry-appliance in vpc-0def"


def test_what_closes_the_way_of_a_machine_is_said_of_it(case: MakeCase) -> None:
    shut = FIT.replace(closed_ways={"web1": ("no route leads there",), "db1": ("x",)})
    assert found(judge_machine(case(appliance=ApplianceFacts(server=shut))), "way-closed") == ["no route leads there"]


# --- what only a look inside tells -------------------------------------------------------------------------------------


def test_drivers_that_nobody_could_see_are_told_once_and_how_to_look(case: MakeCase, old_windows: SourceFacts) -> None:
    blind = case(old_windows.replace(pv_drivers=None))
    (concern,) = [each for each in judge_plan(blind) if each.id == "drivers-unknown"]
    assert concern.evidence == "not known of web1"
    assert "Device Manager" in concern.advice
    assert "pv_drivers" not in judged_machine(blind).unjudged.values(), "and not again of each machine"


def test_on_nitro_there_are_no_paravirtual_drivers_to_be_known(case: MakeCase, old_windows: SourceFacts) -> None:
    assert found(judge_plan(case(old_windows.replace(pv_drivers=None, hypervisor="nitro"))), "drivers-unknown") == []


def test_a_service_pack_that_nobody_could_see_is_told_once_and_how_to_look(
    case: MakeCase, old_windows: SourceFacts
) -> None:
    (concern,) = [
        each for each in judge_plan(case(old_windows.replace(service_pack=None))) if each.id == "service-pack-unknown"
    ]
    assert "winver" in concern.advice


def one_machine(**more: Any) -> dict[str, Any]:
    machine = {"name": "web1", "source": {"instanceId": "i-0aaa1111"}, "target": {"size": "Standard_D2s_v5"}}
    return {"waves": [{"name": "shop", "verify": [{"tcp": 22}], "machines": [machine | more]}]}


def test_the_plan_says_what_nobody_could_see(case: MakeCase, old_windows: SourceFacts) -> None:
    blind = old_windows.replace(pv_drivers=None, service_pack=None)
    fine = case(blind, plan=one_machine(pvDrivers="citrix", servicePack=1))
    assert {each.id for each in judge_plan(fine)} & {"drivers-unknown", "service-pack-unknown"} == set()
    bad = judge_machine(case(blind, plan=one_machine(pvDrivers="redhat", servicePack=0)))
    assert {"redhat-pv-drivers", "windows-too-old"} <= {each.id for each in bad}


def test_what_was_seen_counts_more_than_what_the_plan_says(case: MakeCase, old_windows: SourceFacts) -> None:
    seen = case(
        old_windows.replace(pv_drivers="redhat", drivers=("RedHat PV NIC 1.0",)), plan=one_machine(pvDrivers="aws")
    )
    assert found(judge_machine(seen), "redhat-pv-drivers") == [
        "its paravirtual drivers are RedHat's: RedHat PV NIC 1.0"
    ]


def test_checks_that_need_an_agent_are_told_of_where_site_recovery_brings_none(
    case: MakeCase, sound: SourceFacts, windows: SourceFacts
) -> None:
    inside = {"waves": [one_machine()["waves"][0] | {"verify": [{"service": "nginx"}]}]}
    assert found(judge_machine(case(sound, plan=inside)), "checks-need-an-agent")
    assert not found(judge_machine(case(windows, plan=inside)), "checks-need-an-agent")
    assert not found(judge_machine(case(sound)), "checks-need-an-agent"), "a port is tried from outside"


def test_scripts_that_need_an_agent_are_told_of_where_site_recovery_brings_none(
    case: MakeCase, sound: SourceFacts, windows: SourceFacts
) -> None:
    scripts = [{"name": "dns", "when": "cutover", "script": "exit 0"}]
    own = {"waves": [one_machine()["waves"][0] | {"targetScripts": scripts}]}
    (line,) = found(judge_machine(case(sound, plan=own)), "scripts-need-an-agent")
    assert line.startswith("dns;")
    assert not found(judge_machine(case(windows, plan=own)), "scripts-need-an-agent")
