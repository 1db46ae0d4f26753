"""Which addresses belong to the app's own surroundings: nothing that a plan names may lead there."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

# Azure's own service on every host (DNS, health, the agent's channel): a public address by its number only.
PLATFORM: Final = ip_address("168.63.129.16")
NAT64: Final = ip_network("64:ff9b::/96")
SURROUNDINGS: Final = (".localhost", ".internal", ".local")


def is_internal(address: str) -> bool:
    """Whether an IP address is loopback, link-local (the platform's metadata service) or no single machine's at all."""
    found = ip_address(address)
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return found.is_loopback or found.is_link_local or found.is_unspecified or found.is_multicast


def is_loopback(host: str) -> bool:
    """Whether a host is written as a loopback address; a name that merely begins like one is not."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_outside(host: str) -> bool:
    """Whether a host is written as one of the internet; a name is one until it is looked up."""
    try:
        return is_public(host)
    except ValueError:
        name = host.lower().removesuffix(".")
        return "." in name and not name.endswith(SURROUNDINGS) and not name.rpartition(".")[2].isdigit()


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet, also behind the ways in which IPv6 carries an IPv4 address."""
    found = ip_address(address.partition("%")[0])
    return all(each.is_global and not each.is_multicast and each != PLATFORM for each in _carried(found))


def _carried(address: IPv4Address | IPv6Address) -> tuple[IPv4Address | IPv6Address, ...]:
    """Give an address and the IPv4 address that it carries."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    inner = address.sixtofour or (address.teredo[1] if address.teredo else None)
    if address in NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return (address, inner) if inner else (address,)
