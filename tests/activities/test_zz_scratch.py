import pytest
from shared.states import MachineState
from tests.activities.ferry import Ferry, plan_of

SERVER = {"name": "ferry-cs", "runAsAccount": "pusher"}
REPLICATION = {"mode": "configurationServer", "appliance": SERVER, "agent": {"install": "push"}}
ACK = [{"concern": "replication-mode-retired", "reason": "still works"}]

def test_a(ferry: Ferry) -> None:
    ferry.begin(plan=plan_of("web1", "db1", replication=REPLICATION, acknowledge=ACK))
    ferry.prepare()
    ferry.walk("web1")
    assert ferry.row("web1").state == MachineState.FINALIZED
    ferry.walk("db1")
    print(ferry.cloud.log())
