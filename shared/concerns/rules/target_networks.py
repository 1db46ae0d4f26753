"""Rules about the networks of the target: they exist, in the right region, with room for all."""

from collections import Counter
from collections.abc import Iterator

from shared.concerns.registry import Case, Sighting, known, plan_rule, same_region
from shared.concerns.target_facts import NetworkFacts, SubnetFacts


@plan_rule(
    "network-missing",
    "critical",
    "A virtual network of the plan does not exist",
    "Create it, or correct its name or resource group in the plan.",
)
def _no_network(case: Case) -> Iterator[Sighting]:
    for name in _vnets(case):
        if _network(case, name) is None:
            yield Sighting(f"there is no virtual network {name}", name)


@plan_rule(
    "network-in-other-region",
    "critical",
    "A virtual network lies in another region than the target",
    "Use a network of the target region.",
)
def _far_network(case: Case) -> Iterator[str]:
    for name in _vnets(case):
        network = _network(case, name)
        if network and not same_region(known(network.region, "networks.region"), case.plan.target.region):
            yield f"{name} is in {network.region}"


@plan_rule(
    "subnet-missing",
    "critical",
    "A subnet of the plan does not exist",
    "Create it, or correct its name in the plan.",
)
def _no_subnet(case: Case) -> Iterator[Sighting]:
    for vnet, subnet in sorted(_needed(case)):
        if _network(case, vnet) and _subnet(case, vnet, subnet) is None:
            yield Sighting(f"{vnet} has no subnet {subnet}", f"{vnet}/{subnet}")


@plan_rule(
    "subnet-full",
    "critical",
    "A subnet has too few free addresses",
    "Enlarge the subnet, free addresses, or give some machines another subnet.",
)
def _full(case: Case) -> Iterator[Sighting]:
    for (vnet, name), machines in sorted(_needed(case).items()):
        subnet = _subnet(case, vnet, name)
        if subnet and known(subnet.free, "networks.subnets.free") < machines:
            yield Sighting(f"{vnet}/{name}: {machines} addresses are needed, {subnet.free} are free", f"{vnet}/{name}")


def _vnets(case: Case) -> list[str]:
    """Give the virtual networks that the plan names."""
    network = case.plan.target.network
    return [name for name in dict.fromkeys((network.vnet, network.test_vnet)) if name]


def _needed(case: Case) -> Counter[tuple[str, str]]:
    """Count the machines by network and subnet, real and rehearsed."""
    network = case.plan.target.network
    needed: Counter[tuple[str, str]] = Counter()
    for wave, machine in case.to_place():
        needed[network.vnet, machine.target.subnet or network.subnet] += 1
        if wave.gates.test != "skip" and network.test_vnet and not case.standing_of(machine.name).rehearsed:
            needed[network.test_vnet, machine.target.test_subnet or network.test_subnet] += 1
    return needed


def _network(case: Case, name: str) -> NetworkFacts | None:
    return next((each for each in known(case.target.networks, "networks") if each.name.lower() == name.lower()), None)


def _subnet(case: Case, vnet: str, name: str) -> SubnetFacts | None:
    network = _network(case, vnet)
    return next((each for each in network.subnets if each.name.lower() == name.lower()), None) if network else None


@plan_rule(
    "test-network-is-production",
    "critical",
    "Test machines would start in the production network",
    "Name an isolated network as testVnet: two machines of one name and data in one network do harm.",
    acknowledgeable=True,
)
def _same_network(case: Case) -> Iterator[str]:
    network = case.plan.target.network
    if network.vnet.lower() == network.test_vnet.lower():
        yield f"both are {network.vnet}"


@plan_rule(
    "test-network-peered",
    "warning",
    "Test machines would reach the production network",
    "Take the peering of the test network away for the rehearsal: a copy that runs beside its original does its work twice.",
)
def _peered_with_production(case: Case) -> Iterator[str]:
    network = case.plan.target.network
    test, real = (_network(case, name) if name else None for name in (network.test_vnet, network.vnet))
    if test is None or real is None or test.name == real.name:
        return
    if _are_peered(test, real) or _are_peered(real, test):
        yield f"{test.name} is peered with {real.name}"


def _are_peered(network: NetworkFacts, other: NetworkFacts) -> bool:
    return bool(other.id) and other.id.lower() in {each.lower() for each in network.peered_with}


@plan_rule(
    "subnet-delegated",
    "critical",
    "A subnet is delegated to a service of Azure",
    "Name a subnet that no service has: Azure refuses network cards of machines in a delegated one.",
    acknowledgeable=True,
)
def _delegated(case: Case) -> Iterator[str]:
    for vnet, name in sorted(_needed(case)):
        subnet = _subnet(case, vnet, name)
        if subnet and subnet.delegated:
            yield f"{vnet}/{name} is delegated"
