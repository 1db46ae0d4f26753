"""What the front door answers about persons, about what is not there, and about states that forbid a command."""

from shared.problem_tree.problem import Problem


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
