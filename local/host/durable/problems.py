"""What the engine refuses, as errors the management API turns into answers."""


class DurableProblem(Exception):  # noqa: N818 - the terms of the field
    """A call on the engine was refused; the text says why."""


class BadPayload(DurableProblem):
    """A payload is not JSON text."""


class InstanceExists(DurableProblem):
    """A living instance has that id."""


class NotFound(DurableProblem):
    """No instance has that id."""


class NothingToRewind(DurableProblem):
    """No instance that could be rewound has that id."""


class NothingToRestart(DurableProblem):
    """No instance that could be started anew has that id."""


class StillRuns(DurableProblem):
    """An instance cannot be started anew under its own id before it has ended."""


class NotEnded(DurableProblem):
    """Only an instance that has ended can be purged by its id."""


class NotFailed(DurableProblem):
    """Only an instance that has failed can be rewound."""


class Gone(DurableProblem):
    """The instance has ended, so the call can do nothing."""


class WrongState(DurableProblem):
    """The instance lives, but its state does not allow the call (suspend twice, resume while it runs)."""


class UnknownEntity(DurableProblem):
    """The app has no entity of that name."""
