"""What the engine refuses, as errors the management API turns into answers."""


class DurableProblem(Exception):  # noqa: N818 - the terms of the field
    """A call on the engine was refused; the text says why."""


class UnknownFunction(DurableProblem):
    """No orchestrator of that name is in the app."""


class BadInstanceId(DurableProblem):
    """Azure would refuse the instance id."""


class BadPayload(DurableProblem):
    """A payload is not JSON text."""


class InstanceExists(DurableProblem):
    """An instance of that id exists; it is never silently replaced."""


class NotFound(DurableProblem):
    """No instance has that id."""


class Gone(DurableProblem):
    """The instance has ended, so the call can do nothing."""


class WrongState(DurableProblem):
    """The instance lives, but its state does not allow the call (suspend twice, rewind while running)."""
