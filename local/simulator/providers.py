"""The resource providers of the simulated Azure, in the order in which they are set up."""

from .provider import Provider
from .services.listing import SERVICES
from .site_recovery.provider import SITE_RECOVERY

PROVIDERS: tuple[Provider, ...] = (*SERVICES, SITE_RECOVERY)
