"""What every provider checks of a call that enables replication, and the item that comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..arm import Call
from ..errors import bad_request
from ..machines import SourceMachine
from .ids import guid
from .state import Container, Fabric, Item, Json, Policy, SrVault


@dataclass(frozen=True)
class Enabling:
    """An enable call of which the fields and the policy are in order."""

    call: Call
    vault: SrVault
    fabric: Fabric
    container: Container
    policy: Policy
    inputs: Json

    def item(self, provider: str, machine: SourceMachine, **more: Any) -> Item:
        """Return the new item of a machine; `more` are fields that only this provider fills."""
        call, name = self.call, self.call.params["item"]
        made: dict[str, Any] = {
            "inputs": dict(self.inputs),
            "internal_id": guid(self.vault.id, self.fabric.name, self.container.name, name, call.request_id),
            "created": call.now,
            "activity": call.activity_id,
            "source_on": machine.powered_on,
            "agent_version": machine.agent_version,
        }
        return Item(name=name, provider=provider, machine=machine, policy=self.policy.name, **(made | more))


def checked(
    call: Call, vault: SrVault, fabric: Fabric, container: Container, *, required: Sequence[str], to: str
) -> Enabling:
    """Check that all `required` fields are there and that the policy is mapped; raise ARM's 400.

    78253 is documented for the configuration server; assumed to hold for other providers; `to` is what a policy is
    associated with there.
    """
    sent = call.properties()
    inputs = sent.get("providerSpecificDetails") or {}
    missing = [name for name in required if not inputs.get(name)]
    if missing:
        raise bad_request(f"The required properties are missing: {', '.join(missing)}.")
    policy = vault.policy(str(sent.get("policyId") or ""))
    if not any(mapping.policy == policy.name for mapping in container.mappings.values()):
        raise bad_request(f"The policy is not associated with the {to}.", "78253")
    return Enabling(call, vault, fabric, container, policy, inputs)
