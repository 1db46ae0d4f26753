"""Reading the server of an AWS road: where it stands, what it is like, and what rules tell of the ways to the machines."""

from collections.abc import Mapping
from ipaddress import ip_network

from activities.facts.server_location import ServerAt, located
from activities.facts.server_routes import TO_SERVER, end_of, push_ports, read_network
from shared.concerns.server_facts import ServerFacts
from shared.concerns.source_facts import SourceFacts
from shared.plan.model import Plan
from shared.problems import CloudRefused
from shared.roads.registry import road_of
from shared.site_recovery.fabrics import RegisteredAppliance
from shared.sources.aws.instances import Ec2Instance, describe_types, image_named, volumes_of
from shared.sources.aws.place import place_of
from shared.sources.aws.routes import read_subnets
from shared.sources.aws.session import AwsPlace
from shared.sources.aws.ssm import agents
from shared.sources.aws.ways import Network, RouteEnd, closed

HOST = 10  # an address of a subnet that stands for the one that a launched server will get


def read_server(
    plan: Plan, machines: Mapping[str, SourceFacts], registered: RegisteredAppliance | None
) -> tuple[ServerFacts | None, str]:
    """Give the facts of a road's server, and why some could not be read; none where nobody knows where it stands."""
    try:
        server = located(plan, registered)
        if server is not None:
            return _standing(plan, server, machines)
        return (_to_launch(plan, machines), "") if plan.replication.appliance.launch else (None, "")
    except CloudRefused as refused:
        return None, str(refused)


def _standing(plan: Plan, server: ServerAt, machines: Mapping[str, SourceFacts]) -> tuple[ServerFacts, str]:
    facts = ServerFacts(addresses=server.addresses, outside=server.instance is None)
    if server.instance is not None:
        facts = _like(place_of(plan), server.instance, facts)
    try:
        return facts.replace(closed_ways=_ways(plan, server.end, machines)), ""
    except CloudRefused as refused:
        return facts, str(refused)


def _like(place: AwsPlace, instance: Ec2Instance, facts: ServerFacts) -> ServerFacts:
    """Say what an instance is like; four requests for one server."""
    kind = describe_types(place, [instance.type]).get(instance.type)
    disks = volumes_of(place, [instance.id])
    agent = agents(place, [instance.id]).get(instance.id)
    image = image_named(place, instance.image_id) if agent is None else None
    return facts.replace(
        instance_id=instance.id,
        vpc_id=instance.vpc,
        windows=instance.windows,
        system=(agent.os_name if agent else image.name if image else "") or None,
        cores=kind.cores if kind else None,
        memory_gb=kind.memory_mb / 1024 if kind else None,
        disks_gb=sum(disk.size_gb for disk in disks.values()),
        agent=bool(agent and agent.online and instance.windows),
    )


def _to_launch(plan: Plan, machines: Mapping[str, SourceFacts]) -> ServerFacts:
    """Give what is known of a server that is still to be launched: its subnet, and the image that the plan names."""
    place, wanted = place_of(plan), plan.replication.appliance
    subnet = read_subnets(place, [wanted.subnet_id]).get(wanted.subnet_id)
    if subnet is None:
        return ServerFacts(system=None)
    end = RouteEnd(what=wanted.name, address=str(ip_network(subnet.cidr)[HOST]), subnet=subnet.id)
    image = image_named(place, wanted.image_id) if wanted.image_id else None
    return ServerFacts(
        vpc_id=subnet.vpc,
        system=image.name if image else None,
        windows=image.windows if image else False if wanted.image_id else None,
        closed_ways=_ways(plan, end, machines),
    )


def _ways(plan: Plan, server: RouteEnd, machines: Mapping[str, SourceFacts]) -> dict[str, tuple[str, ...]]:
    """Judge the ways between all machines and their server; what the migration itself opens is not asked for yet."""
    ends = {name: end for name, facts in machines.items() if (end := end_of(name, facts)) is not None}
    network = read_network(place_of(plan), (server, *ends.values()))
    pushing = road_of(plan).pushes_agent(plan)
    return {
        name: (
            *closed(network, end, server, TO_SERVER, let_in=False),
            *_back(network, server, end, machines[name], pushing=pushing),
        )
        for name, end in ends.items()
    }


def _back(network: Network, server: RouteEnd, end: RouteEnd, facts: SourceFacts, *, pushing: bool) -> list[str]:
    return closed(network, server, end, push_ports(facts), let_in=False) if pushing else []
