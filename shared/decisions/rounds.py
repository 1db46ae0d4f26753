"""Commands that begin a round: retry, cancel, roll back; each opens it in the ledger, then a root walks it."""

from collections.abc import Collection
from contextlib import suppress
from uuid import uuid4

from shared.contracts.rounds import Round
from shared.coordination import gates
from shared.coordination.decision import Decision
from shared.coordination.operator_intents import ALL_MACHINES, Intent, forget_skips, order
from shared.coordination.operator_intents import intent as intent_of
from shared.decisions import door
from shared.decisions.change_steps import finish
from shared.decisions.judging import explained
from shared.decisions.round_rules import ASKED_AGAIN, RETRY, STOPPED, CommandRule, S, has_kept_source, is_complete
from shared.decisions.steered import CommandOutcome, check_known, outside, wake
from shared.ids import root_of
from shared.itinerary import APPROVAL, SERVING, step_at
from shared.ledger import machines, migrations
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_rounds import open_round
from shared.ledger.plans import plan_of
from shared.models import Scope
from shared.problems import Busy, Conflict, NotAllowedNow
from shared.states import ASIDE, MachineState, MigrationStatus


def retry(migration: str, names: Collection[str], decision: Decision) -> CommandOutcome:
    """Send failed (or given up) machines on their way again, each from the phase where it failed; none = all such.

    Raises `NotAllowedNow` when there is none, or a named one is in another state.
    """
    finish(migration, decision.at)
    rows = _chosen(migration, names, RETRY)
    if not names:  # whoever decided to keep a source is asked again only where somebody means that machine
        rows = [row for row in rows if not has_kept_source(row)]
    explained(plan_of(migration), "retry", decision)
    if not rows:
        raise NotAllowedNow(f"no machine of {migration} can be retried now", advice=RETRY.advice)
    number = _open(migration, "migrate", decision)
    for row in rows:
        order(migration, row.name, Intent.RUN, decision)
        resume_at = row.failed_in if row.state == S.FAILED or row.failed_in in (APPROVAL, *SERVING) else ""
        if not resume_at:  # it was given up: what was left out then is not left out now
            forget_skips(migration, row.name, row.since)
        if resume_at == ASKED_AGAIN:
            forget_skips(migration, row.name, decision.at, ASKED_AGAIN)
        _send(row, number, decision, step_at(resume_at).state, resume_at)
    gates.withdraw_everywhere(migration, {row.name for row in rows}, number)
    _clear_cancellation(migration, decision)
    return _begun(migration, number, "migrate", rows, decision)


def open_roll_back(migration: str, purpose: str, names: Collection[str], decision: Decision) -> CommandOutcome:
    """Take machines over from whatever has them and walk them back; `purpose` is rollback or cancel; none = all.

    Raises `NotAllowedNow`: a completed migration has no way back, its source is still there, stopped.
    """
    finish(migration, decision.at)
    intent, rule = STOPPED[purpose]
    rows = _chosen(migration, names, rule)
    explained(plan_of(migration), purpose, decision)
    if not rows and migrations.existing(migration).status == MigrationStatus.ENDED:
        raise NotAllowedNow(f"{migration} has ended and none of its machines can be {rule.verb}", advice=rule.advice)
    number = _open(migration, purpose, decision)
    for row in rows:  # first: who was stopped and is in no round to take it over would be left behind when we die
        machines.change(_place(row, number, decision), round=number)
    for machine in (*(row.name for row in rows), *(() if names else ("*",))):
        order(migration, machine, intent, decision)
    gates.withdraw_everywhere(migration, {row.name for row in rows}, number)
    steered = _begun(migration, number, purpose, rows, decision)
    return steered.replace(announcements=wake(migration, machines=None if not names else [row.name for row in rows]))


def _chosen(migration: str, names: Collection[str], rule: CommandRule) -> list[MachineRow]:
    """Give the machines that a command is for. Raises `NotFound` for strangers, `NotAllowedNow` for named misfits."""
    rows = {row.name: row for row in machines.list(migration)}
    check_known(migration, names, rows)
    wrong = [rows[name] for name in sorted(set(names)) if not rule.fits(rows[name])]
    if wrong:
        stand = ", ".join(f"{row.name} is {_stands(row)}" for row in wrong)
        raise NotAllowedNow(f"cannot be {rule.verb} now: {stand}", advice=rule.advice)
    return [rows[name] for name in dict.fromkeys(names)] if names else [row for row in rows.values() if rule.means(row)]


def _stands(row: MachineRow) -> str:
    return f"{row.state}, and its migration is complete" if row.state in ASIDE and is_complete(row) else row.state


def _open(migration: str, purpose: str, decision: Decision) -> int:
    """Open the next round; two commands at once open two rounds."""
    opener = uuid4().hex
    for _ in range(20):
        number = migrations.existing(migration).round + 1
        root = root_of(migration, number, purpose)
        with suppress(Conflict):  # somebody else opened this number: take the next
            open_round(Scope(migration=migration, round=number, now=decision.at), root, opener)
            return number
    raise Busy(f"too many commands at once for {migration}")


def _send(row: MachineRow, number: int, decision: Decision, state: MachineState, resume_at: str) -> None:
    """Put a machine into the new round."""
    machines.change(
        _place(row, number, decision),
        state=state,
        failed_in=resume_at,
        phase=APPROVAL if resume_at == APPROVAL else row.phase,
        round=number,
        problem=None,
        waiting_for="",
        release="",
        since=decision.at,
        owner="",
    )


def _place(row: MachineRow, number: int, decision: Decision) -> Scope:
    return Scope(migration=row.migration, wave=row.wave, machine=row.name, round=number, now=decision.at)


def _clear_cancellation(migration: str, decision: Decision) -> None:
    """Let a migration run again that was cancelled or rolled back as a whole."""
    if intent_of(migration).intent in (Intent.CANCEL, Intent.ROLLBACK):
        order(migration, ALL_MACHINES, Intent.RUN, decision)


def _begun(migration: str, number: int, purpose: str, rows: list[MachineRow], decision: Decision) -> CommandOutcome:
    """Write down who asked for what, and give the round to start."""
    verb = "retry" if purpose == "migrate" else purpose
    place = outside(migration, decision).replace(round=number)  # it opens the round, and so stands before it
    decided = door.steer(place, f"{purpose}-asked", rows, decision.replace(verb=verb))
    begin = Round(migration=migration, round=number, purpose=purpose, now=decision.at)
    return CommandOutcome(decision=decided, text=decided.text, begin=begin)
