"""Who asks: the principal that the platform vouches for, or whoever the local stack plays.

The headers that name the principal are the platform's own: where people sign in it takes away those that come from
outside (documented). Where nobody signs in anybody could send them, so they are not believed.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Final

import azure.functions as func

from shared.decisions.people import EVERY_ROLE, Person, played
from shared.problems import NotSignedIn
from shared.settings import platform, settings

PRINCIPAL: Final = "X-MS-CLIENT-PRINCIPAL"
NAME: Final = "X-MS-CLIENT-PRINCIPAL-NAME"
SURFACE: Final = "X-Azferry-Surface"
SURFACES: Final = ("command line", "page", "assistant")
OBJECT_ID: Final = ("http://schemas.microsoft.com/identity/claims/objectidentifier", "oid")
ROLES: Final = ("roles", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role")
NAMES: Final = (
    "preferred_username",
    "name",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
    "azp",
    "appid",
)
LONGEST: Final = 256


def person_of(req: func.HttpRequest, played_as: str = "") -> Person:
    """Give who asks; what a caller tells of itself counts on the local stack only.

    Raises `NotSignedIn` where people sign in and the request names nobody.
    """
    surface = req.headers.get(SURFACE, "")
    surface = surface if surface in SURFACES else "API"
    where = settings()
    if where.sign_in:
        _refuse_unless_vouched_for()
    header = req.headers.get(PRINCIPAL, "") if where.sign_in or where.local else ""
    if header or where.sign_in:
        return _signed_in(header, req.headers.get(NAME, "")).replace(surface=surface)
    if where.local:
        return played(played_as[:LONGEST]).replace(surface=surface)
    return Person(roles=EVERY_ROLE, surface=surface)  # the function key is all that is asked for


def _refuse_unless_vouched_for() -> None:
    """Raise `NotSignedIn` where the platform's check was turned off: anybody could send the headers then."""
    if platform().in_azure and platform().sign_in == "false":
        raise NotSignedIn(
            "people sign in here, and the platform's own check is turned off, so nobody can be believed",
            advice="Whoever administers the app turns it on with `azd provision` (docs/deploy.md).",
        )


def _signed_in(header: str, name: str) -> Person:
    """Read the platform's header: base64 of JSON with the claims of the token."""
    try:
        claims = json.loads(base64.b64decode(header, validate=True))["claims"]
        claim_pairs = [(str(each["typ"]), str(each["val"])) for each in claims]
    except (binascii.Error, ValueError, KeyError, TypeError):
        claim_pairs = []
    ids = _of(claim_pairs, OBJECT_ID)
    if not ids:
        raise NotSignedIn(
            "the request does not say who sends it, and people sign in here",
            advice="Sign in with the command line's `login`, or open the page in a browser (docs/deploy.md).",
        )
    called = (name or next(iter(_of(claim_pairs, NAMES)), ids[0]))[:LONGEST]
    return Person(name=called, id=ids[0].lower(), roles=tuple(dict.fromkeys(_of(claim_pairs, ROLES))))


def _of(claims: Sequence[tuple[str, str]], kinds: Sequence[str]) -> list[str]:
    """Give the values of claims, those of the first kind first."""
    return [value for kind in kinds for typ, value in claims if typ == kind and value]
