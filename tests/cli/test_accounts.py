"""Signing in: profiles, and tokens that are fresh for each request, from Entra on loopback."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError

from cli import credentials, sign_in
from cli.failing import Failing, Unreachable
from cli.profiles import Method, Profile
from shared.states import Outcome
from tests.cli import entra as stand_in
from tests.cli.answering import at_the_end
from tests.cli.entra import TENANT

AUDIENCE = "api://3b1f3f0a-8d0e-4b52-9d0f-2f4f0c9a7e11"
ENTRA = "https://login.microsoftonline.com"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with stand_in.running(tmp_path_factory.mktemp("entra")) as entra:
        yield entra


@pytest.fixture
def entra(running, monkeypatch, tmp_path):
    """Entra, trusted by this process, on a machine whose keyring keeps nothing; what is kept lies in tmp_path."""

    def no_keyring(*_args, **_more):
        raise RuntimeError("no keyring on this machine")

    monkeypatch.setattr("msal_extensions.LibsecretPersistence", no_keyring)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", running.certificate)
    monkeypatch.setenv("HOME", str(tmp_path))
    running.lifetime, running.refuses = 3600, False
    running.grants.clear()
    running.scopes.clear()
    return running


@pytest.fixture
def login(ask, entra):
    """Sign in by a device code; the stand-in for Entra lets everybody in."""
    line = ("login", "--method", "device-code", "--tenant", TENANT, "--audience", AUDIENCE)
    return lambda *more: ask(*line, "--authority", entra.authority, *more)


@pytest.fixture
def kept(monkeypatch):
    """As on a machine that keeps tokens: the library's own store, here without encryption."""
    monkeypatch.setattr(credentials, "IN_PLAIN_TEXT", True)


def bearers(prepared):
    return [request[2].get("authorization") for request in prepared.requests]


def test_the_new_profile_is_told_as_data(login):
    document = json.loads(login("-o", "json").stdout)

    assert ("default", "ann@example.org", "device-code", True) == tuple(
        document[name] for name in ("name", "who", "method", "current")
    )


def test_a_device_code_signs_in_for_the_app_and_later_commands_need_no_address(login, run, entra, prepared, kept):
    prepared.add()
    answer = login()

    assert 0 == answer.exit_code, answer.output
    assert "open https://example.org/device and enter the code ABCD-EFGH" in answer.stderr
    assert "signed in as ann@example.org by device-code" in answer.stdout
    assert "The app lets you in." in answer.stdout
    assert AUDIENCE + "/.default" in entra.scopes[0].split()
    assert "finance.1" in run("list").stdout
    assert ["Bearer token-1", "Bearer token-1"] == bearers(prepared)


def test_a_token_is_renewed_before_its_end_for_each_request_without_asking_again(login, run, entra, prepared, kept):
    entra.lifetime = 60
    login()
    prepared.requests.clear()
    at_the_end(prepared, Outcome.SUCCEEDED)

    assert 0 == run("watch", "finance.1").exit_code
    assert ["Bearer token-3", "Bearer token-4"] == bearers(prepared)
    assert {"refresh_token"} == set(entra.grants[1:])


def test_a_token_that_is_good_for_long_is_not_asked_for_again(login, run, entra, prepared, kept):
    login()
    at_the_end(prepared, Outcome.SUCCEEDED)

    run("watch", "finance.1")

    assert 1 == len(entra.grants)


def test_a_sign_in_that_was_taken_back_says_how_to_sign_in_again(login, run, url, entra, prepared, kept):
    entra.lifetime = 60
    login()
    entra.refuses = True
    prepared.requests.clear()

    answer = run("list")

    assert (3, []) == (answer.exit_code, prepared.requests)
    assert f"login --profile default --url {url}" in answer.stderr


def test_where_nothing_encrypts_no_token_is_kept_and_it_is_said(login, tmp_path, entra):
    answer = login()

    assert 0 == answer.exit_code, answer.output
    assert "none is kept" in answer.stdout
    assert ["device_code"] == [grant.rpartition(":")[2] for grant in entra.grants]
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert ["profiles.json"] == [path.name for path in written]
    assert b"token-" not in written[0].read_bytes() + b""
    assert b"renewal-" not in written[0].read_bytes()


def test_a_script_is_not_asked_to_sign_in_but_told(login, run, prepared):
    login()

    answer = run("list")

    assert (3, True) == (answer.exit_code, "Your sign-in has ended" in answer.stderr)


def test_on_a_terminal_a_person_is_asked_again_where_nothing_was_kept(login, run, entra, prepared, monkeypatch):
    login()
    monkeypatch.setattr("cli.connecting.sys", SimpleNamespace(stderr=SimpleNamespace(isatty=lambda: True)))

    answer = run("list")

    assert (0, True) == (answer.exit_code, "enter the code ABCD-EFGH" in answer.stderr), answer.output
    assert ["Bearer token-2"] == bearers(prepared)


def test_the_file_of_profiles_is_readable_by_its_owner_only(login, tmp_path):
    login()

    path = tmp_path / "profiles" / "profiles.json"
    assert (0o600, 0o700) == (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777)


