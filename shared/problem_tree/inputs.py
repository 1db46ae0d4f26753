"""Plans, lists and requests that cannot be read or break their rules."""

from collections.abc import Sequence

from shared.problem_tree.problem import Fault, Problem


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
