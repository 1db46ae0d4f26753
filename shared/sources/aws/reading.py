"""From what AWS tells to the facts that the rules judge; what AWS does not tell stays unknown."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeVar

from shared.concerns.source_facts import DiskFacts, NicFacts, SourceFacts
from shared.problems import CloudRefused
from shared.site_recovery.remembered import Remembered
from shared.sources.aws.instances import (
    Ec2Instance,
    InstanceType,
    Volume,
    describe_images,
    describe_types,
    volumes_of,
)
from shared.sources.aws.power import protected_from_stop, protected_from_termination
from shared.sources.aws.session import AwsPlace
from shared.sources.aws.ssm import SsmAgent, agents
from shared.sources.guest_os import pack_of

DRIVERS_TAG = "azferry:pv-drivers"
GROUP_TAG = "aws:autoscaling:groupName"
_TYPES = Remembered[InstanceType]()
_IMAGES = Remembered[str]()
Found = TypeVar("Found")
MANY = 50  # above this, one call per machine is not worth it: each is asked by itself before its source is stopped


def facts_of(place: AwsPlace, instances: Sequence[Ec2Instance], *, ends: bool = True) -> dict[str, SourceFacts]:
    """Give the facts of instances by id: volumes, types, images and agents are read for all at once.

    What keeps an instance from its termination is asked only where the plan ends it (`ends`).
    """
    few = len(instances) <= MANY
    volumes = volumes_of(place, [each.id for each in instances if each.attachments])
    types = _known(_TYPES, place, {each.type for each in instances}, describe_types)
    images = _known(_IMAGES, place, {each.image_id for each in instances}, describe_images)
    reporting = _agents(place, [each.id for each in instances])
    return {
        each.id: as_facts(each, volumes, types.get(each.type), images.get(each.image_id)).replace(
            **_from_agent(None if reporting is None else reporting.get(each.id), known=reporting is not None),
            termination_protection=_told(protected_from_termination, place, each) if few and ends else None,
            stop_protection=_told(protected_from_stop, place, each) if few else None,
        )
        for each in instances
    }


def _known(
    kept: Remembered[Found],
    place: AwsPlace,
    names: Iterable[str],
    ask: Callable[[AwsPlace, Iterable[str]], dict[str, Found]],
) -> dict[str, Found]:
    """Give what is remembered of these names, and what EC2 tells of the others: each machine of a fleet asks for the same few."""
    known = {name: kept.get(_key(place, name)) for name in names}
    found = ask(place, [name for name, value in known.items() if value is None])
    kept.keep({_key(place, name): value for name, value in found.items()})
    return {name: value for name, value in known.items() if value is not None} | found


def _key(place: AwsPlace, name: str) -> str:
    return f"{place.region} {place.role_arn} {name}"


def _agents(place: AwsPlace, ids: Sequence[str]) -> dict[str, SsmAgent] | None:
    """Give the management agents; None when Systems Manager does not let us look: unknown is not absent."""
    try:
        return agents(place, ids)
    except CloudRefused:
        return None


def _told(ask: Callable[[AwsPlace, str], bool], place: AwsPlace, instance: Ec2Instance) -> bool | None:
    try:
        return ask(place, instance.id)
    except CloudRefused:
        return None


def as_facts(
    instance: Ec2Instance, volumes: dict[str, Volume], kind: InstanceType | None, image: str | None
) -> SourceFacts:
    """Put together what EC2 tells."""
    windows = "windows" in instance.platform_details.lower()
    return SourceFacts(
        instance_id=instance.id,
        name=instance.name,
        state=instance.state,
        private_ip=instance.private_ip,
        platform_details=instance.platform_details or None,
        os_family="windows" if windows else "linux" if instance.platform_details else None,
        os_name=_os_name(instance, image),
        architecture=instance.architecture or None,
        virtualization_type=instance.virtualization or None,
        hypervisor=(kind.hypervisor if kind and kind.hypervisor else instance.hypervisor) or None,
        boot_mode=instance.boot_mode or None,
        pv_drivers=_drivers(instance),
        disks=_disks(instance, volumes, kind),
        nics=_nics(instance),
        public_ips=_lost(instance),
        elastic_ips=tuple(each for card in instance.interfaces for each in card.elastic_ips),
        tags=dict(instance.tags),
        auto_scaling_group=instance.tags.get(GROUP_TAG, ""),
        spot=instance.lifecycle == "spot",
        tenancy=instance.tenancy or None,
        cores=kind.cores if kind else None,
    )


def _os_name(instance: Ec2Instance, image: str | None) -> str | None:
    """Guess the system from the image's name until an agent tells: `Windows_Server-2016-English-Full-Base-2021`."""
    if image:
        return image
    return instance.platform_details if instance.platform_details not in ("", "Linux/UNIX") else None


def _drivers(instance: Ec2Instance) -> Literal["aws", "citrix", "redhat", "none"] | None:
    """Read the kind of PV drivers from a tag that people set; EC2 does not know it, an inspection does better."""
    drivers = instance.tags.get(DRIVERS_TAG, "").lower()
    return drivers if drivers in ("aws", "citrix", "redhat", "none") else None  # type: ignore[return-value] # just checked


def _disks(instance: Ec2Instance, volumes: dict[str, Volume], kind: InstanceType | None) -> tuple[DiskFacts, ...]:
    """Give EBS volumes, and the instance store as one disk where the type brings it."""
    disks = [
        DiskFacts(
            device=each.device,
            size_gib=volumes[each.volume_id].size_gb if each.volume_id in volumes else None,
            type=volumes[each.volume_id].type if each.volume_id in volumes else None,
            encrypted=volumes[each.volume_id].encrypted if each.volume_id in volumes else None,
            kms_key=volumes[each.volume_id].key if each.volume_id in volumes else None,
            volume_id=each.volume_id,
            root=each.device == instance.root_device,
        )
        for each in instance.attachments
    ]
    if kind and kind.instance_store_gb:
        store = DiskFacts(
            device="ephemeral", size_gib=kind.instance_store_gb, type="instance-store", instance_store=True
        )
        disks.append(store)
    return tuple(disks)


def _nics(instance: Ec2Instance) -> tuple[NicFacts, ...]:
    return tuple(
        NicFacts(
            id=card.id,
            ip=card.private_ips[0] if card.private_ips else None,
            other_ips=card.private_ips[1:],
            subnet_id=card.subnet,
            vpc_id=instance.vpc,
            security_groups=card.groups,
        )
        for card in instance.interfaces
    )


def _lost(instance: Ec2Instance) -> tuple[str, ...]:
    """Give the public addresses that a stop loses; where no card tells of one, EC2's word about the instance counts."""
    addresses = [each for card in instance.interfaces for each in (*card.public_ips, *card.elastic_ips)]
    own = (instance.public_ip,) if instance.public_ip and not addresses else ()
    return tuple(each for card in instance.interfaces for each in card.public_ips) + own


def _from_agent(agent: SsmAgent | None, *, known: bool) -> dict[str, object]:
    """Give what the management agent knows better than EC2."""
    if agent is None:
        return {"ssm_online": False if known else None}
    reported: dict[str, object] = {"ssm_online": agent.online}
    if agent.os_name:
        reported |= {"os_name": agent.os_name, "os_version": agent.os_version or None}
        reported["service_pack"] = pack_of(agent.os_version)
    if agent.os_type in ("Windows", "Linux"):
        reported["os_family"] = agent.os_type.lower()
    return reported
