"""From what Azure tells of its VMs to the facts that the rules judge; what it does not tell stays unknown."""

from collections.abc import Mapping
from typing import Any, Literal

from shared.azure.sizes import VmSize
from shared.concerns.source_facts import DiskFacts, NicFacts, SourceFacts
from shared.sources.azure.vms import Json, Reason, SourceVm, attached

# Azure's words for power, in those that every source side uses; a VM that is stopped but not deallocated is off too.
POWER: Mapping[str, str] = {
    "running": "running",
    "starting": "pending",
    "stopping": "stopping",
    "deallocating": "stopping",
    "stopped": "stopped",
    "deallocated": "stopped",
}
BOOT: Mapping[str, str] = {"V1": "legacy-bios", "V2": "uefi"}


def facts_of(vm: SourceVm, reasons: tuple[Reason, ...] | None, size: VmSize | None) -> SourceFacts:
    """Put together what Compute, Network and Site Recovery tell of a VM; `size` is its size in its region."""
    properties, view = vm.properties, vm.properties.get("instanceView") or {}
    profile = properties.get("storageProfile") or {}
    nics = tuple(_nic(card) for card in vm.nics)
    system = next(iter(attached(vm.vm)), {})
    return SourceFacts(
        instance_id=vm.id,
        name=vm.name,
        state=state_of(vm),
        private_ip=nics[0].ip if nics else None,
        os_family=_family(system),
        os_name=view.get("osName") or _image(profile) or None,
        os_version=view.get("osVersion") or (profile.get("imageReference") or {}).get("sku") or None,
        architecture=_architecture(vm),
        disks=tuple(_disk(disk, vm) for disk in attached(vm.vm)),
        nics=nics,
        tags=dict(vm.vm.get("tags") or {}),
        ssm_online=_agent(view),
        cores=size.cores or None if size else None,
        memory_gb=size.memory_gb or None if size else None,
        local_disk=size.local_disk if size else None,
        special=size.special if size else None,
        boot_mode=_boot_mode(vm),
        size=(properties.get("hardwareProfile") or {}).get("vmSize") or None,
        zone=next(iter(vm.vm.get("zones") or ()), ""),
        ephemeral_os_disk=(system.get("diffDiskSettings") or {}).get("option") == "Local",
        ineligible=None if reasons is None else tuple(f"{each.code}: {each.message}" for each in reasons),
    )


def state_of(vm: SourceVm) -> str | None:
    """Give the power state in the words of all source sides; None where Azure does not tell."""
    statuses = (vm.properties.get("instanceView") or {}).get("statuses") or ()
    codes = [str(each.get("code") or "") for each in statuses]
    power = next((code.removeprefix("PowerState/") for code in codes if code.startswith("PowerState/")), "")
    return POWER.get(power)


def _family(system: Json) -> Literal["windows", "linux"] | None:
    kind = str(system.get("osType") or "").lower()
    return kind if kind in ("windows", "linux") else None  # type: ignore[return-value] # just checked


def _image(profile: Json) -> str:
    image = profile.get("imageReference") or {}
    return " ".join(str(image[part]) for part in ("offer", "sku") if image.get(part))


def _architecture(vm: SourceVm) -> str:
    """Give the processor's; Azure says it only where it is Arm (documented: x64 is the default)."""
    capabilities = [(disk.get("properties") or {}).get("supportedCapabilities") or {} for disk in vm.disks.values()]
    return "arm64" if any(str(each.get("architecture")).lower() == "arm64" for each in capabilities) else "x86_64"


def _boot_mode(vm: SourceVm) -> str | None:
    """Give how it boots by its generation, which its view says while it runs and its disk always; None where neither does."""
    view = vm.properties.get("instanceView") or {}
    disks = [(disk.get("properties") or {}).get("hyperVGeneration") for disk in vm.disks.values()]
    return BOOT.get(next((str(each) for each in (view.get("hyperVGeneration"), *disks) if each), ""))


def _agent(view: Json) -> bool | None:
    """Tell whether the VM agent answers; None where the view was not read."""
    if not view:
        return None
    statuses = (view.get("vmAgent") or {}).get("statuses") or ()
    return any(each.get("displayStatus") == "Ready" for each in statuses)


def _disk(disk: Json, vm: SourceVm) -> DiskFacts:
    managed = disk.get("managedDisk") or {}
    document = vm.disks.get(str(managed.get("id") or "").lower()) or {}
    properties: dict[str, Any] = document.get("properties") or {}
    encrypted = (properties.get("encryptionSettingsCollection") or {}).get("enabled")
    return DiskFacts(
        device=str(disk.get("name") or ""),
        size_gib=properties.get("diskSizeGB") or disk.get("diskSizeGB"),
        type=(document.get("sku") or {}).get("name") or managed.get("storageAccountType"),
        encrypted=bool(encrypted),
        kms_key=(properties.get("encryption") or {}).get("diskEncryptionSetId") or None,
        volume_id=managed.get("id") or None,
        root=disk.get("osType") is not None,
        managed=bool(managed),
        known_as=(str(managed["id"]), str(managed["id"]).rpartition("/")[2]) if managed.get("id") else (),
    )


def _nic(card: Json) -> NicFacts:
    properties = card.get("properties") or {}
    configurations = [each.get("properties") or {} for each in properties.get("ipConfigurations") or ()]
    configurations.sort(key=lambda each: not each.get("primary"))  # Azure lists them in any order
    first = configurations[0] if configurations else {}
    others = (each.get("privateIPAddress") for each in configurations[1:])
    subnet = str((first.get("subnet") or {}).get("id") or "")
    group = (properties.get("networkSecurityGroup") or {}).get("id")
    return NicFacts(
        id=card["id"],
        ip=first.get("privateIPAddress"),
        other_ips=tuple(each for each in others if each),
        subnet_id=subnet or None,
        vpc_id=subnet.partition("/subnets/")[0] or None,
        security_groups=(group,) if group else (),
    )