def test_signing_out_forgets_the_profile_and_what_was_kept_for_it(login, run, tmp_path, kept):
    login()
    store = tmp_path / ".IdentityService" / "azferry.default.nocae"
    assert "renewal-1" in store.read_text()

    assert 0 == run("logout").exit_code
    assert "renewal-1" not in store.read_text()
    assert [] == json.loads(run("profiles", "-o", "json").stdout)["value"]


def test_profiles_are_listed_and_chosen(run, url, tmp_path):
    run("login", "--url", url, "--profile", "one")
    run("login", "--url", f"{url}/", "--profile", "two")

    profiles = json.loads(run("profiles", "--use", "one", "-o", "json").stdout)["value"]

    assert [("one", url, True), ("two", url, False)] == [
        (each["name"], each["url"], each["current"]) for each in profiles
    ]
    assert 2 == run("list", "--profile", "three").exit_code


def test_where_nobody_signs_in_the_profile_is_an_address(run, url, prepared):
    answer = run("login", "--url", url)

    assert "Nobody signs in there" in answer.stdout
    assert 0 == run("list").exit_code
    assert [None] == bearers(prepared)


def test_a_token_is_sent_to_the_app_of_its_profile_and_to_no_other(login, run, unreachable, prepared, kept):
    login()

    assert 4 == run("list", "--url", unreachable).exit_code
    assert 2 == run("list", "--url", unreachable, "--profile", "default").exit_code
    assert 1 == len(prepared.requests)


def test_no_token_is_made_for_an_address_that_others_can_listen_to(run, entra):
    answer = run("login", "--url", "http://app.example.org", "--audience", AUDIENCE, "--method", "device-code")

    assert (2, []) == (answer.exit_code, entra.grants)


def test_a_machine_without_the_azure_cli_is_told_what_to_install(run, url, monkeypatch):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))

    answer = run("login", "--url", url, "--method", "azure-cli", "--audience", AUDIENCE, "--tenant", TENANT)

    assert 3 == answer.exit_code
    assert "https://aka.ms/azure-cli" in answer.stderr


@pytest.fixture
def az(monkeypatch, tmp_path):
    """An Azure CLI that gives a token for what it is asked for."""
    script = tmp_path / "bin" / "az"
    script.parent.mkdir()
    token = '{"accessToken": "from-az", "expires_on": 4102444800, "expiresOn": "2100-01-01 00:00:00.000000"}'
    script.write_text(f"#!/bin/sh\necho \"$@\" >> {tmp_path}/az.log\necho '{token}'\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:/usr/bin:/bin")
    return tmp_path / "az.log"


def test_the_azure_cli_gives_tokens_for_the_app(run, url, az, prepared):
    answer = run("login", "--url", url, "--method", "azure-cli", "--audience", AUDIENCE, "--tenant", TENANT)

    assert "The app lets you in." in answer.stdout, answer.output
    assert ["Bearer from-az"] == bearers(prepared)
    assert AUDIENCE in az.read_text()


@pytest.mark.parametrize(
    "location",
    [
        f"{ENTRA}/{TENANT}/oauth2/v2.0/authorize?response_type=code+id_token&client_id={AUDIENCE[6:]}&nonce=x",
        f"https://login.windows.net/{TENANT}/oauth2/authorize?client_id={AUDIENCE[6:]}",
    ],
)
def test_the_app_tells_where_its_people_sign_in_and_for_what(url, prepared, location):
    prepared.sign_in = location

    assert ("", TENANT, AUDIENCE) == sign_in.discover(url)


@pytest.mark.parametrize(
    "location",
    [
        f"https://evil.example.org/{TENANT}/oauth2/authorize?client_id={AUDIENCE[6:]}",
        f"http://login.windows.net/{TENANT}/oauth2/authorize?client_id={AUDIENCE[6:]}",
        f"{ENTRA}.evil.org/{TENANT}/x?client_id={AUDIENCE[6:]}",
        f"{ENTRA}@evil.org/{TENANT}/x?client_id={AUDIENCE[6:]}",
        f"{ENTRA}/{TENANT}/oauth2/v2.0/authorize?client_id=management.azure.com",
        f"{ENTRA}/{TENANT}/oauth2/v2.0/authorize",
        "/.auth/elsewhere",
    ],
)
def test_an_app_that_leads_anywhere_else_is_not_followed(url, prepared, location):
    prepared.sign_in = location

    with pytest.raises(Failing, match="no sign-in of Microsoft Entra"):
        sign_in.discover(url)


def test_where_entra_does_not_answer_waiting_may_help_and_a_refusal_is_final():
    profile = Profile(url="https://app.example.org", method=Method.DEVICE_CODE)

    def failing(cause):
        def call():
            raise ClientAuthenticationError("Authentication failed: it was so") from cause

        return call

    with pytest.raises(Unreachable):
        credentials.signed_in("default", profile, failing(ServiceRequestError("no route")))
    with pytest.raises(Failing) as refused:
        credentials.signed_in("default", profile, failing(None))
    assert not refused.value.passes
