"""Open security groups: each machine may reach the appliance on 443 and 9443; the rules are tagged and taken back."""

from activities.facts.server_location import ServerAt, locate
from activities.facts.server_rules import _facts, _grouped, missing_rules, open_for, outside
from shared.contracts.contracts import CLOSE_RULES, OPEN_RULES
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines, migrations, plans
from shared.models import Done, Scope
from shared.plan.model import Plan
from shared.problems import Refused
from shared.roads.registry import road_of
from shared.sources.aws.appliance_group import delete_group, find_group
from shared.sources.aws.place import place_of, vpc_of
from shared.sources.aws.security_groups import close_rules, open_rule, our_rules
from shared.states import TERMINAL

bp = Blueprint()


@serves(bp, OPEN_RULES)
def open_rules(scope: Scope) -> Done:
    """Open what is missing, and nothing else; an appliance that is still to be launched gets its rules afterwards.

    Into a server outside EC2 nothing can be opened from here: what its own firewall must let in is told.
    """
    plan = plans.plan_at(scope)
    server = locate(plan)
    if server is None:
        if plan.replication.appliance.launch:
            return Done()
        raise _missing(plan)
    if missing := missing_rules(scope, plan, server):
        # the event first: who finds them open says nothing of them
        events.write(scope, "rules-opened", f"{len(missing)} security group rules are opened")
    for each in missing:
        open_rule(place_of(plan), each, scope.migration)
    if server.instance is None:
        events.write(scope, "server-outside", f"{server.name} stands outside EC2: {outside(server.address)}")
    return Done()


def _missing(plan: Plan) -> Refused:
    name = plan.replication.appliance.name
    return Refused(
        f"no EC2 instance is tagged Name={name}, and neither the plan nor the vault tells an address of it",
        id="appliance-missing",
        title="The replication appliance is not there",
        advice=f"Launch it and name it {name}, or set replication.appliance.launch to true in a new plan; where it stands "
        "outside EC2, name replication.appliance.addresses there.",
    )


@serves(bp, CLOSE_RULES)
def close_rules_again(scope: Scope) -> Done:
    """Take back this migration's rules on all its roads, unless another round of it still runs: then that one does."""
    row = migrations.get(scope.migration)
    if row is not None and set(row.open_rounds) - {scope.round}:
        return Done()
    for section in plans.sections_of(scope.migration):
        if road_of(section.plan).source.sees_network:
            _close(scope.replace(wave=section.name), section.plan)
    return Done()


def _close(scope: Scope, plan: Plan) -> None:
    """Take back the rules of one road."""
    server = locate(plan)
    instance = server.instance if server else None
    groups = [*(instance.groups if instance else ()), *_groups_pushed_to(scope, plan)]
    if ours := our_rules(place_of(plan), groups, scope.migration):
        events.write(scope, "rules-closed", f"{len(ours)} security group rules are taken back")  # first: see above
    close_rules(place_of(plan), ours)
    _hand_over(scope, plan, server)  # even where none was left to close: a call before this one may have died behind it
    if instance is None:
        _delete_group(scope, plan)


def _delete_group(scope: Scope, plan: Plan) -> None:
    """Delete the group that was made for an appliance that is gone, unless a live migration may launch another into it."""
    name = plan.replication.appliance.name
    group = find_group(place_of(plan), name, vpc_of(plan))
    if not group or any(_launches(other.id, plan) for other in migrations.running() if other.id != scope.migration):
        return
    if delete_group(place_of(plan), group):
        events.write(scope, "group-deleted", f"the security group {group} of {name}, which is gone, was deleted")


def _launches(migration: str, plan: Plan) -> bool:
    """Tell whether another migration that is on its way uses the same appliance."""
    theirs = (section.plan for section in plans.sections_of(migration))
    return _moves(migration) and any(_same_server(each, plan) for each in theirs)


def _same_server(plan: Plan, other: Plan) -> bool:
    """Tell whether two plans replicate through the same server."""
    return plan.source == other.source and plan.replication.appliance.name == other.replication.appliance.name


def _groups_pushed_to(scope: Scope, plan: Plan) -> list[str]:
    """Give the machines' own groups, where rules for the push were opened in them."""
    facts = _facts(scope) if road_of(plan).pushes_agent(plan) else []
    return [each.nics[0].security_groups[0] for each in facts if _grouped(each) and each.nics]


def _hand_over(scope: Scope, plan: Plan, server: ServerAt | None) -> None:
    """Open again, under their own tag, what other live migrations through the same appliance relied on."""
    for other in migrations.running():
        if other.id == scope.migration or server is None or not _moves(other.id):
            continue
        for section in plans.sections_of(other.id):
            if _same_server(section.plan, plan):
                open_for(scope.replace(migration=other.id, wave=section.name), section.plan, server)


def _moves(migration: str) -> bool:
    """Tell whether a machine is still on its way; a migration that is only ending closes no rule any more."""
    return any(row.state not in TERMINAL for row in machines.list(migration))
