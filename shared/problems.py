"""Every way azferry can say no; `shared/reporting/problem_documents.py` translates it to RFC 9457 `application/problem+json`.

The tree (indented = subclass; the HTTP status stands behind the name):

    Problem                      500  anything below; never raised itself
        InvalidPlan              422  the plan breaks rules; `errors` points at each of them
        UnreadablePlan           400  not JSON or YAML, or not safe to read
        TooLarge                 413  the body is over the limit
        UnsupportedFormat        415  neither JSON nor YAML
        UnreadableList           400  a file with machines that cannot be read (UnknownList: 422, of no format, or of several)
        UnreadableRequest        400  a body that is no JSON object, or a query that cannot be understood
        InvalidRequest           422  the body of a command breaks its rules; `errors` points at each of them
        NotSignedIn              401  people sign in here, and nobody has
        NotPermitted             403  another person may: the detail says who
        NotFound                 404  no such migration, wave, machine or function
        Conflict                 409  the world is in a state that forbids this
            AlreadyRunning       409  the same id runs with another plan
            NotAllowedNow        409  names the states in which the command is allowed
            PlanMoved            412  a plan was changed since it was read
            MachineBusy          409  a machine belongs to another running migration
            HeldByPause          409  an operator's pause holds the machine before its next phase
        Refused                  422  the world said no and repeating will not help: final until a person acts
            CloudRefused         422  Azure or AWS said no; keeps its code, causes and recommended action
            Interrupted          409  an operator paused, cancelled or rolled back meanwhile
                WindowClosed     409  the cutover window closed before a step that must not begin outside of it
        Busy                     503  busy (throttled, in progress, unreachable): try again after `after`

A *fault* (a bug, a crash) is no Problem: it propagates and the seam to Durable Functions retries it a few times.

Everybody takes them from here; `shared/problem_tree` has them by subject.
"""

from shared.problem_tree.answers import (
    AlreadyRunning,
    Conflict,
    HeldByPause,
    MachineBusy,
    NotAllowedNow,
    NotFound,
    NotPermitted,
    NotSignedIn,
    PlanMoved,
)
from shared.problem_tree.inputs import (
    InvalidPlan,
    InvalidRequest,
    TooLarge,
    UnknownList,
    UnreadableList,
    UnreadablePlan,
    UnreadableRequest,
    UnsupportedFormat,
)
from shared.problem_tree.problem import Fault, Problem, ProblemData
from shared.problem_tree.refusals import Busy, CloudRefused, Interrupted, Refused, WindowClosed

__all__ = [
    "AlreadyRunning",
    "Busy",
    "CloudRefused",
    "Conflict",
    "Fault",
    "HeldByPause",
    "Interrupted",
    "InvalidPlan",
    "InvalidRequest",
    "MachineBusy",
    "NotAllowedNow",
    "NotFound",
    "NotPermitted",
    "NotSignedIn",
    "PlanMoved",
    "Problem",
    "ProblemData",
    "Refused",
    "TooLarge",
    "UnknownList",
    "UnreadableList",
    "UnreadablePlan",
    "UnreadableRequest",
    "UnsupportedFormat",
    "WindowClosed",
    "from_facts",
]


def _tree(root: type[Problem]) -> dict[str, type[Problem]]:
    """Every class of the tree by name."""
    return {root.__name__: root} | {name: kind for sub in root.__subclasses__() for name, kind in _tree(sub).items()}


def from_facts(facts: ProblemData) -> Problem:
    """Give back the typed problem; a name that this version does not know becomes `Refused`."""
    return _tree(Problem).get(facts.kind, Refused).from_facts(facts)
