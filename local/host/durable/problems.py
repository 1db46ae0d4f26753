"""What the engine refuses, as errors the management API turns into answers."""


class DurableProblem(Exception):
    """A call on the engine was refused; the text says why."""


class UnknownFunction(DurableProblem):  # noqa: N818 - named after what is wrong, as the management API says it
    """No orchestrator of that name is in the app."""


class BadInstanceId(DurableProblem):  # noqa: N818 - see above
    """Azure would refuse the instance id."""


class BadPayload(DurableProblem):  # noqa: N818 - see above
    """A payload is not JSON text."""


class InstanceExists(DurableProblem):  # noqa: N818 - see above
    """An instance of that id exists; it is never silently replaced."""


class NotFound(DurableProblem):  # noqa: N818 - see above
    """No instance has that id."""


class Gone(DurableProblem):  # noqa: N818 - see above
    """The instance has ended, so the call can do nothing."""


class WrongState(DurableProblem):  # noqa: N818 - see above
    """The instance lives, but its state does not allow the call (suspend twice, rewind while running)."""
