"""A plan that arrives as a queue message starts its migration like any other."""

import json
from contextlib import suppress

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import QueueClient

from tests.e2e.stack_harness import StackHarness, plan, states, wave

pytestmark = pytest.mark.timeout(200)


def put(field: StackHarness, text: str) -> None:
    with QueueClient.from_connection_string(field.stack.places.storage, "migration-requests") as queue:
        with suppress(ResourceExistsError):  # in Azure the deployment makes it
            queue.create_queue()
        queue.send_message(text)


def test_a_plan_in_a_message_is_started_once_however_often_it_comes(field):
    wanted = json.dumps(plan("queued", wave("one", "m1", gates={"test": "skip", "cutover": "auto"})))
    put(field, wanted)
    put(field, wanted)
    picture = field.play(field.first("queued"))
    assert states(picture) == {"m1": "Finalized"}
    assert field.all_of("queued") == [picture.migration.id]
