"""Plans that somebody put into the container's inbox before sending their names."""

import re
from typing import Final

from shared.plan.error_messages import quoted
from shared.problems import UnreadableRequest
from shared.storage import blobs

# Plain segments below one folder: none is empty or of dots, so none leads out of it or into another container.
INBOX_NAME: Final = re.compile(r"inbox(?:/[A-Za-z0-9][A-Za-z0-9 ._-]{0,127}){1,6}")


def load_sent(name: str) -> bytes | None:
    """Return a plan that somebody put into the container's inbox before sending its name; None when there is none.

    Raise `UnreadableRequest` for a name outside of the inbox: whoever may write to the queue must not make the app
    read, with its own rights, what they may not read themselves.
    """
    if INBOX_NAME.fullmatch(name) is None:
        raise UnreadableRequest(
            f"{quoted(name)} is no name of a plan that was sent",
            advice="Upload the plan below inbox/ of the plans' container, e.g. inbox/finance.yaml, then send that name.",
        )
    return blobs.read(name)
