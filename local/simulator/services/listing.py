"""The providers beside Site Recovery, in the order in which they are set up."""

from ..provider import Provider
from .compute.provider import COMPUTE
from .groups import RESOURCES
from .network import NETWORKS
from .offazure import OFF_AZURE
from .permissions import PERMISSIONS
from .sources import SOURCES
from .storage import STORAGE
from .vaults import VAULTS

SERVICES: tuple[Provider, ...] = (RESOURCES, PERMISSIONS, VAULTS, NETWORKS, STORAGE, COMPUTE, OFF_AZURE, SOURCES)
