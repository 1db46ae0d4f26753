"""What operators want of a migration or of a machine: intents, acknowledgements, skips; a table for each."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.concerns.registry import Acknowledged
from shared.coordination.decision import Decision
from shared.models import NEVER, Model
from shared.storage.overviews import Overview
from shared.storage.rows import Rows

ALL_MACHINES: Final = "*"


class Intent(StrEnum):
    """What an operator wants, the mildest first."""

    RUN = "run"
    PAUSE = "pause"
    CANCEL = "cancel"
    ROLLBACK = "rollback"


STRENGTH: Final = {intent: number for number, intent in enumerate(Intent)}


class Control(Model):
    """An intent for a machine, or for all of them (`*`)."""

    migration: str = ""
    machine: str = ALL_MACHINES
    intent: Intent = Intent.RUN
    by: str = ""
    at: datetime = NEVER
    comment: str = ""


class AcknowledgementRow(Model):
    """Somebody takes a concern upon themselves, for a machine or for all of them (`*`)."""

    migration: str = ""
    concern: str
    machine: str = ALL_MACHINES
    by: str = ""
    reason: str = ""
    at: datetime = NEVER


class Skip(Model):
    """Somebody wants a phase of a machine left out."""

    migration: str = ""
    machine: str
    phase: str
    by: str = ""
    comment: str = ""
    at: datetime = NEVER


INTENTS: Final = Rows("intents", Control)
WANTED_LATELY: Final = Overview(INTENTS, *Control.model_fields)
UNNAMED: Final = "somebody who gave no name"  # where nobody signs in, a key is enough: their word counts all the same
ACKNOWLEDGEMENTS: Final = Rows("acknowledgements", AcknowledgementRow)
SEEN_LATELY: Final = Overview(ACKNOWLEDGEMENTS, *AcknowledgementRow.model_fields)
SECONDS: Final = 2.0  # that people may see later than another process wrote it
SKIPS: Final = Rows("skips", Skip)


def set_intent(control: Control) -> Control:
    """Write an intent; one that is older than what stands there changes nothing. Gives what stands."""

    def mutate(existing: Control | None) -> Control | None:
        return None if existing and existing.at > control.at else control

    try:
        return INTENTS.change(control.migration, control.machine, mutate) or control
    finally:  # it may have been written although its answer was lost
        WANTED_LATELY.forget(control.migration)


def order(migration: str, machine: str, wanted: Intent, decision: Decision) -> Control:
    """Write what a decision wants of a machine, or of all of them (`*`). Gives what stands."""
    who, why = decision.by, decision.comment
    return set_intent(Control(migration=migration, machine=machine, intent=wanted, by=who, at=decision.at, comment=why))


def intent(migration: str, machine: str = ALL_MACHINES) -> Control:
    """Give what is wanted of a machine; without any word of an operator it should run.

    The machine's own row wins over the row for all, unless the latter came later and is stronger: `pause` for all also stops a
    machine that was resumed before, and `run` for all wakes no machine that was paused or cancelled by its own name.
    """
    where, values = "machine eq @machine or machine eq @all", {"machine": machine or ALL_MACHINES, "all": ALL_MACHINES}
    stored = {each.machine: each for each in INTENTS.of(migration, where, values)}
    own = stored.get(machine) if machine != ALL_MACHINES else None
    return weighed(own, stored.get(ALL_MACHINES, Control(migration=migration)))


def intents_lately(migration: str) -> tuple[Control, ...]:
    """Give every word of an operator, for machines and for all, for people to look at, as it stood a moment ago."""
    return WANTED_LATELY.of(migration, SECONDS)


def weighed(own: Control | None, everybody: Control | None) -> Control:
    """Choose between a machine's own intent and the one for all; without either it should run."""
    if own is None or everybody is None:
        return own or everybody or Control()
    later = everybody.at > own.at
    return everybody if later and STRENGTH[everybody.intent] > STRENGTH[own.intent] else own


def acknowledge(acknowledgement: AcknowledgementRow) -> AcknowledgementRow:
    """Write down who takes a concern upon themselves, and why; who came first stays. Gives what stands."""
    row_key = f"{acknowledgement.concern}.{acknowledgement.machine}"
    stands = ACKNOWLEDGEMENTS.change(acknowledgement.migration, row_key, lambda existing: existing or acknowledgement)
    SEEN_LATELY.forget(acknowledgement.migration)
    return stands or acknowledgement


def acknowledged(migration: str) -> tuple[AcknowledgementRow, ...]:
    """Give all acknowledgements of a migration."""
    return tuple(ACKNOWLEDGEMENTS.of(migration))


def accepted(migration: str) -> tuple[Acknowledged, ...]:
    """Give all acknowledgements of a migration as concerns are judged with them."""
    return tuple(map(_accepted, acknowledged(migration)))


def accepted_lately(migration: str) -> tuple[Acknowledged, ...]:
    """Give all acknowledgements of a migration for people to look at, as they stood a moment ago."""
    return tuple(map(_accepted, SEEN_LATELY.of(migration, SECONDS)))


def _accepted(row: AcknowledgementRow) -> Acknowledged:
    return Acknowledged(row.concern, row.by or UNNAMED, row.reason, row.machine)


def request_skip(skip: Skip) -> Skip:
    """Write down that a phase of a machine shall be left out; who came first stays. Gives what stands."""
    return SKIPS.change(skip.migration, f"{skip.machine}.{skip.phase}", lambda existing: existing or skip) or skip


def skips(migration: str, machine: str) -> tuple[Skip, ...]:
    """Give the phases of a machine that shall be left out."""
    return tuple(SKIPS.of(migration, "machine eq @machine", {"machine": machine}))


def forget_skips(migration: str, machine: str, until: datetime, phase: str = "") -> None:
    """Take back what was left out for a machine (of one phase, where it is named) until a moment.

    A machine that was given up begins anew, and so do the decisions about it.
    """
    for skip in skips(migration, machine):
        if skip.at <= until and phase in ("", skip.phase):
            SKIPS.drop(migration, f"{skip.machine}.{skip.phase}")
