"""What migrations and machines come to, as metrics: counted by the ledger when it has written a change.

A process that dies between the write and the count loses that count: the ledger is the truth, metrics are for watching.
"""

from datetime import datetime, timedelta
from typing import Final

from opentelemetry import metrics

METER = metrics.get_meter("azferry")
MIGRATIONS = METER.create_counter("azferry_migrations_status_total", "1", "rounds that ended, by what they came to")
MIGRATION_SECONDS = METER.create_histogram("azferry_migration_duration_seconds", "s", "from acceptance to the end")
MACHINES = METER.create_counter("azferry_machines_status_total", "1", "machines that entered a state")
DOWNTIME = METER.create_histogram(
    "azferry_machine_downtime_seconds", "s", "between the source's stop and service in Azure"
)
AT_A_GATE: Final = "gate"
FOR_SERVICE: Final = "service"
WAITING = METER.create_gauge(
    "azferry_waiting_seconds", "s", "the longest that somebody waits at this moment, by what for"
)
UNFIT = METER.create_gauge(
    "azferry_copies_unfit", "1", "copies that no cutover could be made from at this moment, by why"
)
MESSAGES = METER.create_counter("azferry_messages_total", "1", "tries to tell somebody, by way and outcome")
BEATS = METER.create_counter("azferry_heartbeats_total", "1", "parts of the frame that showed themselves, by part")


def migration_ended(scenario: str, mode: str, outcome: str, started: datetime | None, ended: datetime) -> None:
    """Count a migration whose last round has ended."""
    labels = {"scenario": scenario, "mode": mode, "status": outcome}
    MIGRATIONS.add(1, labels)
    if started:
        MIGRATION_SECONDS.record((ended - started).total_seconds(), labels)


def machine_entered(state: str, phase: str) -> None:
    """Count a machine that came into another state."""
    MACHINES.add(1, {"status": state, "phase": phase})


def machine_was_down(seconds: int) -> None:
    """Record how long a machine was out of service in its cutover."""
    DOWNTIME.record(seconds)


def showed_itself(part: str) -> None:
    """Count a sign of life of a part that must never stand still."""
    BEATS.add(1, {"part": part})


def waits_now(what_for: str, longest: timedelta) -> None:
    """Tell how long who has waited longest has waited by now; nothing where nobody waits."""
    WAITING.set(longest.total_seconds(), {"for": what_for})


def copies_are_unfit(why: str, number: int) -> None:
    """Tell how many copies no cutover could be made from."""
    UNFIT.set(number, {"why": why})


def was_told(way: str, outcome: str) -> None:
    """Count a try to tell somebody: delivered, again or dead."""
    MESSAGES.add(1, {"way": way, "outcome": outcome})
