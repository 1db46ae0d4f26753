"""Signs in to Azure and keeps one typed client per service and subscription."""

from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from azure.core.credentials import AccessToken, TokenCredential
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy

from shared.settings import settings

if TYPE_CHECKING:  # a third of the app's start went into reading what these can do; who only shows pages asks none
    from azure.mgmt.compute import ComputeManagementClient
    from azure.mgmt.network import NetworkManagementClient
    from azure.mgmt.recoveryservices import RecoveryServicesClient
    from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient
    from azure.mgmt.resource.resources import ResourceManagementClient
    from azure.mgmt.storage import StorageManagementClient

# A read is tried twice when the connection fails; a status is never retried in here: durable timers do the waiting.
QUICK: Mapping[str, Any] = {"retry_total": 1, "retry_status": 0, "connection_timeout": 10, "read_timeout": 60}
FOR_EVER = 2**40

T = TypeVar("T")
_kept: dict[tuple[type[Any], str], Any] = {}
_making = Lock()


class StandInPolicy(SansIOHTTPPolicy[Any, Any]):
    """Sends the stand-in's fixed token; the SDK's own policy refuses to send any over plain http."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Put the token on."""
        request.http_request.headers["Authorization"] = f"Bearer {settings().arm_token}"


class _FixedToken:
    """The credential that a client wants to be given even though its policy is replaced."""

    def get_token(self, *_scopes: str, **_more: Any) -> AccessToken:
        """Give the stand-in's token."""
        return AccessToken(settings().arm_token, FOR_EVER)


@lru_cache(maxsize=1)
def credential() -> TokenCredential:
    """Give the app's identity: the user-assigned one named in settings, else whatever this machine is signed in with."""
    if settings().arm_token:
        return _FixedToken()
    from azure.identity import DefaultAzureCredential, ManagedIdentityCredential  # noqa: PLC0415 - see above

    named = settings().identity_client_id
    return ManagedIdentityCredential(client_id=named) if named else DefaultAzureCredential()


def _options() -> dict[str, Any]:
    """Give what every client is made with."""
    endpoint = settings().arm_endpoint
    options = dict(QUICK) | ({"base_url": endpoint} if endpoint else {})
    if settings().arm_token:
        options |= {"authentication_policy": StandInPolicy(), "use_env_settings": False}
    return options


def _client(kind: type[T], subscription: str) -> T:
    """Give the one client of this kind for this subscription; activities run on several threads."""
    with _making:
        if (kind, subscription) not in _kept:
            make: Any = kind
            _kept[kind, subscription] = make(credential(), subscription, **_options())
        client: T = _kept[kind, subscription]
        return client


def site_recovery(subscription: str) -> "SiteRecoveryManagementClient":
    """Give the client of Site Recovery."""
    from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient  # noqa: PLC0415 - see above

    return _client(SiteRecoveryManagementClient, subscription)


def recovery_services(subscription: str) -> "RecoveryServicesClient":
    """Give the client of Recovery Services vaults."""
    from azure.mgmt.recoveryservices import RecoveryServicesClient  # noqa: PLC0415 - see above

    return _client(RecoveryServicesClient, subscription)


def resources(subscription: str) -> "ResourceManagementClient":
    """Give the client of resource groups."""
    from azure.mgmt.resource.resources import ResourceManagementClient  # noqa: PLC0415 - see above

    return _client(ResourceManagementClient, subscription)


def compute(subscription: str) -> "ComputeManagementClient":
    """Give the client of virtual machines."""
    from azure.mgmt.compute import ComputeManagementClient  # noqa: PLC0415 - see above

    return _client(ComputeManagementClient, subscription)


def network(subscription: str) -> "NetworkManagementClient":
    """Give the client of networks."""
    from azure.mgmt.network import NetworkManagementClient  # noqa: PLC0415 - see above

    return _client(NetworkManagementClient, subscription)


def storage(subscription: str) -> "StorageManagementClient":
    """Give the client of storage accounts."""
    from azure.mgmt.storage import StorageManagementClient  # noqa: PLC0415 - see above

    return _client(StorageManagementClient, subscription)


def forget() -> None:
    """Close all clients and forget who we are, as tests do after they change the settings."""
    with _making:
        for client in _kept.values():
            client.close()
        _kept.clear()
        credential.cache_clear()
