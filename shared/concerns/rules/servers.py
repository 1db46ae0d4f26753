"""Rules about the server of an AWS road: where it stands, what it is like, and whether it and the machines reach each other."""

from collections.abc import Iterator

from shared.concerns.registry import AWS, Case, MachineCase, known, plan_rule, rule
from shared.concerns.server_facts import ServerFacts

# Documented, by mode: what the set-up of a server runs on, and the least that it takes.
SYSTEMS = {"appliance": ("2022",), "configurationServer": ("2012 R2", "2016")}
DISKS_GB = {"appliance": 80 + 620, "configurationServer": 80 + 600}
CORES, MEMORY_GB = 8, 16


def _server(case: Case) -> ServerFacts | None:
    return case.appliance.server


def _name(case: Case) -> str:
    return case.plan.replication.appliance.name


@plan_rule(
    "server-not-located",
    "warning",
    "Nobody knows where the server stands",
    "Deploy it in the VPC of the machines and name its instance so, have it launched (replication.appliance.launch), or give "
    "its addresses (replication.appliance.addresses); then retry: its VPC and the ways to it are judged then.",
    applies_to=AWS,
)
def _not_located(case: Case) -> Iterator[str]:
    if _server(case) is None and not case.appliance.not_read:
        yield f"EC2 has no instance named {_name(case)}, neither the plan nor the vault tells its addresses"


@plan_rule(
    "server-outside-aws",
    "warning",
    "The server stands outside AWS: its own firewall is not seen",
    "Let all machines in at ports 443 and 9443 of it; the VPC needs a VPN or Direct Connect to it. What can be judged from "
    "the machines' side is judged.",
    applies_to=AWS,
)
def _outside(case: Case) -> Iterator[str]:
    server = _server(case)
    if server is not None and server.outside:
        yield f"{_name(case)} is at {', '.join(server.addresses)}, which is no instance of {_region(case)}"


def _region(case: Case) -> str:
    return case.plan.source.aws.region if case.plan.source.aws else "the region"


@plan_rule(
    "way-not-judged",
    "warning",
    "Whether machines and server reach each other could not be judged from rules",
    "Let the app's role describe instances, security groups, subnets, route tables and network ACLs (infra/aws/role.yaml), "
    "then retry; or see for yourself that ports 443 and 9443 of the server are open to the machines, and acknowledge.",
    applies_to=AWS,
)
def _not_judged(case: Case) -> Iterator[str]:
    if case.appliance.not_read:
        yield case.appliance.not_read


@rule(
    "way-closed",
    "critical",
    "The machine and its server do not reach each other, judged from rules",
    "Open what is named (security groups, routes, network ACLs), then retry. Where the rules mislead, because something else "
    "lets the traffic through, acknowledge: it is tried before replication begins where a management agent runs.",
    applies_to=AWS,
    acknowledgeable=True,
)
def _closed(case: MachineCase) -> Iterator[str]:
    server = _server(case)
    if server is not None and server.closed_ways is not None:
        yield from server.closed_ways.get(case.machine.name, ())


@rule(
    "other-vpc",
    "critical",
    "It is not in the VPC of its server",
    "Use a server in its own VPC; where the VPCs are peered, or joined by a transit gateway, acknowledge.",
    applies_to=AWS,
    acknowledgeable=True,
)
def _other_vpc(case: MachineCase) -> Iterator[str]:
    server = _server(case)
    ours = server.vpc_id if server is not None else None
    if not ours:  # a server outside AWS, or one that nobody finds, is told once for the plan
        return
    theirs = {known(nic.vpc_id, "nics.vpc_id") for nic in known(case.source.nics, "nics")}
    if theirs and ours not in theirs:
        yield f"it is in {', '.join(sorted(theirs))}, {_name(case)} in {ours}"


@plan_rule(
    "server-unfit",
    "warning",
    "The server is smaller than Site Recovery asks for",
    "Give it at least 8 vCPU, 16 GB of memory, 80 GB for its system and 600 GB (an appliance: 620 GB) for the cache, or "
    "replicate fewer machines at once.",
    applies_to=AWS,
)
def _unfit(case: Case) -> Iterator[str]:
    server = _server(case)
    if server is None or not server.instance_id:
        return
    if server.cores is not None and server.cores < CORES:
        yield f"{_name(case)} has {server.cores} vCPU of at least {CORES}"
    if server.memory_gb is not None and server.memory_gb < MEMORY_GB:
        yield f"{_name(case)} has {server.memory_gb:g} GB of memory of at least {MEMORY_GB}"
    least = DISKS_GB.get(case.plan.replication.mode, 0)
    if server.disks_gb is not None and server.disks_gb < least:
        yield f"{_name(case)} has {server.disks_gb} GB of disks of at least {least}"


@plan_rule(
    "server-system-unfit",
    "critical",
    "The server's system is not one that its set-up runs on",
    "An appliance needs Windows Server 2022, a configuration server Windows Server 2012 R2 or 2016, in English. Name another "
    "image or server; where only the name of the image misleads, acknowledge.",
    applies_to=AWS,
    acknowledgeable=True,
)
def _wrong_system(case: Case) -> Iterator[str]:
    server, wanted = _server(case), SYSTEMS.get(case.plan.replication.mode, ())
    if server is None or case.appliance.registered:  # what is registered was set up
        return
    system = (server.system or "").replace("-", " ")
    if server.windows is False:
        yield f"{_name(case)} is no Windows machine: {system or case.plan.replication.appliance.image_id or 'its image is not there'}"
    elif "Windows" in system and "Server" in system and not any(f"Server {each}" in system for each in wanted):
        yield f"{_name(case)} runs {system}, not Windows Server {' or '.join(wanted)}"


@plan_rule(
    "server-reaches-no-azure",
    "critical",
    "The server does not reach what it needs of Azure",
    "Let it out at port 443 to the sign-in, to the cache storage and to Site Recovery's own addresses, without TLS "
    "inspection, then retry. Where it goes through a proxy that only its set-up knows, acknowledge.",
    applies_to=AWS,
    acknowledgeable=True,
)
def _reaches_no_azure(case: Case) -> Iterator[str]:
    server = _server(case)
    for each in (server.unreached or ()) if server is not None else ():
        yield f"tried from {_name(case)}: {each}"
