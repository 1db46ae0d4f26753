"""What an app tells of its sign-in: where its people sign in, and what their tokens are for.

App Service answers `/.auth/login/aad` with the address of Entra that a browser is led to: tenant and client id stand in it.
"""

import re
from typing import Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx

from cli.client import PATIENCE, unreachable
from cli.failing import Failing
from cli.problem import Document

LOGIN: Final = "/.auth/login/aad"
# Whoever runs the URL tells this: it may lead to Microsoft's own sign-in only.
AUTHORITIES: Final = {
    "login.microsoftonline.com": "",
    "login.windows.net": "",
    "login.microsoftonline.us": "login.microsoftonline.us",
    "login.partner.microsoftonline.cn": "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn": "login.partner.microsoftonline.cn",
}
GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class SignIn(NamedTuple):
    """Where people of an app sign in, and the audience of their tokens."""

    authority: str
    tenant: str
    audience: str


def may_carry_tokens(url: str) -> bool:
    """Tell whether nobody on the way can read what is sent there."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in LOOPBACK


def discover(url: str) -> SignIn | None:
    """Ask the app where its people sign in; None where nobody does. Raises `Unreachable`, `Failing`."""
    try:
        answer = httpx.get(f"{url}{LOGIN}", timeout=PATIENCE, follow_redirects=False)
    except (httpx.TransportError, httpx.InvalidURL, UnicodeError) as error:
        raise unreachable(url, "GET", error) from None
    return _told(url, answer.headers["location"]) if answer.is_redirect else None


def _told(url: str, location: str) -> SignIn:
    """Read the address that a browser is led to. Raises `Failing` where it is not one of Entra."""
    parts = urlsplit(location)
    tenant = parts.path.split("/")[1] if parts.path.startswith("/") else ""
    client = parse_qs(parts.query).get("client_id", [""])[0]
    if parts.scheme != "https" or parts.netloc not in AUTHORITIES or not tenant or not GUID.fullmatch(client):
        advice = "Where this is right, say it yourself: --tenant, --audience, --authority."
        detail = f"{url} leads to {parts.netloc or location}, which is no sign-in of Microsoft Entra"
        raise Failing(Document(title="Not signing in there", detail=detail, advice=advice))
    # By its own address of the form api://…, which no service of Azure has: an app cannot have tokens made for others.
    return SignIn(AUTHORITIES[parts.netloc], tenant, f"api://{client}")
