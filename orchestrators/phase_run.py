"""A stretch of the itinerary for one machine, as a child that walks it."""

from shared.contracts.requests import where
from shared.contracts.rounds import Member, PhaseRun
from shared.ids import instance_id
from shared.models import Scope


def leg(scope: Scope, member: Member, phases: tuple[str, ...]) -> tuple[str, PhaseRun]:
    """A stretch of the itinerary for one machine, and the id of the instance that walks it."""
    walk = PhaseRun(
        **where(scope.replace(machine=member.name, phase=f"walk-{phases[0]}")),
        phases=phases,
        resume_at=member.resume_at,
    )
    return instance_id(walk), walk
