"""The person at the appliance or the hosts, while the stack is kept up: registers with every vault that appears."""

from contextlib import suppress

import httpx

from ..world.hyperv import register_hosts
from ..world.model import World
from ..world.premises import register_server
from ..world.seeding import register_appliance

API_VERSION = "2025-02-01"


class Registrar:
    """Looks for new vaults; the simulator takes its time from the registration on, as an appliance does."""

    def __init__(self, simulator: str, world: World) -> None:
        """Keep where to look."""
        self._simulator = simulator
        self._world = world
        self._known: set[str] = set()

    def look(self) -> list[str]:
        """Register appliance and hosts with the vaults that are new; give their ids."""
        fresh = [vault for vault in self._vaults() if vault not in self._known]
        return [vault for vault in fresh if self._register(vault)]

    def _register(self, vault: str) -> bool:
        """Register with one vault; False while it lacks the site that hosts register with, or does not answer."""
        try:
            if self._world.aws.appliance is not None:
                register_appliance(self._simulator, self._world, vault)
            if self._world.premises.server is not None:
                register_server(self._simulator, self._world.premises.server, vault)
            register_hosts(self._simulator, self._world.hyperv, vault)
        except httpx.HTTPError:
            return False
        self._known.add(vault)
        return True

    def _vaults(self) -> list[str]:
        """List the vaults of the world's subscription."""
        path = f"/subscriptions/{self._world.azure.subscription_id}/providers/Microsoft.RecoveryServices/vaults"
        headers = {"authorization": "Bearer local-stack"}
        with suppress(httpx.HTTPError):
            answer = httpx.get(
                self._simulator + path, params={"api-version": API_VERSION}, headers=headers, trust_env=False
            )
            if answer.is_success:
                ready = [
                    each for each in answer.json()["value"] if each["properties"]["provisioningState"] == "Succeeded"
                ]
                return [str(each["id"]) for each in ready]
        return []
