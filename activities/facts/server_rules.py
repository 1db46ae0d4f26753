"""The rules that let machines reach their server: their ports, and the groups that they are opened in."""

from collections.abc import Iterable, Iterator, Sequence

from activities.facts.server_location import ServerAt
from shared.concerns.source_facts import SourceFacts
from shared.ledger import machines, plans
from shared.models import Scope
from shared.plan.model import Plan
from shared.roads.registry import road_of
from shared.sources.aws.place import place_of
from shared.sources.aws.security_groups import (
    RequiredRule,
    SecurityGroupRule,
    allowed,
    open_rule,
    read_rules,
)

PORTS = {443: "control of replication", 9443: "replication traffic"}  # documented: machine to appliance
# documented, only where the agent is pushed: process server to machine, for file sharing, WMI and its dynamic ports, or SSH
PUSH_PORTS: dict[str, tuple[tuple[int, int], ...]] = {
    "windows": ((445, 445), (135, 139), (49152, 65535)),
    "linux": ((22, 22),),
}
PUSH = "push of the agent"
WHY = "azferry: {what}"


def outside(address: str) -> str:
    """Say what somebody has to open at a server that stands outside EC2."""
    return f"its own firewall must let the machines in at ports 443 and 9443 of {address}"


def open_for(scope: Scope, plan: Plan, server: ServerAt) -> None:
    """Open the ports on the server's group, and those of a push on the machines', where they are not open yet."""
    for each in missing_rules(scope, plan, server):
        open_rule(place_of(plan), each, scope.migration)


def missing_rules(scope: Scope, plan: Plan, server: ServerAt) -> list[RequiredRule]:
    """Return the rules that let machines reach the server, and where it pushes agents it them, and that are not there yet."""
    facts = _facts(scope)
    own = server.instance.groups if server.instance else ()
    wanted = [(each, own) for each in _openings(server, facts)] if own else []
    if road_of(plan).pushes_agent(plan):
        wanted += [(each, (each.group,)) for each in dict.fromkeys(_push_openings(server, facts))]
    rules = read_rules(place_of(plan), {group for _, groups in wanted for group in groups})
    return [rule for rule, groups in wanted if not _is_open(rules, rule, groups)]


def _facts(scope: Scope) -> list[SourceFacts]:
    """Give the facts of the machines that go this road."""
    waves = plans.section_at(scope).waves
    rows = (row for row in machines.list(scope.migration) if row.wave in waves)
    return [row.source for row in rows]


def _push_openings(server: ServerAt, facts: Iterable[SourceFacts]) -> Iterator[RequiredRule]:
    """Give what the machines have to let in, so that the process server can install the agent on them."""
    for each in filter(_grouped, facts):
        for first, last in PUSH_PORTS["windows" if each.os_family == "windows" else "linux"]:
            own = each.nics[0].security_groups[0] if each.nics else ""
            why = WHY.format(what=PUSH)
            wanted = RequiredRule(group=own, port=first, to_port=last, why=why)
            group = _group_seen_from(server, each)
            cidrs = [] if group else [f"{address}/32" for address in server.addresses]
            yield from (
                [wanted.replace(from_group=group)] if group else (wanted.replace(from_cidr=cidr) for cidr in cidrs)
            )


def _group_seen_from(server: ServerAt, machine: SourceFacts) -> str:
    """Give the server's group where rules of the machine's VPC may name it: groups of another VPC need not be known there."""
    instance = server.instance
    if instance is None or not instance.groups or not _same_vpc(server, machine):
        return ""
    return instance.groups[0]


def _same_vpc(server: ServerAt, machine: SourceFacts) -> bool:
    vpc = server.instance.vpc if server.instance else ""
    return bool(machine.nics) and machine.nics[0].vpc_id == vpc  # type: ignore[index] # just looked at


def _openings(server: ServerAt, facts: list[SourceFacts]) -> Iterator[RequiredRule]:
    """Give what has to be let in, per port: the first group of each machine, or its address where rules cannot name that."""
    group = server.instance.groups[0] if server.instance else ""
    by_group = [each for each in facts if _grouped(each) and _same_vpc(server, each)]
    groups = dict.fromkeys(each.nics[0].security_groups[0] for each in by_group if each.nics)
    alone = dict.fromkeys(each.private_ip for each in facts if each not in by_group and each.private_ip)
    for port, what in PORTS.items():
        why = WHY.format(what=what)
        yield from (RequiredRule(group=group, port=port, from_group=each, why=why) for each in groups)
        yield from (RequiredRule(group=group, port=port, from_cidr=f"{ip}/32", why=why) for ip in alone)


def _grouped(facts: SourceFacts) -> bool:
    return bool(facts.nics and facts.nics[0].security_groups)


def _is_open(existing: Sequence[SecurityGroupRule], opening: RequiredRule, groups: Iterable[str]) -> bool:
    """Tell whether any of these groups lets it in already."""
    return any(allowed(existing, opening.replace(group=group)) for group in groups)
