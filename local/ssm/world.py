"""What lies around the stand-in: the shared clock, and the simulator that agents register with."""

from datetime import UTC, datetime

import httpx


class World:
    """The clock and the simulator over HTTP; without a clock real time holds, without a simulator nothing registers."""

    def __init__(self, clock: str | None = None, simulator: str | None = None) -> None:
        self._clock = clock
        self._registrations = f"{simulator.rstrip('/')}/control/registrations" if simulator else None
        self._client = httpx.AsyncClient(timeout=10, trust_env=False)

    async def now(self) -> datetime:
        """Return the moment that the shared clock shows."""
        if self._clock is None:
            return datetime.now(UTC)
        reply = await self._client.get(self._clock)
        return datetime.fromisoformat(reply.raise_for_status().json()["now"])

    async def register(self, ip: str, at: datetime | None) -> None:
        """Tell the simulator that the agent of this address registers then (None: it does not after all)."""
        if self._registrations:
            body = {"ip": ip, "at": at.isoformat() if at else None}
            (await self._client.post(self._registrations, json=body)).raise_for_status()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
