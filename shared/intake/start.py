"""Accepting a plan, from wherever it comes: taken in once, and its first round begun."""

import asyncio
from datetime import datetime

from shared.decisions.people import Person
from shared.decisions.steered import begin
from shared.durable.durable_client import Client
from shared.intake.register import RegisteredPlan, take_in
from shared.ledger import migrations
from shared.plan.model import Plan


async def accept(client: Client, plan: Plan, by: Person, now: datetime, idempotency_key: str = "") -> RegisteredPlan:
    """Take a plan in and begin its first round, unless that is over; whoever died in between runs it again."""
    taken = await asyncio.to_thread(take_in, plan, by, now, idempotency_key)
    row = await asyncio.to_thread(migrations.get, taken.migration)
    if row is not None and taken.first.round in row.open_rounds:
        await begin(client, taken.first)
    return taken
