"""Signs in to AWS and keeps one client per service, role and region.

In Azure the app's managed identity is the web identity of the role (sts:AssumeRoleWithWebIdentity): no AWS key is kept.
Elsewhere the ambient keys are used, and they assume the role when one is named.
"""

from functools import lru_cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Any

import botocore.session
from azure.core.exceptions import AzureError, ServiceRequestError, ServiceResponseError
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    AssumeRoleWithWebIdentityCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    Credentials,
    DeferredRefreshableCredentials,
)
from botocore.loaders import create_loader

from shared.azure.clients import credential
from shared.models import Model
from shared.problems import Busy, CloudRefused, Refused
from shared.settings import settings
from shared.sources.aws.refusals import asking

if TYPE_CHECKING:  # the types of boto3 are not installed in Azure
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ssm import SSMClient

# One attempt: durable timers do the waiting, and nothing is sent twice behind our back.
QUICK = Config(connect_timeout=10, read_timeout=60, retries={"total_max_attempts": 1, "mode": "standard"})
SESSION_NAME = "azferry"

_kept: dict[tuple[str, str, str], Any] = {}
_making = Lock()
_LOADER = create_loader()


class AwsPlace(Model):
    """Where in AWS: a region, and the role that opens it (none = the ambient keys)."""

    region: str
    role_arn: str = ""

    @property
    def account(self) -> str:
        """The account that the role belongs to; empty without a role."""
        return self.role_arn.split(":")[4] if self.role_arn.count(":") >= 5 else ""


def ec2(place: AwsPlace) -> "EC2Client":
    """Give the client of EC2. Raises `Refused` for an account that the settings do not list."""
    check_account(place)
    client: EC2Client = _client("ec2", place)
    return client


def ssm(place: AwsPlace) -> "SSMClient":
    """Give the client of Systems Manager. Raises `Refused` for an account that the settings do not list."""
    check_account(place)
    client: SSMClient = _client("ssm", place)
    return client


def check_account(place: AwsPlace) -> None:
    """Refuse accounts outside the allow-list of the settings.

    An empty list lets all through where ambient keys are used, and none where the managed identity signs in: whoever
    may start a plan could else point the app's identity at any role that trusts it.
    """
    allowed = {each.strip() for each in settings().aws_accounts.split(",") if each.strip()}
    if not allowed and settings().aws_federation_audience:
        raise Refused(
            "no AWS account is listed that this installation may touch",
            id="aws-accounts-not-listed",
            title="No AWS account is allowed",
            advice="Set AZFERRY_AWS_ACCOUNTS to the ids of the accounts that plans may name, parted by commas.",
        )
    if not allowed:
        return
    account = place.account or _ambient_account(place.region)
    if account not in allowed:
        raise Refused(
            f"AWS account {account} is not one that this installation may touch",
            id="aws-account-not-allowed",
            title="AWS account not allowed",
            advice="Name a role of a listed account, or have the account added to AZFERRY_AWS_ACCOUNTS.",
        )


def caller(place: AwsPlace) -> str:
    """Become the role, and give the ARN as which AWS then knows us: nobody needs a right to ask that."""
    with asking("asking as whom AWS knows us"):
        session = _session(place.role_arn, place.region)
        return str(session.create_client("sts", **_options("sts", place.region)).get_caller_identity()["Arn"])


@lru_cache(maxsize=32)
def _ambient_account(region: str) -> str:
    """Ask whose keys are around."""
    with asking("asking whose keys these are"):
        return str(
            _session("", region).create_client("sts", **_options("sts", region)).get_caller_identity()["Account"]
        )


def _client(service: str, place: AwsPlace) -> Any:
    """Give the one client of this service at this place; activities run on several threads."""
    key = (service, place.role_arn, place.region)
    with _making:
        if key not in _kept:
            session = _session(place.role_arn, place.region)
            _kept[key] = session.create_client(service, **_options(service, place.region))
        return _kept[key]


def _options(service: str, region: str) -> dict[str, Any]:
    special = settings().ssm_endpoint if service == "ssm" else ""
    endpoint = special or settings().aws_endpoint
    return {"region_name": region, "config": QUICK} | ({"endpoint_url": endpoint} if endpoint else {})


def _session(role_arn: str, region: str) -> Any:
    """Give a session that signs in as the role; credentials are fetched at the first call and renewed in time."""
    session = _new_session()
    fetcher = _fetcher(role_arn, region)
    if fetcher:
        assumed = DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method="assume-role")
        session.register_component("credential_provider", CredentialResolver(providers=[_Given(assumed)]))
    return session


def _new_session() -> Any:
    """Give a session of its own; the descriptions of AWS's services, which take half a second to read, are shared."""
    session = botocore.session.get_session()
    session.register_component("data_loader", _LOADER)
    return session


def _fetcher(role_arn: str, region: str) -> Any:
    if not role_arn:
        return None
    around = _new_session()  # not the one that is to sign in: a session keeps what it found first
    create = partial(around.create_client, **_options("sts", region))
    extra = {"RoleSessionName": SESSION_NAME}
    if settings().aws_federation_audience:
        create = partial(_unsigned, create)
        return AssumeRoleWithWebIdentityCredentialFetcher(create, identity_token, role_arn, extra_args=extra)
    ambient = around.get_credentials()
    if ambient is None:
        raise CloudRefused(
            "there are no AWS keys to assume the role with",
            code="NoCredentials",
            advice="Set AZFERRY_AWS_FEDERATION_AUDIENCE, or put AWS keys into the environment.",
        )
    return AssumeRoleCredentialFetcher(create, ambient, role_arn, extra_args=extra)


def _unsigned(create: Any, service: str, config: Config) -> Any:
    """Make the client of a fetcher that brings settings of its own."""
    return create(service, config=QUICK.merge(config))


def identity_token() -> str:
    """Give the managed identity's token for AWS."""
    try:
        return credential().get_token(f"{settings().aws_federation_audience}/.default").token
    except (ServiceRequestError, ServiceResponseError) as error:
        raise Busy(f"the managed identity got no token for AWS: {error}") from error
    except AzureError as error:
        raise CloudRefused(
            f"the managed identity got no token for AWS: {error}",
            code="NoIdentityToken",
            advice="Check the identity's client id and the audience that AWS trusts.",
        ) from error


class _Given(CredentialProvider):
    """A credential provider that has one answer."""

    METHOD = "azferry"

    def __init__(self, credentials: Credentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> Credentials:
        """Give the answer."""
        return self._credentials


def forget() -> None:
    """Close all clients and forget whose keys these are, as tests do after they change the settings."""
    with _making:
        for client in _kept.values():
            client.close()
        _kept.clear()
        _ambient_account.cache_clear()
