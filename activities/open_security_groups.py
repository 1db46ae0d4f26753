"""Open security groups: each machine may reach the appliance on 443 and 9443; the rules are tagged and taken back."""

from collections.abc import Iterable, Iterator, Sequence

from activities.replication_server import pushed
from shared import plans
from shared.concerns.facts import SourceFacts
from shared.contracts import CLOSE_RULES, OPEN_RULES
from shared.durable import Blueprint, serves
from shared.ledger import events, machines, migrations
from shared.models import Done, Place
from shared.plan.model import Plan
from shared.problems import Refused
from shared.sources.aws.appliance import find_appliance
from shared.sources.aws.appliance_group import delete_group, find_group
from shared.sources.aws.instances import Ec2Instance, find_instances
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
    """Open what is missing, and nothing else; an appliance that is still to be launched gets its rules afterwards."""
    plan = plans.plan_at(place)
    appliance = appliance_instance(plan)
    if appliance is None:
        if plan.replication.appliance.launch:
            return Done()
        raise _missing(plan)
    opened = open_for(place, plan, appliance)
    if opened:
        events.write(place, "rules-opened", f"{opened} security group rules were opened on the appliance", data={})
    return Done()


def appliance_instance(plan: Plan) -> Ec2Instance | None:
    """Find the appliance's instance: by our tag where we launched it, else by its name, in the machines' VPC."""
    place, name = place_of(plan), plan.replication.appliance.name
    vpc = plan.source.aws.vpc_id if plan.source.aws else ""
    return find_appliance(place, name, vpc) or next(iter(find_instances(place, tags={"Name": name}, vpc=vpc)), None)


def _missing(plan: Plan) -> Refused:
    name = plan.replication.appliance.name
    return Refused(
        f"no EC2 instance is tagged Name={name} in the machines' VPC",
        id="appliance-missing",
        title="The replication appliance is not there",
        advice=f"Launch it and name it {name}, or set replication.appliance.launch to true in a new plan.",
    )


def open_for(place: Place, plan: Plan, appliance: Ec2Instance) -> int:
    """Open the ports on the appliance's group for the machines of the migration; give how many rules were missing."""
    facts = _facts(place)
    group = appliance.groups[0] if appliance.groups else ""
    wanted = [(one, appliance.groups) for one in _openings(group, facts)]
    if pushed(plan):
        wanted += [(one, (one.group,)) for one in dict.fromkeys(_push_openings(appliance, facts))]
    there = read_rules(place_of(plan), {group for _, groups in wanted for group in groups})
    missing = [one for one, groups in wanted if not _is_open(there, one, groups)]
    return sum(open_rule(place_of(plan), one, place.migration) for one in missing)


def _facts(place: Place) -> list[SourceFacts]:
    """Give the facts of the machines that go this road."""
    waves = plans.section_at(place).waves
    rows = (row for row in machines.list(place.migration) if row.wave in waves)
    return [SourceFacts.model_validate(row.source) for row in rows]


def _push_openings(appliance: Ec2Instance, facts: Iterable[SourceFacts]) -> Iterator[Opening]:
    """Give what the machines have to let in, so that the process server can install the agent on them."""
    group = appliance.groups[0] if appliance.groups else ""
    cidr = "" if group else f"{appliance.private_ip}/32"
    for one in filter(_grouped, facts):
        for first, last in PUSH_PORTS["windows" if one.os_family == "windows" else "linux"]:
            own = one.nics[0].security_groups[0] if one.nics else ""
            why = WHY.format(what=PUSH)
            yield Opening(group=own, port=first, to_port=last, from_group=group, from_cidr=cidr, why=why)


def _openings(group: str, facts: list[SourceFacts]) -> Iterator[Opening]:
    """Give what has to be let in: the first group of each machine, or its address where it has none, per port."""
    groups = dict.fromkeys(one.nics[0].security_groups[0] for one in facts if _grouped(one) and one.nics)
    alone = dict.fromkeys(one.private_ip for one in facts if not _grouped(one) and one.private_ip)
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
    appliance = appliance_instance(plan)
    groups = [*(appliance.groups if appliance else ()), *_groups_pushed_to(place, plan)]
    gone = close_rules(place_of(plan), groups, place.migration)
    if gone:
        events.write(place, "rules-closed", f"{len(gone)} security group rules were taken back")
        _hand_over(place, plan, appliance)
    if appliance is None:
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


def _hand_over(place: Place, plan: Plan, appliance: Ec2Instance | None) -> None:
    """Open again, under their own tag, what other live migrations through the same appliance relied on."""
    for other in migrations.running():
        if other.id == place.migration or appliance is None or not _moves(other.id):
            continue
        for section in plans.sections_of(other.id):
            if _same_server(section.plan, plan):
                open_for(place.but(migration=other.id, wave=section.name), section.plan, appliance)


def _moves(migration: str) -> bool:
    """Tell whether a machine is still on its way; a migration that is only ending closes no rule any more."""
    return any(row.state not in TERMINAL for row in machines.list(migration))
