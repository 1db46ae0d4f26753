"""Sessions of AWS's SDK that sign in as a role. Read only when AWS is first asked: it is slow, and no page needs it.

In Azure the app's managed identity is the web identity of the role (sts:AssumeRoleWithWebIdentity): no AWS key is kept.
Elsewhere the ambient keys are used, and they assume the role when one is named.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import botocore.session
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
from botocore.parsers import ResponseParserError

from shared.problems import CloudRefused
from shared.settings import settings
from shared.sources.aws.session import identity_token

MOST_CONNECTIONS = 32  # that are kept: one for each thread of the app (infra/); botocore keeps ten
# One attempt: durable timers do the waiting, and nothing is sent twice behind our back.
QUICK = Config(
    connect_timeout=10,
    read_timeout=60,
    retries={"total_max_attempts": 1, "mode": "standard"},
    max_pool_connections=MOST_CONNECTIONS,
)
SESSION_NAME = "azferry"

_LOADER = create_loader()


def client_of(service: str, role_arn: str, region: str) -> Any:
    """Make a client that signs in as the role."""
    client = _session(role_arn, region).create_client(service, **_options(service, region))
    client.meta.events.register("before-parse", _refuse_pages)
    return client


def _refuse_pages(response_dict: Mapping[str, Any], **_: object) -> None:
    """Raise for a web page: the SDK takes one with status 200 for an answer without fields, and so an order for done."""
    body: bytes = response_dict["body"].lstrip()
    if body.startswith(b"<") and b"<html" in body[:1000].lower():
        raise ResponseParserError("a web page came, as a proxy sends it, not an answer of AWS")


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


class _Given(CredentialProvider):
    """A credential provider that has one answer."""

    METHOD = "azferry"

    def __init__(self, credentials: Credentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> Credentials:
        """Give the credentials of the role; botocore asks each provider this."""
        return self._credentials
