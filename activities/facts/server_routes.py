"""The ways between machines and their server: ports, ends and what the rules of the network say."""

from activities.facts.server_rules import PORTS, PUSH_PORTS
from shared.concerns.source_facts import SourceFacts
from shared.sources.aws.routes import read_subnets
from shared.sources.aws.security_groups import read_rules
from shared.sources.aws.session import AwsPlace
from shared.sources.aws.ways import Network, Ports, RouteEnd, groups_of, subnets_of

TO_SERVER: Ports = tuple((port, port) for port in PORTS)


def end_of(name: str, facts: SourceFacts) -> RouteEnd | None:
    """Give a machine as the end of a way: its first card; None where that is not known."""
    card = facts.nics[0] if facts.nics else None
    if card is None or not card.subnet_id or not facts.private_ip:
        return None
    return RouteEnd(what=name, address=facts.private_ip, subnet=card.subnet_id, groups=card.security_groups)


def push_ports(facts: SourceFacts) -> Ports:
    """Give the ports of the machine through which the agent is pushed."""
    return PUSH_PORTS["windows" if facts.os_family == "windows" else "linux"]


def read_network(place: AwsPlace, ends: tuple[RouteEnd, ...]) -> Network:
    """Read what decides about the ways between ends: three requests, and one for 200 groups."""
    groups, subnets = groups_of(ends), subnets_of(ends)
    rules = read_rules(place, groups) if groups else ()
    return Network(rules=rules, subnets=read_subnets(place, subnets) if subnets else {})
