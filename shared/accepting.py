"""Accepting a plan, from wherever it comes: taken in once, and its first round begun."""

import asyncio
from datetime import datetime

from shared.hub import Client
from shared.intake import Taken, take_in
from shared.ledger import migrations
from shared.people import Person
from shared.plan.model import Plan
from shared.steering.steered import begin


async def accept(client: Client, plan: Plan, by: Person, now: datetime, idempotency_key: str = "") -> Taken:
    """Take a plan in and begin its first round, unless that is over; whoever died in between runs it again."""
    taken = await asyncio.to_thread(take_in, plan, by, now, idempotency_key)
    row = await asyncio.to_thread(migrations.get, taken.migration)
    if row is not None and taken.first.round in row.open_rounds:
        await begin(client, taken.first)
    return taken
