"""What an orchestrator logs: each thing once, with the instance that said it."""

import logging
from types import SimpleNamespace

import azure.durable_functions as df
import pytest

from local.host.durable.events import Kind
from local.host.durable.instance import Instance
from local.host.durable.payload import turn_payload
from local.host.durable.rows import event
from local.host.durable.sdk import run_code
from shared.durable.replay_log import log
from shared.durable.seam import Phase, orchestrates
from shared.models import Done, Request
from shared.problems import Refused


@pytest.mark.parametrize(("replaying", "lines"), [(False, ["[m.1.w] here"]), (True, [])])
def test_a_replay_is_silent(caplog, replaying, lines):
    caplog.set_level(logging.INFO, "azferry")

    log(SimpleNamespace(instance_id="m.1.w", is_replaying=replaying)).info("here")

    assert [record.getMessage() for record in caplog.records] == lines


def refuse(context, request):
    raise Refused("the machine is gone", id="machine-gone", code="95117")
    yield


def history(*kinds):
    return ",".join(
        event(kind, "2026-11-21T20:00:00.000000Z", Name="phase", Input="{}", Version=None) for kind in kinds
    )


def test_a_phase_that_stops_is_logged_by_its_problem(caplog):
    bp = df.Blueprint()
    orchestrates(bp, Phase("phase", Request, Done))(refuse)
    app = df.DFApp()
    app.register_functions(bp)
    (built,) = app.get_functions()
    instance = Instance(1, "m.1.w", "phase", None, "e", "Running", "", '"{}"')

    run_code(
        built.get_user_function(),
        turn_payload(instance, history(Kind.TURN_STARTED, Kind.EXECUTION_STARTED), is_replaying=False),
    )

    assert [each.getMessage() for each in caplog.records if each.name == "azferry"] == [
        "[m.1.w] phase stopped: machine-gone 95117"
    ]
