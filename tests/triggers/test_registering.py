"""The registration key goes to the person at the gate, once, and is kept nowhere."""

import re

import pytest

from shared.coordination import gates
from shared.coordination.gate_row import GateRow
from shared.ledger import events
from shared.site_recovery.hyperv import create_site
from tests.clouds import VAULT, azure, furnish, request_id
from tests.recording.secrets import leaks
from tests.triggers.conftest import principal, with_settings

PATH = "/api/migrations/finance.1/registration-key"


@pytest.fixture
def cloud(local, monkeypatch):
    with azure(monkeypatch) as cloud:
        furnish(cloud)
        yield cloud


@pytest.fixture
def classic(ask, plan, cloud):
    """A migration through a configuration server, whose vault is there."""
    vault = {"name": VAULT.name, "resourceGroup": VAULT.resource_group}
    plan["replication"] = {"mode": "configurationServer", "agent": {"install": "manual"}}
    assert 202 == ask("POST", "/api/migrations", plan | {"target": plan["target"] | {"vault": vault}}).status


def opened():
    gates.open_gate(GateRow(migration="finance.1", name="register-appliance"))


def test_it_is_a_file_that_nobody_keeps(ask, classic, caplog):
    caplog.set_level("DEBUG")
    opened()
    answer = ask("POST", PATH, {"by": "ada"})
    secret = re.search(r"<ManagementCert>(.+)</ManagementCert>", answer.raw.decode())[1]

    assert (200, "no-store") == (answer.status, answer.headers["Cache-Control"])
    assert re.search(r'attachment; filename="rsv-ferry_\S+\.VaultCredentials"', answer.headers["Content-Disposition"])
    (event,) = [each for each in events.page("finance.1")[0] if each.what.startswith("registration-key-made")]
    assert ("ada", True) == (event.by, bool(event.data.thumbprint))
    assert [] == leaks(caplog.text, [secret])
    assert secret not in event.model_dump_json()


def test_nobody_gets_one_when_no_registration_is_waited_for(ask, classic, cloud):
    assert 409 == ask("POST", PATH, {}).status
    opened()
    gates.close("finance.1", "", "register-appliance")
    assert 409 == ask("POST", PATH, {}).status
    assert [] == cloud.log("*/certificates/write")


def test_where_several_servers_register_the_wave_tells_them_apart(ask, classic):
    opened()
    gates.open_gate(GateRow(migration="finance.1", name="register-appliance", wave="shop"))

    assert "shop" in ask("POST", PATH, {}).body["advice"]
    assert 200 == ask("POST", PATH, {"wave": "shop"}).status


def test_an_appliance_takes_its_key_from_the_portal(ask, plan, cloud):
    ask("POST", "/api/migrations", plan)
    opened()
    refused = ask("POST", PATH, {})

    assert 409 == refused.status
    assert "portal" in refused.body["advice"]


def test_what_azure_refuses_is_told_with_its_words_and_busy_is_busy(ask, classic, cloud):
    opened()
    cloud.fault("server-error", operation="*/certificates/write", status=403, code="AuthorizationFailed", message="no")
    assert (422, "AuthorizationFailed") == ((refused := ask("POST", PATH, {})).status, refused.body["code"])
    cloud.fault("throttle", operation="*/certificates/write", retryAfter=9)
    assert (503, "9") == ((busy := ask("POST", PATH, {})).status, busy.headers["Retry-After"])


def test_who_had_it_made_is_the_person_who_signed_in(ask, classic, local):
    opened()
    with_settings(local, AZFERRY_LOCAL="false", AZFERRY_SIGN_IN="true")
    ask("POST", PATH, {"by": "eve"}, principal("ada@x", "owner"))

    assert "ada@x" in [each.by for each in events.page("finance.1")[0]]


def test_a_migration_that_is_not_there_has_none(ask, local):
    assert 404 == ask("POST", "/api/migrations/nowhere/registration-key", {}).status


def test_the_hosts_of_a_hyperv_site_get_one_that_names_it(ask, plan, cloud):
    assert cloud.ends(create_site(VAULT, "hq", request_id("site"))).succeeded
    vault = {"name": VAULT.name, "resourceGroup": VAULT.resource_group}
    machines = [{"name": "web1", "source": {"name": "WEB1"}}]
    hosted = {"scenario": "hyperv-to-azure", "source": {"hyperv": {"site": "hq"}}}
    hosted |= {"target": plan["target"] | {"vault": vault}, "waves": [{"name": "shop", "machines": machines}]}
    assert 202 == ask("POST", "/api/migrations", plan | hosted).status
    opened()

    assert "<SiteName>hq</SiteName>" in ask("POST", PATH, {}).raw.decode()
