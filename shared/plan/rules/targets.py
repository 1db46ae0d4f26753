"""Targets: machines do not take each other's names or addresses, and what a step needs is there."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.plan.error_messages import quoted
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave
from shared.plan.pointers import pointer
from shared.plan.road_sections import Section, sections, seen_from
from shared.plan.rules.names import Firsts
from shared.plan.rules.sources import is_address
from shared.plan.target import DYNAMIC, KEEP
from shared.problems import Fault

Path = tuple[str | int, ...]
LEAST_DEADLINE = timedelta(minutes=10)


def targets_are_apart(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """Names in Azure are unique in their resource group, static addresses in their subnet."""
    first = Firsts()
    for i, wave in enumerate(plan.waves):
        seen = seen_from(plan, wave)
        for j, machine in enumerate(wave.machines):
            at: Path = ("waves", i, "machines", j, "target")
            yield from _own_name(seen, machine, at, first)
            yield from _own_addresses(seen, machine, at, first)
            if machine.source.selects_several:
                yield from _alone(machine, at)


def _own_name(plan: Plan, machine: Machine, at: Path, first: Firsts) -> Iterator[Fault]:
    """Azure takes names without regard to case."""
    name = machine.target.name or machine.name
    group = machine.target.resource_group or plan.target.resource_group
    place = (*at, "name") if machine.target.name else (*at[:-1], "name")
    for fault in first.fault(
        f"a machine with the Azure name {quoted(name)}", (group.lower(), name.lower()), place, name
    ):
        if machine.target.name or machine.name != name:
            yield fault


def _own_addresses(plan: Plan, machine: Machine, at: Path, first: Firsts) -> Iterator[Fault]:
    """A static address is an address, and nobody else's."""
    target, network = machine.target, plan.target.network
    for number, card in enumerate(target.cards):
        card_at = (*at, "nics", number) if target.nics else at
        wanted = {
            "privateIp": (network.vnet, card.subnet or target.subnet or network.subnet, card.private_ip),
            "testPrivateIp": (
                network.test_vnet,
                card.test_subnet or target.test_subnet or network.test_subnet,
                card.test_private_ip,
            ),
        }
        for field, (vnet, subnet, address) in wanted.items():
            if address in (KEEP, DYNAMIC):
                continue  # which one it is shows at the assessment
            if address and not is_address(address):
                yield Fault(pointer=pointer((*card_at, field)), message=f"{quoted(address)} is no address")
            elif address:
                key = ("address", vnet.lower(), subnet.lower(), address)
                yield from first.fault(f"the address {address}", key, (*card_at, field))


def _alone(machine: Machine, at: Path) -> Iterator[Fault]:
    """What only one machine can have is not given to all that carry a tag."""
    target = machine.target
    address = target.private_ip if target.private_ip not in (KEEP, DYNAMIC) else ""
    own = {"name": target.name, "privateIp": address, "testPrivateIp": target.test_private_ip}
    for field, value in (own | {"nics": target.nics, "disks": target.disks}).items():
        if value:
            message = "cannot be given to machines that are selected by tags: there may be many"
            yield Fault(pointer=pointer((*at, field)), message=message)


def steps_have_what_they_need(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """A rehearsal needs a test network, a launch a subnet, going back a timer."""
    for section in sections(plan):
        yield from _road_has_what_it_needs(section)
    for i, wave in enumerate(plan.waves):
        yield from _way_back_has_its_time(wave, i)
        if wave.acceptance.on_timeout == "rollback" and wave.acceptance.timer is None:
            message = "is required when machines go back without a decision"
            yield Fault(pointer=pointer(("waves", i, "acceptance", "timer")), message=message)
        if wave.acceptance.on_timeout == "wait" and wave.acceptance.timer is not None:
            message = "has no use where a person is waited for as long as it takes (`onTimeout` is wait); leave it out"
            yield Fault(pointer=pointer(("waves", i, "acceptance", "timer")), message=message)


def _way_back_has_its_time(wave: Wave, i: int) -> Iterator[Fault]:
    """Machines that go back by themselves have a deadline, and time for what is tried before."""
    cutover, where = wave.cutover, pointer(("waves", i, "cutover", "verifyDeadline"))
    if cutover.on_verify_failed == "wait":
        if cutover.verify_deadline is not None:
            message = "has no use where a person is waited for (`onVerifyFailed` is wait); leave it out"
            yield Fault(pointer=where, message=message)
        return
    if cutover.verify_deadline is None:
        yield Fault(
            pointer=where, message="is required when machines go back by themselves (`onVerifyFailed` is rollBack)"
        )
    elif cutover.verify_deadline < LEAST_DEADLINE:
        message = "must be at least ten minutes after the failover: a machine needs time to boot"
        yield Fault(pointer=where, message=message)


def _road_has_what_it_needs(section: Section) -> Iterator[Fault]:
    plan = section.plan
    if not plan.target.network.test_vnet and any(wave.gates.test != "skip" for wave in plan.waves):
        message = "is required, unless every wave skips its test (gates: {test: skip})"
        yield Fault(pointer=section.pointer("target", "network", "testVnet"), message=message)
    appliance = plan.replication.appliance
    if appliance.launch and not appliance.subnet_id:
        where = section.pointer("replication", "appliance", "subnetId")
        yield Fault(pointer=where, message="is required to launch the appliance")
    if appliance.launch and appliance.addresses:
        where = section.pointer("replication", "appliance", "addresses")
        yield Fault(pointer=where, message="cannot be given for a server that is still to be launched")
    for i, address in enumerate(appliance.addresses):
        if not is_address(address):
            where = section.pointer("replication", "appliance", "addresses", str(i))
            yield Fault(pointer=where, message=f"{quoted(address)} is no address")
    yield from _agents_can_come(section)


def _agents_can_come(section: Section) -> Iterator[Fault]:
    """A configuration server pushes the agent, or machines fetch its passphrase: nobody else can tell it to them."""
    plan = section.plan
    if plan.replication.mode != "configurationServer":
        return
    if plan.replication.agent.install == "ssm" and not plan.replication.agent.passphrase:
        message = (
            "is push or manual with a configuration server, unless passphrase says where machines fetch its passphrase"
        )
        yield Fault(pointer=section.pointer("replication", "agent", "install"), message=message)
    if plan.replication.agent.install == "push" and not plan.replication.appliance.run_as_account:
        where = section.pointer("replication", "appliance", "runAsAccount")
        yield Fault(pointer=where, message="is required to push the agent")
