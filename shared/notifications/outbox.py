"""Telling: what happens is written into the outbox by whoever writes its event, and sent later by nobody who waits for it.

An activity that died is run again and writes the same notice; it is told once, as its key is made of what it tells of.
Where nobody is told nothing is read and nothing is written.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, TypedDict, Unpack

from shared.decisions.kinds import KINDS
from shared.decisions.people import Role
from shared.ledger import plans
from shared.models import Scope
from shared.notifications import wake_ups
from shared.notifications.outbox_row import TABLE, Notice, OutboxRow, notice_key
from shared.notifications.receivers import is_anybody_told, receivers_of
from shared.notifications.topics import WORDINGS, Topic
from shared.plan.model import Plan
from shared.problems import NotFound
from shared.storage.batch_writes import write_all
from shared.storage.rows import Operation, StoredRow, create

A_DAY: Final = 86_400.0  # seconds for which this process knows that it wrote a notice


class Contents(TypedDict, total=False):
    """What a notice says, as far as it has it; `machines` where it is about several, or about none."""

    machines: Collection[str]
    gate: str
    text: str
    cause: str
    expires: datetime | None
    then: str
    command: str


def tell(scope: Scope, topic: Topic, event: str, **contents: Unpack[Contents]) -> None:
    """Have people told of what happened in a place, once for each `event`: an id that is the same when this runs again."""
    plan = _plan(scope.migration) if is_anybody_told() else None
    if plan is None or not any(each.wants(topic) for each in receivers_of(plan)):
        return
    machines = contents.pop("machines", (scope.machine,))
    first = Notice.model_validate(
        {
            "topic": topic,
            "at": scope.now,
            "migration": scope.migration,
            "wave": scope.wave,
            "who": _who(plan, scope, topic, contents.get("gate", "")),
            **contents,
        }
    )
    notices = [first.replace(machine=name) for name in machines or ("",)]
    _write(scope.migration, {notice_key(each, f"{scope.wave} {event}"): each for each in notices})


def _write(migration: str, notices: Mapping[str, Notice]) -> None:
    """Write the notices that were not written before, then have somebody look."""
    news = {
        row_key: OutboxRow(migration=migration, notice=notice)
        for row_key, notice in notices.items()
        if TABLE.last_known(migration, row_key, A_DAY) is None
    }
    if not news:
        return
    if len(news) > 1 or not TABLE.commit([create(migration, row_key, row) for row_key, row in news.items()]):

        def missing(existing: Mapping[str, StoredRow[OutboxRow]]) -> Sequence[Operation]:
            return [create(migration, row_key, row) for row_key, row in news.items() if row_key not in existing]

        write_all(TABLE, migration, missing)
    wake_ups.soon(migration)


def _who(plan: Plan, scope: Scope, topic: Topic, gate: str) -> tuple[str, ...]:
    """Say who may decide, where somebody has to: whom the plan names, else the role."""
    kind = KINDS.get(gate)
    if kind is None or not WORDINGS[topic].decides:
        return ()
    wave = next((each for each in plan.waves if each.name == scope.wave), None)
    named = plan.approvers_of(wave) if kind.role != Role.OPERATOR else ()
    return tuple(named) or (kind.role.value,)


def _plan(migration: str) -> Plan | None:
    try:
        return plans.plan_of(migration)
    except NotFound:
        logging.getLogger("azferry").warning("nobody is told of %s: it has no plan", migration)
        return None
