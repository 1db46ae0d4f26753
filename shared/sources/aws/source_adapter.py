"""The AWS side: EC2 instances found by id, private address or tags, with everything that AWS tells of them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import ClassVar

from shared.concerns.source_facts import SourceFacts
from shared.plan.expand import expand
from shared.plan.machines import Machine
from shared.plan.model import Plan
from shared.plan.selection import SourceMatch
from shared.sources.aws import power
from shared.sources.aws.command_runner import SystemsManager
from shared.sources.aws.instances import Ec2Instance, find_instances, list_instances
from shared.sources.aws.place import place_of, vpc_of
from shared.sources.aws.reading import facts_of
from shared.sources.aws.removal import InstanceRemoval
from shared.sources.aws.session import AwsPlace
from shared.sources.command_runner import CommandRunner
from shared.sources.source_adapter import Sources, SourceSide
from shared.sources.source_removal import SourceRemoval


class AwsSide(SourceSide):
    """EC2 through the plan's role; Site Recovery takes instances for physical machines and does not shut them down."""

    has_power: ClassVar[bool] = True
    failover_shuts_down: ClassVar[bool] = False
    told_within: ClassVar[timedelta] = timedelta(minutes=1)  # unknown: assumed; EC2 is eventually consistent
    sees_network: ClassVar[bool] = True
    runner: ClassVar[CommandRunner | None] = SystemsManager()
    removal: ClassVar[SourceRemoval | None] = InstanceRemoval()

    def read(self, plan: Plan, names: Collection[str] | None = None) -> Sources:
        """Find by ids and by private addresses, 200 a call, and by each set of tags; then read all facts at once."""
        place = place_of(plan)
        instances = {each.id: each for each in _found(place, plan)}
        expanded = expand(plan, [_as_found(each) for each in instances.values()])
        chosen = {
            machine.name: _meant(machine, instances.values())
            for _, machine in expanded.plan.entries()
            if names is None or machine.name in names
        }
        clear = [each[0] for each in chosen.values() if len(each) == 1]
        facts = facts_of(place, clear, ends=plan.finish.decommission.mode == "terminate")
        by_name = {
            name: facts[candidates[0].id] if len(candidates) == 1 else _missing(candidates)
            for name, candidates in chosen.items()
        }
        return Sources(plan=expanded.plan, facts=by_name, unmatched=expanded.unmatched)

    def listed(self, plan: Plan) -> tuple[SourceMatch, ...]:
        """List the instances of the plan's VPC, or of its whole region where it names none."""
        return tuple(_as_found(each) for each in list_instances(place_of(plan), vpc_of(plan)))

    def state(self, plan: Plan, source_id: str) -> str:
        """Give EC2's own word for the state; `gone` for an instance that it does not know any more."""
        return power.states(place_of(plan), [source_id]).get(source_id, "gone")

    def looks_inside(self, plan: Plan) -> bool:
        """Whether the plan lets Systems Manager look into instances."""
        return plan.source.aws is not None and plan.source.aws.inspect

    def stop(self, plan: Plan, source_id: str) -> None:
        """Stop the instance; its disks and private address stay, a public address that is not elastic goes."""
        power.stop(place_of(plan), source_id)

    def start(self, plan: Plan, source_id: str) -> None:
        """Start the instance; one that is still stopping is started by a later call."""
        power.start(place_of(plan), source_id)


def _found(place: AwsPlace, plan: Plan) -> Iterable[Ec2Instance]:
    """Give every instance that some entry of the plan means."""
    sources = [machine.source for _, machine in plan.entries()]
    vpc = vpc_of(plan)
    if ids := [source.instance_id for source in sources if source.instance_id]:
        yield from find_instances(place, ids=ids)
    if ips := [source.private_ip for source in sources if source.private_ip]:
        yield from find_instances(place, private_ips=ips, vpc=vpc)
    for tags in {tuple(sorted(source.tags.items())) for source in sources if source.tags}:
        yield from find_instances(place, tags=dict(tags), vpc=vpc)
    if any(source.match for source in sources):
        yield from list_instances(place, vpc)


def _as_found(instance: Ec2Instance) -> SourceMatch:
    return SourceMatch(
        instance_id=instance.id,
        name=instance.name,
        private_ip=instance.private_ip,
        tags=dict(instance.tags),
        more_ips=tuple(address for card in instance.interfaces for address in card.private_ips),
    )


def _meant(machine: Machine, instances: Iterable[Ec2Instance]) -> list[Ec2Instance]:
    """Give the instances that an entry means; more than one where two VPCs have its address."""
    return [
        each for each in instances if machine.source.instance_id == each.id or _has_ip(each, machine.source.private_ip)
    ]


def _missing(fits: Sequence[Ec2Instance]) -> SourceFacts:
    """Give what is known where no single machine is meant: nothing but those that would fit."""
    descriptions = tuple(f"{each.id} ({each.name or 'without a name'}, {each.vpc or 'no VPC'})" for each in fits)
    return SourceFacts(found=False, fits=descriptions)


def _has_ip(instance: Ec2Instance, ip: str) -> bool:
    addresses = {address for card in instance.interfaces for address in card.private_ips} | {instance.private_ip}
    return bool(ip) and ip in addresses
