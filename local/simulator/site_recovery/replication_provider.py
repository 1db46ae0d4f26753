"""The seam of a replication provider: one module per ASR provider under `providers/`."""

from collections.abc import Mapping
from typing import Protocol

from ..arm import Call
from ..vms import VmRequest
from .state import Container, Fabric, Item, Json, Place, Policy, SrVault


class ReplicationProvider(Protocol):
    """What differs between providers; everything else is in the modules beside this one."""

    instance_type: str
    fabric_provider: str

    def policy_settings(self, sent: Json, before: Json | None) -> Json:
        """Return the settings a policy keeps of what was sent (merged with `before` for an update)."""

    def policy_problem(self, settings: Json) -> str | None:
        """Return the ASR code with which a policy of these settings fails, None if it is fine."""

    def policy_details(self, policy: Policy) -> Json:
        """Return a policy's providerSpecificDetails."""

    def mapping_details(self, sent: Json) -> Json | None:
        """Return a container mapping's providerSpecificDetails."""

    def new_item(self, call: Call, vault: SrVault, fabric: Fabric, container: Container) -> Item:
        """Return the item that an enable call asks for; raise ARM's 400."""

    def enable_problem(self, place: Place) -> str | None:
        """Return the ASR code with which installing and enabling fails, None if it succeeds."""

    def update(self, item: Item, sent: Json) -> None:
        """Take an update of an item's properties; raise ARM's 400."""

    def item_details(self, place: Place, *, full: bool) -> Json:
        """Return an item's providerSpecificDetails; a listing is not full."""

    def vm(self, place: Place, inputs: Json, *, test: bool) -> VmRequest:
        """Return the VM to make in a (test) failover."""

    def shuts_down(self, place: Place, inputs: Json) -> bool:
        """Return whether the service itself shuts the source down in this failover."""


Providers = Mapping[str, ReplicationProvider]
