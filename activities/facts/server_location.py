"""Where the server of an AWS road stands: on EC2, with its VPC, subnet and groups, or outside at addresses that are known."""

from collections.abc import Iterable, Sequence

from shared.models import Model
from shared.plan.model import Plan
from shared.problems import CloudRefused
from shared.roads.registry import road_of
from shared.site_recovery.fabrics import RegisteredAppliance
from shared.site_recovery.remembered import Remembered
from shared.site_recovery.vault import get_vault, vault_of_plan
from shared.sources.aws.appliance import TAG
from shared.sources.aws.instances import Ec2Instance, find_instances
from shared.sources.aws.place import place_of, vpc_of
from shared.sources.aws.ways import RouteEnd

_ADDRESSES = Remembered[str]()


class ServerAt(Model):
    """Where a server stands; without an instance it stands outside EC2, and nothing of its network is seen."""

    name: str
    instance: Ec2Instance | None = None
    addresses: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The address at which machines reach it; empty = not known."""
        return next(iter(self.addresses), "")

    @property
    def end(self) -> RouteEnd:
        """The server as the end of a route that machines have to it."""
        if self.instance is None:
            return RouteEnd(what=self.name, address=self.address)
        return RouteEnd(
            what=self.name, address=self.address, subnet=self.instance.subnet, groups=tuple(self.instance.groups)
        )


def address_of(plan: Plan) -> str:
    """Give the address at which machines reach the server, kept for a minute as each machine of a fleet asks; empty = not known."""

    def look() -> str | None:
        server = locate(plan)
        return server.address or None if server else None

    return _ADDRESSES.of(f"{vault_of_plan(plan).id} {plan.replication.appliance.name}", look) or ""


def locate(plan: Plan) -> ServerAt | None:
    """Say where the server stands, as EC2, the plan or the vault knows; None when nobody does."""
    return located(plan) or _at(plan, _in_vault(plan))


def located(plan: Plan, registered: RegisteredAppliance | None = None) -> ServerAt | None:
    """Say where the server stands as EC2 and the plan know, or what was read of it in the vault."""
    server = plan.replication.appliance
    instance = _tagged(plan)
    if instance is not None:
        return ServerAt(name=server.name, instance=instance, addresses=(instance.private_ip,))
    return _at(plan, server.addresses or addresses_of(registered))


def addresses_of(registered: RegisteredAppliance | None) -> tuple[str, ...]:
    """Give the addresses that the parts of a registered server tell; its own before those of process servers beside it."""
    found = (address for part in (registered.components if registered else ()) for address in part.ip_addresses)
    return tuple(dict.fromkeys(found))


def _in_vault(plan: Plan) -> tuple[str, ...]:
    try:
        return addresses_of(road_of(plan).find_server(plan)) if get_vault(vault_of_plan(plan)) else ()
    except CloudRefused:
        return ()


def _tagged(plan: Plan) -> Ec2Instance | None:
    """Find its instance by its name, or by our tag where somebody renamed what we launched; the machines' VPC goes first."""
    place, name = place_of(plan), plan.replication.appliance.name
    named = find_instances(place, tags={"Name": name})
    return _best(plan, [each for each in named if each.tags.get(TAG) == name] or named) or _best(
        plan, find_instances(place, tags={TAG: name})
    )


def _at(plan: Plan, addresses: Sequence[str]) -> ServerAt | None:
    """Tell a server on EC2, one of whose addresses is an instance's, from one outside."""
    if not addresses:
        return None
    name = plan.replication.appliance.name
    instance = _best(plan, find_instances(place_of(plan), private_ips=addresses))
    if instance is None:
        return ServerAt(name=name, addresses=tuple(addresses))
    return ServerAt(name=name, instance=instance, addresses=(instance.private_ip,))


def _best(plan: Plan, found: Iterable[Ec2Instance]) -> Ec2Instance | None:
    vpc = vpc_of(plan)
    return min(found, key=lambda server: (server.vpc != vpc, server.id), default=None)
