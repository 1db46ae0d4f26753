"""Which addresses belong to the app's own surroundings: nothing that a plan names may lead there."""

from ipaddress import ip_address


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
