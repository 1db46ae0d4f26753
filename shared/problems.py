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
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from shared.models import Sparse


class Fault(BaseModel):
    """One thing that is wrong in an input: where (JSON pointer; line and column of a text) and what."""

    model_config = ConfigDict(frozen=True)

    pointer: str = Field(description="JSON pointer into the document, e.g. /waves/0/machines/3/name")
    message: str
    line: int = Sparse(default=0, description="in the text that was sent, the first is 1; 0 = not known")
    column: int = Sparse(default=0)


class ProblemData(BaseModel):
    """A problem as data: what crosses the wire between activity and orchestrator and lands in the ledger."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    kind: str = Field(description="class name in the tree above")
    id: str = Field(description="stable id, documented in docs/errors.md")
    title: str
    detail: str
    advice: str = Field(default="", description="what a person can do about it")
    code: str = Field(default="", description="the cloud's own error code, e.g. an ASR code such as 28031")
    causes: str = Field(default="", description="possible causes, as the cloud tells them")
    errors: tuple[Fault, ...] = ()
    extra: Mapping[str, str] = Field(default_factory=dict)


class Problem(Exception):  # noqa: N818 - a problem document, not an "Error"
    """Root of every expected failure; carries what an operator needs to act."""

    status: ClassVar[int] = 500
    id: ClassVar[str] = "problem"
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str, *, advice: str = "", **more: Any) -> None:
        """Keep the sentence, the advice, and optional `code`, `causes`, `errors`, `extra`, `id`, `title`."""
        super().__init__(detail)
        self.facts = ProblemData(
            **{"kind": type(self).__name__, "id": self.id, "title": self.title, "detail": detail, "advice": advice}
            | more
        )

    @classmethod
    def from_facts(cls, facts: ProblemData) -> Self:
        """Rebuild the problem that `facts` was taken from."""
        problem = cls.__new__(cls)
        Exception.__init__(problem, facts.detail)
        problem.facts = facts
        return problem


class InvalidPlan(Problem):
    """The plan breaks rules; every breach is listed with its JSON pointer."""

    status = 422
    id = "invalid-plan"
    title = "The plan is not valid"

    def __init__(self, errors: Sequence[Fault], detail: str = "") -> None:
        """List all breaches at once."""
        super().__init__(
            detail or f"{len(errors)} error{'s' if len(errors) != 1 else ''} in the plan; nothing was created",
            advice="Correct every entry of `errors` and send the plan again.",
            errors=tuple(errors),
        )


class UnreadablePlan(Problem):
    """The body is not JSON or YAML, or is not safe to read."""

    status = 400
    id = "unreadable-plan"
    title = "The plan cannot be read"


class TooLarge(Problem):
    """The body is over the limit."""

    status = 413
    id = "too-large"
    title = "The body is too large"


class UnsupportedFormat(Problem):
    """The body is neither JSON nor YAML by its content type."""

    status = 415
    id = "unsupported-format"
    title = "The format is not supported"


class UnreadableList(Problem):
    """A file with a list of machines cannot be read, or is not safe to read."""

    status = 400
    id = "unreadable-list"
    title = "The list cannot be read"


class UnknownList(Problem):
    """A list of machines fits none of the formats, or several of them; the detail says why."""

    status = 422
    id = "unknown-list"
    title = "The format of the list is not clear"


class UnreadableRequest(Problem):
    """A body is no JSON object, or a query cannot be understood."""

    status = 400
    id = "unreadable-request"
    title = "The request cannot be read"


class InvalidRequest(Problem):
    """The body of a command breaks its rules; every breach is listed with its JSON pointer."""

    status = 422
    id = "invalid-request"
    title = "The request is not valid"


class NotSignedIn(Problem):
    """People sign in here, and the request does not say who sends it."""

    status = 401
    id = "not-signed-in"
    title = "Nobody is signed in"


class NotPermitted(Problem):
    """This person may not do it; the detail says who may."""

    status = 403
    id = "not-permitted"
    title = "You may not do this"


class NotFound(Problem):
    """There is no such thing."""

    status = 404
    id = "not-found"
    title = "Not found"


class Conflict(Problem):
    """The world is in a state that forbids this."""

    status = 409
    id = "conflict"
    title = "Not possible in this state"


class AlreadyRunning(Conflict):
    """The same id runs with another plan."""

    id = "already-running"
    title = "A migration with this id runs with another plan"


class NotAllowedNow(Conflict):
    """The command is not allowed in this state; the detail names the states in which it is."""

    id = "not-allowed-now"
    title = "Not allowed in this state"


class PlanMoved(Conflict):
    """A plan was changed since it was read."""

    status = 412
    id = "plan-moved"
    title = "The plan was changed meanwhile"


class MachineBusy(Conflict):
    """A machine belongs to another running migration."""

    id = "machine-busy"
    title = "A machine belongs to another running migration"


class HeldByPause(Conflict):
    """A pause holds the machine before this phase: who walks it waits until it is resumed."""

    id = "held"
    title = "A pause holds the machine"


class Refused(Problem):
    """The world said no and repeating will not help: final until a person acts."""

    status = 422
    id = "refused"
    title = "Refused"


class CloudRefused(Refused):
    """Azure or AWS said no; code, possible causes and recommended action are kept as the cloud told them."""

    id = "cloud-refused"
    title = "The cloud refused"


class Interrupted(Refused):
    """An operator paused, cancelled or rolled back meanwhile; `extra["intent"]` says which."""

    status = 409
    id = "interrupted"
    title = "Stopped by an operator"


class WindowClosed(Interrupted):
    """The cutover window of a machine closed before a step of it; `extra["intent"]` says what becomes of the machine."""

    id = "window-closed"
    title = "The cutover window closed"

    @property
    def stands_back(self) -> bool:
        """Tell whether it waits on its source for the next opening; else it is rolled back."""
        return self.facts.extra.get("intent") == "window"


class Busy(Problem):
    """Busy: throttled, in progress elsewhere, or out of reach. Try again after `after`."""

    status = 503
    id = "later"
    title = "Busy, trying again later"

    def __init__(
        self,
        detail: str,
        after: timedelta = timedelta(seconds=30),
        *,
        untouched: bool = False,
        progressed: bool = False,
    ) -> None:
        """Say what is busy and how long to wait, as told by Retry-After.

        `untouched` = it surely did nothing; `progressed` = less is left to do than before: patience begins anew.
        """
        super().__init__(detail)
        self.after = after
        self.untouched = untouched
        self.progressed = progressed


def _tree(root: type[Problem]) -> dict[str, type[Problem]]:
    """Every class of the tree by name."""
    return {root.__name__: root} | {name: kind for sub in root.__subclasses__() for name, kind in _tree(sub).items()}


def from_facts(facts: ProblemData) -> Problem:
    """Give back the typed problem; a name that this version does not know becomes `Refused`."""
    return _tree(Problem).get(facts.kind, Refused).from_facts(facts)
