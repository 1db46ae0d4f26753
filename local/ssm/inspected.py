"""What the product's inspection prints on a Windows machine: the stand-in's own words for what the world says of it."""

from .machines import Instance

MAKERS = {"AWS": "Amazon Inc.", "Citrix": "Citrix Systems, Inc.", "RedHat": "Red Hat Inc.", "Xen": "XenSource"}


def inspects(text: str) -> bool:
    """Tell whether a script asks Windows for its drivers."""
    return "Win32_PnPSignedDriver" in text


def inspected(instance: Instance) -> str:
    """Return what the script prints: its lines are read off what it writes (`azferry-…|…`)."""
    build = instance.platform_version.rpartition(".")[2]
    pack = 1 if build == "7601" else 0
    lines = [f"azferry-system|{instance.platform_version}|{pack}"]
    for driver in instance.drivers:
        name, _, version = driver.rpartition(" ")
        lines.append(f"azferry-driver|{MAKERS.get(name.partition(' ')[0], 'Microsoft')}|{name} Device|{version}")
    return "\n".join([*lines, "azferry-inspected"])
