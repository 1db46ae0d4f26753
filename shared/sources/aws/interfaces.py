"""Network interfaces of EC2 instances, with every address of each."""

from typing import Any

from pydantic import Field

from shared.models import Model


class Interface(Model):
    """A network interface of an instance."""

    id: str
    index: int = Field(default=0, description="device index: 0 is the primary one")
    private_ips: tuple[str, ...] = Field(default=(), description="the primary one first")
    public_ips: tuple[str, ...] = Field(default=(), description="public addresses that a stop loses")
    elastic_ips: tuple[str, ...] = Field(default=(), description="public addresses that are kept over a stop")
    subnet: str = ""
    groups: tuple[str, ...] = ()


def interfaces_of(cards: Any) -> tuple[Interface, ...]:
    """Give the interfaces, the primary one first: EC2 lists them in any order (recorded)."""
    return tuple(sorted(map(_interface, cards), key=lambda card: card.index))


def _interface(raw: Any) -> Interface:
    addresses = sorted(raw.get("PrivateIpAddresses", ()), key=lambda each: not each.get("Primary"))
    noted = [each["Association"] for each in (raw, *addresses) if (each.get("Association") or {}).get("PublicIp")]
    public = {each["PublicIp"]: each.get("IpOwnerId", "amazon") != "amazon" for each in noted}
    return Interface(
        id=raw["NetworkInterfaceId"],
        index=raw.get("Attachment", {}).get("DeviceIndex", 0),
        private_ips=tuple(each["PrivateIpAddress"] for each in addresses),
        public_ips=tuple(address for address, elastic in public.items() if not elastic),
        elastic_ips=tuple(address for address, elastic in public.items() if elastic),
        subnet=raw.get("SubnetId") or "",
        groups=tuple(each["GroupId"] for each in raw.get("Groups", ())),
    )
