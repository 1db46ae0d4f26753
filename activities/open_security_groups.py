"""Open security groups: each machine may reach the appliance on 443 and 9443; the rules are tagged and taken back."""

from collections.abc import Iterable, Iterator, Sequence

from activities.replication_server import pushed
from activities.server_location import ServerAt, locate
from shared import plans
from shared.concerns.facts import SourceFacts
from shared.contracts import CLOSE_RULES, OPEN_RULES
from shared.durable import Blueprint, serves
from shared.ledger import events, machines, migrations
from shared.models import Done, Place
from shared.plan.model import Plan
from shared.problems import Refused
from shared.sources.aws.appliance_group import delete_group, find_group
from shared.sources.aws.security_groups import Opening, Rule, allowed, close_rules, open_rule, read_rules
from shared.sources.aws.side import place_of
from shared.states import TERMINAL

bp = Blueprint()

PORTS = {443: "control of replication", 9443: "replication traffic"}  # documented: machine to appliance
# documented, only where the agent is pushed: process server to machine, for file sharing, WMI and its dynamic ports, or SSH
PUSH_PORTS: dict[str, tuple[tuple[int, int], ...]] = {
    "windows": ((445, 445), (135, 139), (49152, 65535)),
    "linux": ((22, 22),),
}
PUSH = "push of the agent"
WHY = "azferry: {what}"


@serves(bp, OPEN_RULES)
def open_rules(place: Place) -> Done:
    """Open what is missing, and nothing else; an appliance that is still to be launched gets its rules afterwards.

    Into a server outside EC2 nothing can be opened from here: what its own firewall must let in is told.
    """
    plan = plans.plan_at(place)
    server = locate(plan)
    if server is None:
        if plan.replication.appliance.launch:
            return Done()
        raise _missing(plan)
    opened = open_for(place, plan, server)
    if opened:
        events.write(place, "rules-opened", f"{opened} security group rules were opened", data={})
    if server.instance is None:
        events.write(place, "server-outside", f"{server.name} stands outside EC2: {outside(server.address)}")
    return Done()


def outside(address: str) -> str:
    """Say what somebody has to open at a server that stands outside EC2."""
    return f"its own firewall must let the machines in at ports 443 and 9443 of {address}"


def _missing(plan: Plan) -> Refused:
    name = plan.replication.appliance.name
    return Refused(
        f"no EC2 instance is tagged Name={name}, and neither the plan nor the vault tells an address of it",
        id="appliance-missing",
        title="The replication appliance is not there",
        advice=f"Launch it and name it {name}, or set replication.appliance.launch to true in a new plan; where it stands "
        "outside EC2, name replication.appliance.addresses there.",
    )


def open_for(place: Place, plan: Plan, server: ServerAt) -> int:
    """Open the ports on the server's group, and those of a push on the machines'; give how many rules were missing."""
    facts = _facts(place)
    own = server.instance.groups if server.instance else ()
    wanted = [(one, own) for one in _openings(server, facts)] if own else []
    if pushed(plan):
        wanted += [(one, (one.group,)) for one in dict.fromkeys(_push_openings(server, facts))]
    there = read_rules(place_of(plan), {group for _, groups in wanted for group in groups})
    missing = [one for one, groups in wanted if not _is_open(there, one, groups)]
    return sum(open_rule(place_of(plan), one, place.migration) for one in missing)


def _facts(place: Place) -> list[SourceFacts]:
    """Give the facts of the machines that go this road."""
    waves = plans.section_at(place).waves
    rows = (row for row in machines.list(place.migration) if row.wave in waves)
    return [SourceFacts.model_validate(row.source) for row in rows]


def _push_openings(server: ServerAt, facts: Iterable[SourceFacts]) -> Iterator[Opening]:
    """Give what the machines have to let in, so that the process server can install the agent on them."""
    for one in filter(_grouped, facts):
        for first, last in PUSH_PORTS["windows" if one.os_family == "windows" else "linux"]:
            own = one.nics[0].security_groups[0] if one.nics else ""
            why = WHY.format(what=PUSH)
            wanted = Opening(group=own, port=first, to_port=last, why=why)
            group = _group_seen_from(server, one)
            cidrs = [] if group else [f"{address}/32" for address in server.addresses]
            yield from [wanted.but(from_group=group)] if group else (wanted.but(from_cidr=cidr) for cidr in cidrs)


