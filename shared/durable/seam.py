"""The seam to Durable Functions: typed contracts, and the only ways in which an orchestrator may act and wait.

Three outcomes of an activity: a *reply*; a *refusal* (a `Problem` other than `Busy`: final, travels as data); *busy*
(`Busy`: the seam sleeps on a durable timer, growing to an hour). Anything else is a fault: retried a few times.
Only names that SDK 1.x and 2.x share are used. Traps of the SDK that stay shut here: a losing timer is always
cancelled, no timer is longer than a day, an empty `task_all` is never yielded, children return errors as data.

Everybody takes from here what the modules beside this one hold.
"""

from shared.durable.calls import ANNOUNCE, LONGEST_PAUSE, again, begin, call, outcome, run
from shared.durable.protocol import Activity, Context, DurableTask, Input, Phase, Reply, Waits
from shared.durable.registration import logged, orchestrates, serves
from shared.durable.sdk import Blueprint, retrying
from shared.durable.wire import answered, as_problem, decoded, read, to_refusal, to_wire

__all__ = [
    "ANNOUNCE",
    "LONGEST_PAUSE",
    "Activity",
    "Blueprint",
    "Context",
    "DurableTask",
    "Input",
    "Phase",
    "Reply",
    "Waits",
    "again",
    "answered",
    "as_problem",
    "begin",
    "call",
    "decoded",
    "logged",
    "orchestrates",
    "outcome",
    "read",
    "retrying",
    "run",
    "serves",
    "to_refusal",
    "to_wire",
]
