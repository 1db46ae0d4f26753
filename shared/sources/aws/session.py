"""Keeps one client of AWS per service, role and region; who signs in how stands in `role_session.py`."""

from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError, ServiceRequestError, ServiceResponseError

from shared.azure.clients import credential
from shared.models import Model
from shared.problems import Busy, CloudRefused, Refused
from shared.settings import settings
from shared.sources.aws.refusals import asking

if TYPE_CHECKING:  # the types of boto3 are not installed in Azure
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ssm import SSMClient

_kept: dict[tuple[str, str, str], Any] = {}
_making = Lock()


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
        return str(_made("sts", place.role_arn, place.region).get_caller_identity()["Arn"])


@lru_cache(maxsize=32)
def _ambient_account(region: str) -> str:
    """Ask whose keys are around."""
    with asking("asking whose keys these are"):
        return str(_made("sts", "", region).get_caller_identity()["Account"])


def _client(service: str, place: AwsPlace) -> Any:
    """Give the one client of this service at this place; activities run on several threads."""
    key = (service, place.role_arn, place.region)
    with _making:
        if key not in _kept:
            _kept[key] = _made(service, place.role_arn, place.region)
        return _kept[key]


def _made(service: str, role_arn: str, region: str) -> Any:
    from shared.sources.aws.role_session import client_of  # noqa: PLC0415 - a tenth of the app's start; no page needs it

    return client_of(service, role_arn, region)


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


def forget() -> None:
    """Close all clients and forget whose keys these are, as tests do after they change the settings."""
    with _making:
        for client in _kept.values():
            client.close()
        _kept.clear()
        _ambient_account.cache_clear()
