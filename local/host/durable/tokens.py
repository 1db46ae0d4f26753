"""Tokens for durable HTTP calls: what the extension asks its managed identity for is asked of whoever is signed in here."""

import functools
from collections.abc import Mapping
from typing import Any

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CredentialUnavailableError, DefaultAzureCredential

# The resources that the extension makes scopes of; any other is taken as it is.
KNOWN = ("https://management.core.windows.net", "https://graph.microsoft.com")


class NoTokenError(Exception):
    """Nobody is signed in, or the sign-in was refused; the text says what was tried."""


def bearer(source: Mapping[str, Any]) -> str:
    """Return the Authorization header for a token source (`resource`, `options`); raises NoTokenError."""
    resource = str(source.get("resource") or "")
    scope = f"{resource.rstrip('/')}/.default" if resource.rstrip("/") in KNOWN else resource
    options = {key.lower(): value for key, value in (source.get("options") or {}).items() if value}
    try:
        return f"Bearer {credential(options.get('authorityhost'), options.get('clientid')).get_token(scope).token}"
    except (ClientAuthenticationError, CredentialUnavailableError) as problem:
        raise NoTokenError(str(problem)) from None


@functools.cache
def credential(authority: str | None, client_id: str | None) -> DefaultAzureCredential:
    """Return whoever is signed in: the machine's identity, the environment's, the Azure CLI's; it keeps its tokens."""
    return DefaultAzureCredential(
        **({"authority": authority} if authority else {}),
        **({"managed_identity_client_id": client_id} if client_id else {}),
    )
