"""Which app is asked, and as whom: from options, the environment and the profile."""

import os
import sys
from collections.abc import Callable

from cli import profiles
from cli.arguments import usage
from cli.caller import Caller
from cli.client import Api
from cli.options import DEFAULT_URL
from cli.profiles import Method, Profile
from shared.decisions.people import EVERY_ROLE, Person, played


def connect(option: Callable[[str], str], surface: str) -> Api:
    """Give the client for the app that is meant; nothing is sent yet. Raises `BadParameter`.

    Keys and tokens are worth somebody's rights: they have no option that others could see in a list of processes.
    """
    url, profile = option("url"), None
    token = _of_environment()
    if chosen := profiles.load().choice(option("profile"), url):
        name, profile = chosen
        token = token or _tokens(name, profile)
    caller = Caller(token, os.environ.get("AZFERRY_KEY", ""), option("by"), played_as(option("as")), surface)
    return Api(url or (profile.url if profile else DEFAULT_URL), caller)


def _of_environment() -> Callable[[], str] | None:
    token = os.environ.get("AZFERRY_TOKEN", "")
    return (lambda: token) if token else None


def _tokens(name: str, profile: Profile) -> Callable[[], str] | None:
    """Give what makes tokens for a profile; None where nobody signs in."""
    if profile.method is Method.NONE:
        return None
    from cli.credentials import Tokens, credential_of  # noqa: PLC0415 - the libraries of Azure cost half a second

    may_ask = sys.stderr.isatty() and not profile.remembers
    return Tokens(name, profile, lambda: credential_of(name, profile, may_ask=may_ask))


def played_as(text: str) -> Person | None:
    """Give the person that `NAME:ROLE,ROLE` plays; without a role in all of them. Raises `BadParameter`."""
    name, _, roles = text.partition(":")
    wanted = [each.strip() for each in roles.split(",") if each.strip()]
    full = [each if "." in each else f"azferry.{each}" for each in wanted]
    if wanted and not set(full) & set(EVERY_ROLE):
        raise usage(f"no role of azferry: {roles}; there are reader, operator, approver and owner", "--as")
    return played(name.strip(), full or EVERY_ROLE) if name.strip() else None
