"""Refuses what other web sites make a browser send: it bears the person's cookie, and the person knows nothing of it."""

from typing import Final
from urllib.parse import urlsplit

import azure.functions as func

from shared.problems import NotPermitted

SAFE: Final = ("GET", "HEAD", "OPTIONS")  # they change nothing, and no other site can read their answers
SITE: Final = "Sec-Fetch-Site"  # browsers put it on by themselves, and no page can change it
OWN: Final = ("same-origin", "none")  # none: the person typed the address


def refuse_cross_site(req: func.HttpRequest) -> None:
    """Raise `NotPermitted` for a change that another site made a browser ask for; who is no browser names no site."""
    if req.method.upper() in SAFE or _is_own(req):
        return
    raise NotPermitted(
        "this request comes from another web site, and only the app's own page may change anything",
        advice="Open the page of this app itself, or use the command line.",
    )


def _is_own(req: func.HttpRequest) -> bool:
    """Tell whether the app's own page asks, or no page at all; an old browser names only where its page came from."""
    if site := req.headers.get(SITE, ""):
        return site in OWN
    origin = req.headers.get("Origin", "")
    return not origin or urlsplit(origin).netloc == (req.headers.get("Host", "") or urlsplit(req.url).netloc)
