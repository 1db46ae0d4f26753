"""The person at the appliance, while the stack is kept up: registers it with every vault that appears."""

from contextlib import suppress

import httpx

from ..world.model import World
from ..world.told import register_appliance

API_VERSION = "2025-02-01"


class Registrar:
    """Looks for new vaults; the simulator takes its time from the registration on, as an appliance does."""

    def __init__(self, simulator: str, world: World) -> None:
        """Keep where to look."""
        self._simulator = simulator
        self._world = world
        self._known: set[str] = set()

    def look(self) -> list[str]:
        """Register the appliance with the vaults that are new; give their ids."""
        fresh = [vault for vault in self._vaults() if vault not in self._known]
        for vault in fresh:
            register_appliance(self._simulator, self._world, vault)
            self._known.add(vault)
        return fresh

    def _vaults(self) -> list[str]:
        """List the vaults of the world's subscription."""
        path = f"/subscriptions/{self._world.azure.subscription_id}/providers/Microsoft.RecoveryServices/vaults"
        headers = {"authorization": "Bearer local-stack"}
        with suppress(httpx.HTTPError):
            answer = httpx.get(
                self._simulator + path, params={"api-version": API_VERSION}, headers=headers, trust_env=False
            )
            if answer.is_success:
                ready = [one for one in answer.json()["value"] if one["properties"]["provisioningState"] == "Succeeded"]
                return [str(one["id"]) for one in ready]
        return []
