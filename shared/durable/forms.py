"""Forms: how orchestrators change while flows of an earlier release run for weeks.

Azure gives a child the version of the host that happens to run its parent's turn, so the versions of its own keep no
flow together. A round therefore carries the *form* in which it began; every request below it inherits that, and code that
asks its activities for other things than before branches on it. Two rules make a way back possible:

- a release runs every form that it knows, and never edits one;
- rounds begin in a form that the release before knew already: a form is known one release before it is used.
"""

from typing import Final

from shared.problems import Refused

KNOWN_FORM: Final = 1  # the newest that this release can run
FORM_OF_NEW_ROUNDS: Final = 1  # at most what the release before this one knew


def refuse_unknown(form: int) -> Refused:
    """Say that a later release began a flow in a form that this one cannot run."""
    return Refused(
        f"this release knows the forms up to {KNOWN_FORM} of its flows, and this one was begun in form {form}",
        id="form-unknown",
        title="A later release began this",
        advice="Deploy the release that began it, or one after it; then retry.",
    )
