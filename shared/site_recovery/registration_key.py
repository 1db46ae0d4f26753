"""The registration key of a configuration server or of Hyper-V hosts: a certificate that the vault makes, in the file that its setup reads.

| operation | role action |
| --- | --- |
| make_key | Microsoft.RecoveryServices/vaults/read, …/certificates/write, …/extendedInformation/read |

The vault makes certificate and private key itself when it is asked with `certificateCreateOptions`: that is how the portal and
Terraform's azurerm provider ask; the SDK's model does not know it. The form of the file is that of Az PowerShell's
`Get-AzRecoveryServicesVaultSettingsFile`. Whether today's service still takes a server of the retired kind is not known.
"""

import base64
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from pydantic import Field, SecretStr

from shared.azure import clients
from shared.azure.refusals import asking, found
from shared.models import Model
from shared.problems import NotFound, Refused
from shared.site_recovery.fabrics import Fabric
from shared.site_recovery.vault import VaultRef

VALID = timedelta(days=5)  # documented
NAMESPACE = "http://schemas.datacontract.org/2004/07/Microsoft.Azure.Portal.RecoveryServices.Models.Common"
VERSION = "2.0"
READABLE = "none"  # the algorithm of an integrity key that is not encrypted


class RegistrationKey(Model):
    """A key as a file: whoever has it can register a server with the vault, so it is given once and kept nowhere."""

    file: str = Field(description="the file's name")
    content: SecretStr = Field(description="the file: XML with a certificate and its private key")
    thumbprint: str = Field(description="of its certificate; no secret")
    valid_to: datetime


def make_key(vault: VaultRef, now: datetime, site: Fabric | None = None) -> RegistrationKey:
    """Have the vault make a key, for the hosts of a Hyper-V site where one is given. Each call makes another one; those before stay valid until their five days are over.

    Raises `NotFound` without the vault, `CloudRefused`, `Busy`.
    """
    client = clients.recovery_services(vault.subscription)
    existing = found(f"reading vault {vault.name}", lambda: client.vaults.get(*vault.place))
    if existing is None:
        raise NotFound(f"there is no vault {vault.name} in {vault.resource_group}")
    state = existing.properties.private_endpoint_state_for_site_recovery if existing.properties else ""
    integrity = _integrity_key(vault)
    certificate = _certificate(vault, now)
    content = _file(vault, existing.location, certificate, integrity, (site, str(state or "None")))
    return RegistrationKey(
        file=f"{vault.name}_{now:%Y-%m-%dT%H-%M-%S}.VaultCredentials",
        content=SecretStr(content),
        thumbprint=certificate.thumbprint or "",
        valid_to=certificate.valid_to or now + VALID,
    )


def _certificate(vault: VaultRef, now: datetime) -> Any:
    """Ask for a certificate; the answer's own class depends on the vault, all vaults of today sign in with Entra."""
    # the SDK takes and types its own model only, which lacks the options; any other mapping goes out as it is
    create: Any = clients.recovery_services(vault.subscription).vault_certificates.create
    name = f"CN=CB_{vault.name}-{now:%d-%m-%Y}-vaultcredentials"
    body = {"certificateCreateOptions": {"validityInHours": int(VALID.total_seconds()) // 3600}}
    with asking(f"making a registration key of {vault.name}"):
        made = create(*vault.place, name, body).properties
    if made is None or not made.certificate:
        raise Refused(
            f"the vault {vault.name} made no certificate",
            id="registration-key-missing",
            title="The vault gives no registration key",
            advice="Download the key in the portal: Site Recovery, Prepare infrastructure.",
        )
    return made


def _integrity_key(vault: VaultRef) -> str:
    """Give the key that protects the channel; empty where there is none yet, or where it is kept encrypted."""
    info = clients.recovery_services(vault.subscription).vault_extended_info
    extension = found(f"reading what {vault.name} keeps beside", lambda: info.get(*vault.place))
    properties = extension.properties if extension else None
    if properties is None or str(properties.algorithm or "").lower() != READABLE:
        return ""
    return properties.integrity_key or ""


def _file(vault: VaultRef, location: str, made: Any, integrity: str, own: tuple[Fabric | None, str]) -> str:
    """Write the file; the order of its parts is part of its form. `own` is the Hyper-V site and the private endpoints."""
    site, private_endpoints = own
    audience = f"https://RecoveryServiceVault/{location}/{vault.name}/{made.resource_id}"
    details = {
        "SubscriptionId": vault.subscription,
        "ResourceGroup": vault.resource_group,
        "ResourceName": vault.name,
        "ResourceId": str(made.resource_id),
        "Location": location,
        "ResourceType": "Vaults",
        "ProviderNamespace": "Microsoft.RecoveryServices",
    }
    entra = {
        "AadAuthority": made.aad_authority,
        "AadTenantId": made.aad_tenant_id,
        "ServicePrincipalClientId": made.service_principal_client_id,
        "AadVaultAudience": made.aad_audience or audience,
        "ArmManagementEndpoint": made.azure_management_endpoint_audience,
    }
    root = ET.Element("RSVaultAsrCreds", {"xmlns": NAMESPACE})
    _put(root, "VaultDetails", details)
    _put(root, "ManagementCert", base64.b64encode(made.certificate).decode())
    _put(root, "Version", VERSION)
    _put(root, "AadDetails", entra)
    _put(root, "ChannelIntegrityKey", integrity)
    _put(root, "SiteId", site.internal_identifier if site else "")  # only Hyper-V sites have one
    _put(root, "SiteName", (site.friendly_name or site.name) if site else "")
    _put(root, "PrivateEndpointStateForSiteRecovery", private_endpoints)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True, short_empty_elements=False)
    return written.decode()


def _put(parent: ET.Element, name: str, value: str | dict[str, str]) -> None:
    child = ET.SubElement(parent, name)
    if isinstance(value, str):
        child.text = value
        return
    for part, text in value.items():
        _put(child, part, text)
