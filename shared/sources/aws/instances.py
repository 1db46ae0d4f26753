"""EC2 instances as AWS describes them, found by id, by private address or by tag.

| operation | IAM action |
| --- | --- |
| find_instances, list_instances | ec2:DescribeInstances |
| volumes_of | ec2:DescribeVolumes |
| describe_types | ec2:DescribeInstanceTypes |
| describe_images, image_named | ec2:DescribeImages |
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from pydantic import Field

from shared.models import Model
from shared.sources.aws.interfaces import Interface, interfaces_of
from shared.sources.aws.refusals import asking
from shared.sources.aws.session import AwsPlace, ec2

T = TypeVar("T")

AT_ONCE = 200  # documented: values of one filter
GONE = frozenset({"terminated", "shutting-down"})


class Attachment(Model):
    """A volume on an instance."""

    device: str
    volume_id: str


class Ec2Instance(Model):
    """An instance: all that DescribeInstances tells of it."""

    id: str
    state: str
    region: str = ""
    name: str = ""
    private_ip: str = ""
    public_ip: str = ""
    vpc: str = ""
    subnet: str = ""
    zone: str = ""
    type: str = ""
    image_id: str = ""
    platform_details: str = Field(default="", description="e.g. Windows, Linux/UNIX, Red Hat Enterprise Linux")
    architecture: str = ""
    virtualization: str = Field(default="", description="hvm or paravirtual")
    hypervisor: str = ""
    boot_mode: str = Field(default="", description="legacy-bios or uefi, as it booted; empty = AWS does not tell")
    root_device: str = ""
    attachments: tuple[Attachment, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    groups: tuple[str, ...] = ()
    lifecycle: str = Field(default="", description="spot, scheduled or empty")
    tenancy: str = ""
    profile: str = Field(default="", description="ARN of its instance profile: what its agent may do")
    tags: dict[str, str] = Field(default_factory=dict)

    @property
    def windows(self) -> bool:
        """Tell whether it runs Windows."""
        return self.platform_details.lower().startswith("windows")

    @property
    def auto_scaling_group(self) -> str:
        """The group that would replace it when it stops; empty = none."""
        return self.tags.get("aws:autoscaling:groupName", "")


class Volume(Model):
    """An EBS volume."""

    id: str
    size_gb: int
    type: str = ""
    encrypted: bool = False
    key: str = ""


class SourceImage(Model):
    """An image that instances are made of."""

    name: str
    windows: bool


class InstanceType(Model):
    """What an instance type brings."""

    name: str
    cores: int = 0
    memory_mb: int = 0
    instance_store_gb: int = Field(default=0, description="disks that lose their contents at a stop")
    hypervisor: str = ""


def find_instances(
    place: AwsPlace,
    *,
    ids: Sequence[str] | None = None,
    private_ips: Sequence[str] | None = None,
    vpc: str = "",
    tags: Mapping[str, str] | None = None,
) -> tuple[Ec2Instance, ...]:
    """Give the instances that match everything that is told, without those that are gone.

    An id or address that is not there is simply missing from the answer, and an empty list of them finds nothing.
    Private addresses need `vpc`: they are only unique within one.
    """
    fixed = [{"Name": f"tag:{name}", "Values": [value]} for name, value in (tags or {}).items()]
    fixed += [{"Name": "vpc-id", "Values": [vpc]}] if vpc else []
    if ids is not None:
        batches = [[*fixed, {"Name": "instance-id", "Values": some}] for some in batched(ids)]
    elif private_ips is not None:
        batches = [[*fixed, {"Name": "private-ip-address", "Values": some}] for some in batched(private_ips)]
    else:
        batches = [fixed] if fixed else []  # not the whole region
    found = (each for filters in batches for each in _described(place, filters))
    unique = {each.id: each for each in found if each.state not in GONE}
    return tuple(unique.values())


def list_instances(place: AwsPlace, vpc: str = "") -> tuple[Ec2Instance, ...]:
    """Give every instance of a VPC, or of the whole region, without those that are gone."""
    filters = [{"Name": "vpc-id", "Values": [vpc]}] if vpc else []
    return tuple(each for each in _described(place, filters) if each.state not in GONE)


def get_instance(place: AwsPlace, instance_id: str) -> Ec2Instance | None:
    """Give one instance, or None when it is not there or gone."""
    return next(iter(find_instances(place, ids=[instance_id])), None)


def _described(place: AwsPlace, filters: list[Any]) -> Iterator[Ec2Instance]:
    with asking(f"looking for instances in {place.region}"):
        for page in ec2(place).get_paginator("describe_instances").paginate(Filters=filters):
            for reservation in page["Reservations"]:
                yield from (as_instance(place.region, raw) for raw in reservation.get("Instances", ()))


def volumes_of(place: AwsPlace, instances: Iterable[str]) -> dict[str, Volume]:
    """Give the volumes on these instances, by their own ids; one call serves 200 instances, however many disks they have."""
    found: dict[str, Volume] = {}
    with asking(f"reading volumes in {place.region}"):
        for some in batched(instances):
            filters: Any = [{"Name": "attachment.instance-id", "Values": some}]
            pages = ec2(place).get_paginator("describe_volumes").paginate(Filters=filters)
            found |= {raw["VolumeId"]: _volume(raw) for page in pages for raw in page["Volumes"]}
    return found


def describe_types(place: AwsPlace, names: Iterable[str]) -> dict[str, InstanceType]:
    """Give the instance types that exist in the region, by name."""
    found: dict[str, InstanceType] = {}
    with asking(f"reading instance types in {place.region}"):
        for some in batched(sorted(set(names)), 100):
            filters: Any = [{"Name": "instance-type", "Values": some}]
            pages = ec2(place).get_paginator("describe_instance_types").paginate(Filters=filters)
            found |= {raw["InstanceType"]: _type(raw) for page in pages for raw in page["InstanceTypes"]}
    return found


def describe_images(place: AwsPlace, ids: Iterable[str]) -> dict[str, str]:
    """Give the names of the images that are still there, by id; many an image is gone long before its instances."""
    found: dict[str, str] = {}
    with asking(f"reading images in {place.region}"):
        for some in batched(sorted(set(ids))):
            pages = ec2(place).get_paginator("describe_images").paginate(Filters=[{"Name": "image-id", "Values": some}])
            found |= {raw["ImageId"]: raw.get("Name", "") for page in pages for raw in page["Images"]}
    return found


def image_named(place: AwsPlace, image: str) -> SourceImage | None:
    """Give an image by its id, or None when it is not there (any more)."""
    with asking(f"reading image {image}"):
        images = ec2(place).describe_images(Filters=[{"Name": "image-id", "Values": [image]}])["Images"]
    found = next(iter(images), None)
    return SourceImage(name=found.get("Name", ""), windows=found.get("Platform") == "windows") if found else None


def batched(values: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """Cut into lists that one call takes; nothing for nothing."""
    iterator = iter(values)
    while some := list(islice(iterator, size)):
        yield some


def tags_of(raw: Any) -> dict[str, str]:
    """Give AWS's list of tags as a mapping."""
    return {each["Key"]: each["Value"] for each in raw or ()}


