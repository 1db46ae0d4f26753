"""Tokens of Entra for a profile: made by azure-identity, which keeps them where the platform encrypts them."""

import logging
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from azure.core.exceptions import AzureError, ClientAuthenticationError, ServiceRequestError, ServiceResponseError
from azure.identity import (
    AuthenticationRecord,
    AuthenticationRequiredError,
    AzureCliCredential,
    CredentialUnavailableError,
    DeviceCodeCredential,
    InteractiveBrowserCredential,
    ManagedIdentityCredential,
    TokenCachePersistenceOptions,
)

from cli.failing import Failing, Unreachable
from cli.problem import Document
from cli.profiles import Method, Profile
from cli.sign_in import AUTHORITIES
from shared.reporting.release_commands import CLI

EARLY: Final = 300  # seconds before its end at which a token is replaced
IN_PLAIN_TEXT: Final = False  # where the platform cannot encrypt, tokens are kept in memory only
INTERACTIVE: Final = {Method.BROWSER: InteractiveBrowserCredential, Method.DEVICE_CODE: DeviceCodeCredential}
ADVICE: Final = {
    Method.BROWSER: "No browser can be opened here? Sign in with --method device-code.",
    Method.DEVICE_CODE: "Sign in again.",
    Method.AZURE_CLI: "Install the Azure CLI (https://aka.ms/azure-cli) and run `az login`, or take another --method.",
    Method.MANAGED_IDENTITY: "This works on machines of Azure that have a managed identity; else take another --method.",
}
# What the libraries warn of is told as a problem, once.
for library in ("azure", "msal"):
    logging.getLogger(library).addHandler(logging.NullHandler())


def credential_of(name: str, profile: Profile, *, may_ask: bool) -> Any:
    """Give the credential of a profile; `may_ask` whether it may turn to the person when its tokens do not do."""
    if profile.method is Method.AZURE_CLI:
        return AzureCliCredential(tenant_id=profile.tenant)
    if profile.method is Method.MANAGED_IDENTITY:
        return ManagedIdentityCredential(client_id=profile.client_id or None)
    options: dict[str, Any] = {"disable_automatic_authentication": not may_ask}
    if profile.record:
        options["authentication_record"] = AuthenticationRecord.deserialize(profile.record)
    if profile.remembers:
        options["cache_persistence_options"] = TokenCachePersistenceOptions(
            name=f"azferry.{name}", allow_unencrypted_storage=IN_PLAIN_TEXT
        )
    if profile.client_id:
        options["client_id"] = profile.client_id
    if profile.authority:
        options |= {} if profile.record else {"authority": profile.authority}  # a record names it, too
        options |= {"disable_instance_discovery": profile.authority not in AUTHORITIES}
    if profile.method is Method.DEVICE_CODE:
        options["prompt_callback"] = _prompt
    return INTERACTIVE[profile.method](tenant_id=profile.tenant or None, **options)


def _prompt(address: str, code: str, expires: datetime) -> None:
    until = f"{expires.astimezone():%H:%M}"
    print(f"To sign in, open {address} and enter the code {code} (until {until}).", file=sys.stderr)  # noqa: T201 - told at once


class Tokens:
    """Gives a token that is good for the next request, however long ago the last one was."""

    def __init__(self, name: str, profile: Profile, credential: Callable[[], Any]) -> None:
        """Keep what makes the credential: it is asked for with the first request."""
        self._name, self._profile, self._make = name, profile, credential
        self._credential: Any = None
        self._token, self._until = "", 0.0

    def __call__(self) -> str:
        """Give a token. Raises `Failing` where one has to sign in again, `Unreachable` where Entra does not answer."""
        if time.time() > self._until - EARLY:
            self._credential = self._credential or self._make()
            made = signed_in(self._name, self._profile, lambda: self._credential.get_token(scope_of(self._profile)))
            self._token, self._until = made.token, made.expires_on
        return self._token


def scope_of(profile: Profile) -> str:
    """Give the scope of the tokens of a profile: whatever one may do there."""
    return f"{profile.audience}/.default"


class NothingEncryptsError(Failing):
    """This machine has no place that keeps tokens encrypted."""


def signed_in(name: str, profile: Profile, call: Callable[[], Any]) -> Any:
    """Ask the credential. Raises `Failing` with what to do, `Unreachable` where waiting may help."""
    try:
        return call()
    except AuthenticationRequiredError:
        document = Document(title="Your sign-in has ended", status=401, detail=f"profile {name}, {profile.url}")
        advice = f"Sign in again: `{CLI} login --profile {name} --url {profile.url}`"
        raise Failing(document.replace(advice=advice)) from None
    except (CredentialUnavailableError, ClientAuthenticationError) as error:
        # the library wraps whatever happens on the way, also that nothing encrypts or nobody answered
        if type(error.__cause__) is ValueError and "encryption" in str(error.__cause__):
            raise NothingEncryptsError(_cannot(error, ADVICE[profile.method])) from None
        if isinstance(error.__cause__, ServiceRequestError | ServiceResponseError):
            raise Unreachable(_cannot(error, "Is Entra within reach? Asking again may help.")) from None
        raise Failing(_cannot(error, ADVICE[profile.method])) from None


def _cannot(error: AzureError, advice: str) -> Document:
    lines = [line.strip() for line in str(error.message).splitlines() if line.strip()]
    return Document(title="Cannot sign in", detail=lines[0] if lines else type(error).__name__, advice=advice)


def sign_in(name: str, profile: Profile) -> Profile:
    """Have the person, or the machine, sign in; give the profile with what is known then. Raises `Failing`."""
    if profile.method not in INTERACTIVE:
        credential = credential_of(name, profile, may_ask=False)
        signed_in(name, profile, lambda: credential.get_token(scope_of(profile)))
        return profile
    try:
        return _signed_in(name, profile.replace(remembers=True))
    except NothingEncryptsError:
        return _signed_in(name, profile)


def _signed_in(name: str, profile: Profile) -> Profile:
    credential = credential_of(name, profile, may_ask=True)
    record = signed_in(name, profile, lambda: credential.authenticate(scopes=[scope_of(profile)]))
    return profile.replace(record=record.serialize())


def forget(name: str, profile: Profile) -> None:
    """Forget the tokens of a profile that the platform keeps for us."""
    if profile.remembers:
        app = credential_of(name, profile, may_ask=False)._get_app()  # noqa: SLF001 - the library has no word for it
        for account in app.get_accounts():
            app.remove_account(account)
