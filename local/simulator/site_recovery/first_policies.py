"""The policies and container mappings that the service itself makes with an appliance (recorded)."""

from . import ids
from .policies import FAILBACK
from .state import Container, Fabric, Mapping, Policy, SrVault, container_id

DAY = "24-hour-replication-policy"
_SETTINGS = {
    "recoveryPointHistoryInMinutes": 4320,
    "appConsistentFrequencyInMinutes": 240,
    "crashConsistentFrequencyInMinutes": 5,
    "enableMultiVmSync": "true",  # assumed
}
# The way back: the name's first part, and its numbers (assumed).
_BACK = {
    "appconsistency": {"appConsistentFrequencyInMinutes": 60, "crashConsistentFrequencyInMinutes": 5},
    "crashconsistency": {"appConsistentFrequencyInMinutes": 0, "crashConsistentFrequencyInMinutes": 5},
}


def set_up(vault: SrVault, fabric: Fabric, container: Container) -> None:
    """Make the policy of a first replication and those of the way back, and map the container by each of them."""
    vault.policies.setdefault(DAY, Policy(DAY, "InMageRcm", dict(_SETTINGS)))
    forth = {"instanceType": "InMageRcm", "enableAgentAutoUpgrade": "true"}
    _pair(container, Mapping("default-failover-containerpairing", DAY, ids.AZURE, forth))
    own = container_id(vault, fabric, container)
    for kind, settings in _BACK.items():
        name = f"{kind}-policy-failback"
        vault.policies.setdefault(name, Policy(name, FAILBACK, dict(settings)))
        _pair(container, Mapping(f"{kind}-failback-containerpairing", name, own, None))


def _pair(container: Container, mapping: Mapping) -> None:
    container.mappings[mapping.name.lower()] = mapping
