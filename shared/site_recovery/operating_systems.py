"""Operating systems that Site Recovery supports today, as it says itself.

| operation | role action |
| --- | --- |
| supported_operating_systems | Microsoft.RecoveryServices/vaults/replicationSupportedOperatingSystems/read |
"""

import re

from shared.azure import clients
from shared.azure.refusals import asking
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import FromWire


class Version(FromWire):
    """A version of a system."""

    version: str = ""
    service_pack: str = ""

    @property
    def pack(self) -> int:
        """Give the number in a text such as `SP1`; 0 = none is demanded."""
        found = re.search(r"\d+", self.service_pack)
        return int(found.group()) if found else 0


class OperatingSystem(FromWire):
    """A system and the versions of it that are supported."""

    os_name: str = ""
    os_type: str = ""
    os_versions: tuple[Version, ...] = ()

    @property
    def lowest_packs(self) -> dict[str, int]:
        """Give the lowest service pack that is supported of each version; one that is listed without any is missing."""
        packs: dict[str, int] = {}
        for each in self.os_versions:
            packs[each.version] = min(each.pack, packs.get(each.version, each.pack))
        return {version: pack for version, pack in packs.items() if pack}


def supported_operating_systems(vault: VaultRef, provider_name: str) -> tuple[OperatingSystem, ...]:
    """Give what the provider supports."""
    systems = clients.site_recovery(vault.subscription).supported_operating_systems
    with asking(f"reading the operating systems that {provider_name} supports"):
        raw = systems.get(*vault.place, instance_type=provider_name).as_dict()
    lists = (raw.get("properties") or {}).get("supportedOsList") or ()
    ours = [each for each in lists if str(each.get("instanceType", "")).lower() == provider_name.lower()]
    return tuple(OperatingSystem.model_validate(system) for each in ours for system in each.get("supportedOs") or ())
