"""A release, the way back and forward again, with host.json as it is: flows go on whatever host runs them."""

import json
from dataclasses import asdict
from pathlib import Path

from local.host.host_json import read_host_json
from shared.durable.forms import KNOWN_FORM, refuse_unknown
from shared.durable.seam import Phase, orchestrates
from shared.models import Done, Request

ROOT = Path(__file__).parents[4]
AS_SHIPPED = asdict(read_host_json(ROOT).durable)
VERSIONED = AS_SHIPPED | {"version_match": "CurrentOrOlder"}


def request_of(context):
    given = context.get_input()
    return json.loads(given) if isinstance(given, str) else given


def flow(context):
    """The release: it knows forms 1 and 2."""
    yield context.wait_for_external_event("begin")
    steps = []
    for number, name in enumerate(("quiesce", "fail_over") if request_of(context)["form"] == 1 else ("quiesce", "new")):
        child = yield context.call_sub_orchestrator("step", json.dumps(request_of(context)), f"{name}-{number}")
        steps.append(child)
    return steps


def flow_before(context):
    """The release before: form 1 only."""
    yield context.wait_for_external_event("begin")
    steps = []
    for number, name in enumerate(("quiesce", "fail_over")):
        child = yield context.call_sub_orchestrator("step", json.dumps(request_of(context)), f"{name}-{number}")
        steps.append(child)
    return steps


flow_before.__name__ = "flow"


def step(context):
    yield context.wait_for_external_event("done")
    return context.instance_id


def release(make_lab, flow_of_it, version=None, settings=AS_SHIPPED):
    return make_lab(flow_of_it, step, **(settings | {"default_version": version}))


def test_a_flow_goes_on_over_a_release_the_way_back_and_forward_again(make_lab):
    old = release(make_lab, flow_before)
    root = old.create("flow", {"form": 1})
    old.until_waiting(root)
    new = release(make_lab, flow)
    new.send(root, "begin")
    new.until_waiting("quiesce-0")  # a child that the new release made for an old parent
    old = release(make_lab, flow_before)
    old.send("quiesce-0", "done")
    old.until_waiting("fail_over-1")
    new = release(make_lab, flow)
    new.send("fail_over-1", "done")

    assert ["quiesce-0", "fail_over-1"] == new.end(root)["output"]


def test_by_azures_own_versions_the_parent_would_wait_for_a_child_that_no_host_runs(make_lab):
    old = release(make_lab, flow_before, "1.0", VERSIONED)
    root = old.create("flow", {"form": 1})
    old.until_waiting(root)
    new = release(make_lab, flow, "2.0", VERSIONED)
    new.send(root, "begin")
    new.until_waiting("quiesce-0")
    old = release(make_lab, flow_before, "1.0", VERSIONED)
    old.send("quiesce-0", "done")
    old.until(lambda: old.is_idle)

    assert "Running" == old.status(root)["runtimeStatus"]


def test_a_flow_of_a_form_that_this_release_does_not_know_says_which_release_it_needs(make_lab):
    served = {}

    class Registry:
        def orchestration_trigger(self, context_name, orchestration):
            return lambda body: served.setdefault(orchestration, body)

    @orchestrates(Registry(), Phase("later", Request, Done))
    def later(context, request):
        yield context.wait_for_external_event("never")
        return Done()

    lab = make_lab(served["later"])
    refused = lab.run("later", {"form": KNOWN_FORM + 1})["output"]["refused"]

    assert ("form-unknown", refuse_unknown(KNOWN_FORM + 1).facts.detail) == (refused["id"], refused["detail"])
