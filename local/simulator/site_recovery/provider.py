"""Registers Site Recovery with the simulator."""

from ..provider import Provider

SITE_RECOVERY = Provider("Microsoft.RecoveryServices/vaults/replication*")