def as_instance(region: str, raw: Any) -> Ec2Instance:
    """Read an instance from EC2's own document."""
    tags = tags_of(raw.get("Tags"))
    placement = raw.get("Placement", {})
    return Ec2Instance(
        id=raw["InstanceId"],
        state=raw["State"]["Name"],
        region=region,
        name=tags.get("Name", ""),
        private_ip=raw.get("PrivateIpAddress") or "",
        public_ip=raw.get("PublicIpAddress") or "",
        vpc=raw.get("VpcId") or "",
        subnet=raw.get("SubnetId") or "",
        zone=placement.get("AvailabilityZone") or "",
        type=raw.get("InstanceType") or "",
        image_id=raw.get("ImageId") or "",
        platform_details=raw.get("PlatformDetails") or raw.get("Platform") or "",
        architecture=raw.get("Architecture") or "",
        virtualization=raw.get("VirtualizationType") or "",
        hypervisor=raw.get("Hypervisor") or "",
        boot_mode=_boot_mode(raw),
        root_device=raw.get("RootDeviceName") or "",
        attachments=tuple(_attachment(each) for each in raw.get("BlockDeviceMappings", ()) if each.get("Ebs")),
        interfaces=interfaces_of(raw.get("NetworkInterfaces", ())),
        groups=tuple(each["GroupId"] for each in raw.get("SecurityGroups", ())),
        lifecycle=raw.get("InstanceLifecycle") or "",
        tenancy=placement.get("Tenancy") or "default",
        profile=raw.get("IamInstanceProfile", {}).get("Arn", ""),
        tags=tags,
    )


def _boot_mode(raw: Any) -> str:
    """Give how it booted; `uefi-preferred` is what its image asks for: most of these booted with legacy BIOS (recorded)."""
    mode = raw.get("CurrentInstanceBootMode") or raw.get("BootMode") or ""
    return "" if mode == "uefi-preferred" else str(mode)


def _attachment(raw: Any) -> Attachment:
    ebs = raw["Ebs"]
    return Attachment(
        device=raw["DeviceName"],
        volume_id=ebs["VolumeId"],
    )


def _volume(raw: Any) -> Volume:
    return Volume(
        id=raw["VolumeId"],
        size_gb=raw["Size"],
        type=raw.get("VolumeType") or "",
        encrypted=bool(raw.get("Encrypted")),
        key=raw.get("KmsKeyId") or "",
    )


def _type(raw: Any) -> InstanceType:
    return InstanceType(
        name=raw["InstanceType"],
        cores=raw.get("VCpuInfo", {}).get("DefaultVCpus", 0),
        memory_mb=raw.get("MemoryInfo", {}).get("SizeInMiB", 0),
        instance_store_gb=raw.get("InstanceStorageInfo", {}).get("TotalSizeInGB", 0),
        hypervisor=raw.get("Hypervisor") or "",
    )
