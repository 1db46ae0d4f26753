"""The registration key: made by the vault, in the form that the server's setup reads, and good for five days."""

from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from shared.problems import Busy, CloudRefused, NotFound, Refused
from shared.site_recovery import configuration_server, hyperv
from shared.site_recovery.registration_key import NAMESPACE, make_key
from tests.clouds import SUBSCRIPTION, VAULT, Cloud, request_id
from tests.shared.site_recovery.classic import SERVER

MADE, BESIDE = "*/vaults/certificates/write", "*/extendedInformation/read"


def register(cloud: Cloud, key: str, vault: str = VAULT.id) -> httpx.Response:
    """Run the server's setup with a key."""
    body = {"vaultId": vault, "name": SERVER, "key": key}
    return cloud.control.post("/control/configuration-servers", json=body)


def part(content: str, *names: str) -> str:
    found = ET.fromstring(content).find("/".join(f"{{{NAMESPACE}}}{name}" for name in names))
    assert found is not None
    return found.text or ""


def test_a_server_registers_with_it(bare: Cloud) -> None:
    key = make_key(VAULT, bare.now())
    assert register(bare, key.content.get_secret_value()).is_success
    bare.later(900)
    found = configuration_server.find(VAULT, SERVER)
    assert found
    assert found.unhealthy == ()


def test_it_is_valid_for_five_days_and_another_one_changes_nothing_for_it(bare: Cloud) -> None:
    key = make_key(VAULT, bare.now())
    assert (key.valid_to - bare.now()).total_seconds() == pytest.approx(5 * 86_400, abs=60)
    bare.later(4 * 86_400)
    other = make_key(VAULT, bare.now())
    assert other.thumbprint != key.thumbprint
    bare.later(2 * 86_400)
    late = register(bare, key.content.get_secret_value())
    assert (late.status_code, "not valid" in late.text) == (400, True)
    assert register(bare, other.content.get_secret_value()).is_success


def test_a_key_of_another_vault_opens_nothing(bare: Cloud) -> None:
    other = VAULT.replace(name="rsv-other")
    bare.put(other.id, properties={"provisioningState": "Succeeded"})
    assert register(bare, make_key(other, bare.now()).content.get_secret_value()).status_code == 400
    assert register(bare, "no key at all").status_code == 400


def test_its_file_has_the_form_that_azures_own_tools_write(bare: Cloud) -> None:
    key = make_key(VAULT, bare.now())
    content = key.content.get_secret_value()
    root = ET.fromstring(content)
    assert [child.tag.rpartition("}")[2] for child in root] == [
        "VaultDetails",
        "ManagementCert",
        "Version",
        "AadDetails",
        "ChannelIntegrityKey",
        "SiteId",
        "SiteName",
        "PrivateEndpointStateForSiteRecovery",
    ]
    assert part(content, "VaultDetails", "SubscriptionId") == SUBSCRIPTION
    assert part(content, "VaultDetails", "ResourceName") == VAULT.name
    assert part(content, "AadDetails", "AadVaultAudience").startswith("https://RecoveryServiceVault/westeurope/")
    assert part(content, "ChannelIntegrityKey")
    assert key.file == f"{VAULT.name}_2026-11-21T05-00-00.VaultCredentials"


def test_it_does_not_show_when_it_is_written_anywhere(bare: Cloud) -> None:
    key = make_key(VAULT, bare.now())
    secret = part(key.content.get_secret_value(), "ManagementCert")
    assert secret not in f"{key} {key!r} {key.model_dump_json()}"


@pytest.mark.parametrize("kept", ["none yet", "encrypted"])
def test_an_integrity_key_that_cannot_be_read_is_left_out(bare: Cloud, kept: str) -> None:
    if kept == "encrypted":
        document = {"properties": {"integrityKey": "AAAA", "algorithm": "RSA1_5"}}
        path = f"{VAULT.id}/extendedInformation/vaultExtendedInfo?api-version=2026-11-01"
        headers = {"Authorization": "Bearer x"}
        bare.control.put(path, json=document, headers=headers).raise_for_status()
    else:
        bare.fault("server-error", operation=BESIDE, status=404, code="ResourceExtendedInfoNotFound", message="none")
    assert part(make_key(VAULT, bare.now()).content.get_secret_value(), "ChannelIntegrityKey") == ""


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ({"kind": "throttle", "retryAfter": 9}, Busy),
        ({"kind": "server-error", "status": 403, "code": "AuthorizationFailed", "message": "no"}, CloudRefused),
    ],
)
def test_what_azure_answers_instead_reaches_the_operator(bare: Cloud, fault: dict[str, Any], raised: type) -> None:
    bare.fault(operation=MADE, **fault)
    with pytest.raises(raised):
        make_key(VAULT, bare.now())


def test_a_vault_that_is_not_there_has_no_key(bare: Cloud) -> None:
    with pytest.raises(NotFound):
        make_key(VAULT.replace(name="nowhere"), bare.now())


def test_a_vault_that_makes_no_certificate_leads_to_the_portal(bare: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.simulator.services.vaults.GIVEN_BACK", "friendlyName")
    with pytest.raises(Refused) as refused:
        make_key(VAULT, bare.now())
    assert (refused.value.facts.id, "portal" in refused.value.facts.advice) == ("registration-key-missing", True)


def test_for_the_hosts_of_a_site_it_names_the_site(bare: Cloud) -> None:
    assert bare.ends(hyperv.create_site(VAULT, "hq", request_id("site"))).succeeded
    site = hyperv.find_fabric(VAULT, "hq")
    assert site
    content = make_key(VAULT, bare.now(), site).content.get_secret_value()
    assert (part(content, "SiteName"), part(content, "SiteId")) == ("hq", site.internal_identifier)
    assert site.internal_identifier