def _group_seen_from(server: ServerAt, machine: SourceFacts) -> str:
    """Give the server's group where rules of the machine's VPC may name it: groups of another VPC need not be known there."""
    instance = server.instance
    if instance is None or not instance.groups or not _same_vpc(server, machine):
        return ""
    return instance.groups[0]


def _same_vpc(server: ServerAt, machine: SourceFacts) -> bool:
    vpc = server.instance.vpc if server.instance else ""
    return bool(machine.nics) and machine.nics[0].vpc_id == vpc  # type: ignore[index] # just looked at


def _openings(server: ServerAt, facts: list[SourceFacts]) -> Iterator[Opening]:
    """Give what has to be let in, per port: the first group of each machine, or its address where rules cannot name that."""
    group = server.instance.groups[0] if server.instance else ""
    by_group = [one for one in facts if _grouped(one) and _same_vpc(server, one)]
    groups = dict.fromkeys(one.nics[0].security_groups[0] for one in by_group if one.nics)
    alone = dict.fromkeys(one.private_ip for one in facts if one not in by_group and one.private_ip)
    for port, what in PORTS.items():
        why = WHY.format(what=what)
        yield from (Opening(group=group, port=port, from_group=one, why=why) for one in groups)
        yield from (Opening(group=group, port=port, from_cidr=f"{ip}/32", why=why) for ip in alone)


def _grouped(facts: SourceFacts) -> bool:
    return bool(facts.nics and facts.nics[0].security_groups)


def _is_open(there: Sequence[Rule], opening: Opening, groups: Iterable[str]) -> bool:
    """Tell whether any of these groups lets it in already."""
    return any(allowed(there, opening.but(group=group)) for group in groups)


@serves(bp, CLOSE_RULES)
def close_rules_again(place: Place) -> Done:
    """Take back this migration's rules on all its roads, unless another round of it still runs: then that one does."""
    row = migrations.get(place.migration)
    if row is not None and set(row.open_rounds) - {place.round}:
        return Done()
    for section in plans.sections_of(place.migration):
        if section.plan.source.aws is not None and section.plan.scenario == "aws-to-azure":
            _close(place.but(wave=section.name), section.plan)
    return Done()


def _close(place: Place, plan: Plan) -> None:
    """Take back the rules of one road."""
    server = locate(plan)
    instance = server.instance if server else None
    groups = [*(instance.groups if instance else ()), *_groups_pushed_to(place, plan)]
    gone = close_rules(place_of(plan), groups, place.migration)
    if gone:
        events.write(place, "rules-closed", f"{len(gone)} security group rules were taken back")
        _hand_over(place, plan, server)
    if instance is None:
        _delete_group(place, plan)


def _delete_group(place: Place, plan: Plan) -> None:
    """Delete the group that was made for an appliance that is gone, unless a live migration may launch another into it."""
    name = plan.replication.appliance.name
    group = find_group(place_of(plan), name, plan.source.aws.vpc_id if plan.source.aws else "")
    if not group or any(_launches(other.id, plan) for other in migrations.running() if other.id != place.migration):
        return
    if delete_group(place_of(plan), group):
        events.write(place, "group-deleted", f"the security group {group} of {name}, which is gone, was deleted")


def _launches(migration: str, plan: Plan) -> bool:
    """Tell whether another migration that is on its way uses the same appliance."""
    theirs = (section.plan for section in plans.sections_of(migration))
    return _moves(migration) and any(_same_server(one, plan) for one in theirs)


def _same_server(one: Plan, other: Plan) -> bool:
    """Tell whether two plans replicate through the same server."""
    return one.source.aws == other.source.aws and one.replication.appliance.name == other.replication.appliance.name


def _groups_pushed_to(place: Place, plan: Plan) -> list[str]:
    """Give the machines' own groups, where rules for the push were opened in them."""
    facts = _facts(place) if pushed(plan) else []
    return [one.nics[0].security_groups[0] for one in facts if _grouped(one) and one.nics]


def _hand_over(place: Place, plan: Plan, server: ServerAt | None) -> None:
    """Open again, under their own tag, what other live migrations through the same appliance relied on."""
    for other in migrations.running():
        if other.id == place.migration or server is None or not _moves(other.id):
            continue
        for section in plans.sections_of(other.id):
            if _same_server(section.plan, plan):
                open_for(place.but(migration=other.id, wave=section.name), section.plan, server)


def _moves(migration: str) -> bool:
    """Tell whether a machine is still on its way; a migration that is only ending closes no rule any more."""
    return any(row.state not in TERMINAL for row in machines.list(migration))
