"""A script that is to stop services and does not: the cutover ends there, the source serves again, one text says why."""

import re

import pytest

from tests.e2e.stack_harness import UNATTENDED, plan, wave

pytestmark = pytest.mark.timeout(300)
SETTINGS = UNATTENDED

SCRIPTS = {"stopServices": "systemctl stop shop", "startServices": "systemctl start shop"}
WAYS = {  # machine: how its script ends, and what is said of it
    "m1": (
        {"result": "failure", "exitCode": 2, "stderr": "stop-services: 1: Syntax error: Unterminated quoted string"},
        "(exit code 2): stop-services: 1: Syntax error: Unterminated quoted string",
    ),
    "m2": ({"result": "failure", "exitCode": 7, "stdout": "stopping..."}, "(exit code 7): stopping..."),
    "m3": (
        {"result": "failure", "exitCode": 137, "stdout": "stopping"},
        "(exit code 137, as after SIGKILL): stopping",
    ),
    "m4": (
        {"result": "restarted"},
        "(it did not come to its end: the machine restarted, or the script or its agent was ended): document process",
    ),
}


def test_a_quiesce_whose_script_did_not_do_it_ends_with_the_source_serving(field):
    for name, (outcome, _) in WAYS.items():
        field.scripts_end(name, {"match": "stop shop", **outcome})
    gates = {"test": "skip", "cutover": "auto"}
    ways = wave("one", *WAYS, gates=gates, scripts=SCRIPTS, cutover={"mode": "machine"})
    migration = field.start(plan("no-rest", ways))
    seen = field.play(migration)
    assert {each.name: (each.state, each.failed_in) for each in seen.machines} == dict.fromkeys(
        WAYS, ("Failed", "quiesce")
    )
    for ways in seen.machines:
        assert ways.problem.detail.startswith(f"stop-services on {ways.name} ended as Failed {WAYS[ways.name][1]}")
        sent = [re.search("systemctl (stop|start) shop", text) for text in field.commands(ways.name)]
        assert {found[1] for found in sent if found} == {"stop", "start"}, "its services are started again"
    assert set(field.power(*WAYS).values()) == {"running"}
