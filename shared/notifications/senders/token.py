"""Tokens of the app's identity: for Azure's own services, and for no other address."""

from urllib.parse import urlsplit

from azure.core.exceptions import ClientAuthenticationError

from shared.notifications.exchange import ForbiddenReceiverError, UnreachableReceiverError
from shared.settings import settings


def bearer(url: str, hosts: str, scope: str) -> dict[str, str]:
    """Give the header with a token for a service whose hosts end in this. Raises `ForbiddenReceiverError` for another's."""
    host = (urlsplit(url).hostname or "").lower()
    if not host.endswith(hosts) and not settings().arm_token:
        raise ForbiddenReceiverError(f"{host} is none of *{hosts}: the app's token is sent to Azure only")
    from shared.azure.clients import credential  # noqa: PLC0415 - the SDKs behind it are read where they are needed

    try:
        return {"authorization": f"Bearer {credential().get_token(scope).token}"}
    except ClientAuthenticationError as error:
        raise UnreachableReceiverError("the app's identity got no token") from error
