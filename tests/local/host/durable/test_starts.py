"""Starts of one id that come while the first is under way: Azure looks for the id first, and writes later."""

import asyncio

from starlette.requests import Request

from local.host.durable.problems import InstanceExists
from local.host.management.call import Call
from local.host.management.starts import Starts
from local.host.management.urls import Urls


def flow(context):
    yield context.wait_for_external_event("never")


def start_of(body):
    server = ("127.0.0.1", 80)
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": [], "server": server}
    return Call(("orchestrators", "flow", "one"), Request({**scope, "scheme": "http"}), body)


def together(lab, count):
    """Start one id several times in the same moment; the status of each answer, or what refused it."""
    starts = Starts(lab.engine, Urls("http://127.0.0.1", "http://127.0.0.1", "Hub", "key"))

    async def begin():
        calls = (starts.start(start_of(str(number))) for number in range(count))
        return await asyncio.gather(*calls, return_exceptions=True)

    return [getattr(answer, "status_code", type(answer)) for answer in lab.do(begin())]


def test_starts_that_come_before_the_first_is_answered_are_accepted_and_lost(make_lab):
    lab = make_lab(flow)

    assert together(lab, 6) == [202] * 6
    assert lab.until_status("one", "Running")["input"] == 0


def test_starts_of_an_id_that_is_in_use_are_refused_however_many_come(make_lab):
    lab = make_lab(flow)
    lab.create("flow", instance_id="one")
    lab.until_status("one", "Running")

    assert together(lab, 3) == [InstanceExists] * 3
