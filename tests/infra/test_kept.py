"""What a deployment would make is what Azure takes and the app needs: where roles land, names, settings, what is open."""

import json
import re
from collections import Counter

import pytest

from shared.settings import Settings
from tests.infra import kept
from tests.infra.bicep import INFRA, roles
from tests.infra.compiler import HOME, OTHER

TABLES = INFRA / "tables.json"
BLOBS = "Storage/storageAccounts/blobServices"
POLICIES = f"{BLOBS}/containers/immutabilityPolicies"
BUILT_IN = {
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
    "0ad04412-c4d5-4796-b79c-f76d14c8d402": "Durable Task Data Contributor",
    "d5a91429-5739-47e2-a06b-3470a27159e7": "EventGrid Data Sender",
}
# What Flex Consumption takes below `siteConfig` and of settings: what is not here has to be looked up before it is added.
SITE_CONFIG = {"minTlsVersion", "scmMinTlsVersion", "http20Enabled", "remoteDebuggingEnabled"}
SETTINGS = re.compile(
    r"AZFERRY_\w+|AzureWebJobs\w+|APPLICATIONINSIGHTS_\w+|PYTHON_THREADPOOL_THREAD_COUNT|MALLOC_ARENA_MAX|DURABLE_TASK_\w+|AzureFunctionsJobHost__\w+"
)
# Azure's patterns of names, by type.
NAMES = {
    "Storage/storageAccounts": r"[a-z0-9]{3,24}",
    "Storage/storageAccounts/blobServices/containers": r"[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]",
    "Storage/storageAccounts/queueServices/queues": r"[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]",
    "Storage/storageAccounts/tableServices/tables": r"[A-Za-z][A-Za-z0-9]{2,62}",
    "EventGrid/topics": r"[A-Za-z0-9-]{3,50}",
    "DurableTask/schedulers": r"[A-Za-z0-9-]{3,64}",
    "Network/virtualNetworks": r"[A-Za-z0-9][\w.-]{0,62}\w",
    "Network/privateEndpoints": r"[A-Za-z0-9][\w.-]{0,62}\w",
    "Web/sites": r"[a-z0-9][a-z0-9-]{0,58}[a-z0-9]",
    "Web/serverfarms": r"[\w-]{1,60}",
    "RecoveryServices/vaults": r"[A-Za-z][A-Za-z0-9-]{1,49}",
    "ManagedIdentity/userAssignedIdentities": r"[A-Za-z0-9][\w-]{2,127}",
    "OperationalInsights/workspaces": r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]",
    "Insights/components": r"[^%&\\?/]{1,259}[^%&\\?/. ]",
    "Resources/resourceGroups": r"[\w().-]{1,89}[\w()-]",
    "Authorization/roleDefinitions": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
}


def called(case):
    """The name of each role, custom and built in, by its id."""
    ours = {
        each["name"]: each["properties"]["roleName"] for each in kept.of_type(case, "Authorization/roleDefinitions")
    }
    return BUILT_IN | {name: re.sub(r"^azferry | \(.*", "", statement) for name, statement in ours.items()}


def granted(case):
    """Where each role is granted; resources of the app by their type."""
    named = called(case)
    return sorted(
        (re.sub(r"(storageAccounts|components|topics)/.*", r"\1", place), named[role])
        for place, role in kept.grants(case)
    )


AT_ITS_OWN = [
    ("components", "Monitoring Metrics Publisher"),
    ("storageAccounts", "Storage Blob Data Owner"),
    ("storageAccounts", "Storage Queue Data Contributor"),
    ("storageAccounts", "Storage Table Data Contributor"),
]


def test_who_names_no_group_grants_nothing_but_the_reading_of_its_own_subscription():
    assert sorted([*AT_ITS_OWN, (HOME, "subscription")]) == granted("plain")


def test_each_role_lands_where_the_lists_say_in_either_subscription():
    lists = [
        (f"{HOME}/rg-v", "vault"),
        (f"{HOME}/rg-ferry", "vault"),  # of the vault that is made beside the app
        (f"{HOME}/rg-d", "discovery"),
        (f"{HOME}/rg-t", "target"),  # once, however often and in whichever letters it was named
        (f"{OTHER}/rg-u", "target"),
        (f"{HOME}/rg-n", "network"),
        (f"{OTHER}/rg-c", "cache"),
    ]
    subscriptions = [(HOME, "subscription"), (OTHER, "subscription")]
    maker = [(HOME, "vault"), (HOME, "discovery"), (HOME, "maker")]

    expected = [("topics", "EventGrid Data Sender")]
    assert sorted([*AT_ITS_OWN, *lists, *subscriptions, *maker, *expected]) == granted("full")


@pytest.mark.parametrize("case", kept.CASES)
def test_every_grant_is_the_identitys_own_and_says_what_it_is(case):
    grants = kept.of_type(case, "Authorization/roleAssignments")
    assert grants
    for each in grants:
        assert each["properties"]["principalType"] == "ServicePrincipal"
        assert re.search(r"userAssignedIdentities/[^)]+\)\.principalId\]$", each["properties"]["principalId"])
        assert each["name"].startswith("[guid("), "a name that is no GUID is refused"
        role = each["properties"]["roleDefinitionId"]
        assert role.startswith(("/subscriptions/", "[subscriptionResourceId(")), "a role lies in no group"
        assert "resourceGroups/" not in role


@pytest.mark.parametrize("case", kept.CASES)
def test_custom_roles_are_made_of_the_role_files_and_may_be_granted_where_they_are(case):
    subscriptions = {each.split("/")[0] for each, _ in granted(case) if each.startswith("0000")}
    made = {
        called(case)[each["name"]]: each["properties"] for each in kept.of_type(case, "Authorization/roleDefinitions")
    }

    assert made.keys() == roles().keys(), "python -m tests.infra.snapshots keeps a change that is meant"
    for each in made.values():
        (permission,) = each["permissions"]  # that its actions are today's is the compiler's to see: test_compiled.py
        assert permission["actions"]
        assert (permission["dataActions"], permission["notDataActions"]) == ([], [])
        assert each["type"] == "CustomRole"
        assert set(each["assignableScopes"]) == {f"/subscriptions/{scope}" for scope in subscriptions}


@pytest.mark.parametrize("case", kept.CASES)
def test_names_are_such_as_azure_takes(case):
    named = [(each["name"], pattern) for kind, pattern in NAMES.items() for each in kept.of_type(case, kind)]

    assert named
    assert [] == [name for name, pattern in named if not re.fullmatch(pattern, name.split("/")[-1])]


@pytest.mark.parametrize("case", kept.CASES)
def test_everything_lies_where_it_was_said_and_has_its_tags(case):
    at = {"plain": {"westeurope"}}.get(case, {"westeurope", "northeurope", "global"})
    for each in kept.resources(case):
        if "location" in each:
            assert each["location"] in at
            assert each["tags"]["azd-env-name"] == "ferry", each["id"]
    assert kept.only(case, "Web/sites")["tags"]["azd-service-name"] == "azferry", "azd finds the app by it"


def test_a_vault_lies_where_machines_move_to_and_other_tags_are_taken_along():
    assert kept.only("full", "RecoveryServices/vaults")["location"] == "northeurope"
    assert {"cost-center": "4711", "owner": "ada", "application": "azferry"}.items() <= kept.only("full", "Web/sites")[
        "tags"
    ].items()
    assert kept.of_type("plain", "RecoveryServices/vaults") == []


@pytest.mark.parametrize("case", kept.CASES)
def test_the_app_is_made_of_what_flex_consumption_takes(case):
    plan, site = kept.only(case, "Web/serverfarms"), kept.only(case, "Web/sites")
    flex = site["properties"]["functionAppConfig"]

    assert (plan["sku"], plan["kind"]) == ({"name": "FC1", "tier": "FlexConsumption"}, "functionapp")
    assert (plan["properties"]["reserved"], site["kind"]) == (True, "functionapp,linux")
    assert site["properties"]["siteConfig"].keys() <= SITE_CONFIG
    assert flex["runtime"] == {"name": "python", "version": "3.13"}
    assert flex["scaleAndConcurrency"]["instanceMemoryMB"] in (2048, 4096)
    assert [] == [each for each in kept.config(case, "appsettings") if not SETTINGS.fullmatch(each)]
    assert all(isinstance(value, str) for value in kept.config(case, "appsettings").values())


@pytest.mark.parametrize("case", kept.CASES)
def test_code_lies_in_a_container_that_is_made_and_is_fetched_by_the_identity(case):
    storage = kept.only(case, "Web/sites")["properties"]["functionAppConfig"]["deployment"]["storage"]
    containers = {
        each["name"].split("/")[-1] for each in kept.of_type(case, "Storage/storageAccounts/blobServices/containers")
    }

    assert storage["type"] == "blobContainer"
    assert storage["authentication"]["type"] == "UserAssignedIdentity"
    assert any(storage["value"].endswith(f"'{each}')]") for each in containers), storage["value"]
    assert kept.only(case, "Web/sites")["identity"]["type"] == "UserAssigned"


@pytest.mark.parametrize("case", kept.CASES)
def test_what_the_app_is_told_of_is_made(case):
    app_settings = kept.config(case, "appsettings")
    made = {each["name"].split("/")[-1] for each in kept.resources(case)}

    assert {
        app_settings["AZFERRY_QUEUE"],
        f"{app_settings['AZFERRY_QUEUE']}-poison",
        app_settings["AZFERRY_PLANS_CONTAINER"],
    } <= made
    tables = {
        each["name"].split("/")[-1] for each in kept.of_type(case, "Storage/storageAccounts/tableServices/tables")
    }
    assert tables
    assert {each.removeprefix(app_settings["AZFERRY_TABLE_PREFIX"]) for each in tables} <= set(
        json.loads(TABLES.read_text())
    )
    defaults = Settings()
    assert (app_settings["AZFERRY_QUEUE"], app_settings["AZFERRY_TABLE_PREFIX"]) == (
        defaults.queue,
        defaults.table_prefix,
    )
    account = kept.only(case, "Storage/storageAccounts")["name"]
    assert {app_settings["AzureWebJobsStorage__accountName"], app_settings["AZFERRY_STORAGE_ACCOUNT"]} == {account}
    assert app_settings["AzureWebJobsStorage__credential"] == "managedidentity"
    of_identity = {app_settings["AzureWebJobsStorage__clientId"], app_settings["AZFERRY_IDENTITY_CLIENT_ID"]}
    assert len(of_identity) == 1
    assert re.search(r"userAssignedIdentities/[^)]+\)\.clientId\]$", of_identity.pop())
    assert app_settings["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"].startswith(
        "[format('ClientId={0};Authorization=AAD', "
    )


def test_channels_reach_the_app_with_their_secrets_as_references_only():
    app_settings = kept.config("full", "appsettings")

    assert (app_settings["AZFERRY_CHANNELS"], app_settings["AZFERRY_TELL"]) == (
        "ops:webhook, night:email, grid:event-grid",
        "ops, grid",
    )
    assert app_settings["AZFERRY_CHANNEL_OPS_URL"] == "https://hooks.example.com/?a=b"
    assert app_settings["AZFERRY_CHANNEL_NIGHT_URL"] == "https://own.communication.azure.com"
    references = {
        name for name, value in app_settings.items() if value.startswith("@Microsoft.KeyVault(SecretUri=https://")
    }
    assert references == {"AZFERRY_CHANNEL_OPS_KEY", "AZFERRY_WEBHOOK_KEY"}
    assert "userAssignedIdentities" in kept.only("full", "Web/sites")["properties"]["keyVaultReferenceIdentity"]
    assert app_settings["AZFERRY_NOTIFICATIONS_QUEUE"] == Settings().notifications_queue
    assert kept.config("plain", "appsettings")["AZFERRY_CHANNELS"] == ""


def test_the_topic_takes_cloud_events_from_the_identity_and_from_no_key():
    topic = kept.only("full", "EventGrid/topics")["properties"]

    assert (topic["inputSchema"], topic["disableLocalAuth"]) == ("CloudEventSchemaV1_0", True)
    assert [] == kept.of_type("plain", "EventGrid/topics")
    senders = [place for place, role in kept.grants("full") if called("full")[role] == "EventGrid Data Sender"]
    assert len(senders) == 1
    assert senders[0].startswith("topics/")
    assert "endpoint" in kept.config("full", "appsettings")["AZFERRY_CHANNEL_GRID_URL"]


def test_limits_and_sizes_reach_the_app():
    app_settings = kept.config("full", "appsettings")
    scale = kept.only("full", "Web/sites")["properties"]["functionAppConfig"]["scaleAndConcurrency"]

    assert ("60", "501", "101") == tuple(
        app_settings[f"AZFERRY_{each}"] for each in ("KEEP_HISTORIES", "MAX_REPLICATING", "MAX_CUTTING_OVER")
    )
    assert app_settings["AZFERRY_AWS_FEDERATION_AUDIENCE"] == "api://00000000-0000-0000-0000-00000000000b"
    assert app_settings["AZFERRY_AWS_ACCOUNTS"] == "123456789012"
    assert (scale["maximumInstanceCount"], scale["alwaysReady"]) == (60, [{"name": "durable", "instanceCount": 2}])
    assert kept.only("full", "Storage/storageAccounts")["sku"] == {"name": "Standard_LRS"}
    assert kept.only("full", "Web/sites")["properties"]["virtualNetworkSubnetId"].endswith("/subnets/app")
    assert kept.only("plain", "Storage/storageAccounts")["sku"] == {"name": "Standard_ZRS"}


@pytest.mark.parametrize(("case", "on"), [("plain", False), ("full", True)])
def test_names_of_people_are_believed_exactly_where_they_sign_in(case, on):
    sign_in = kept.config(case, "authsettingsV2")
    directory = sign_in["identityProviders"]["azureActiveDirectory"]

    assert kept.config(case, "appsettings")["AZFERRY_SIGN_IN"] == ("true" if on else "false")
    assert sign_in["platform"]["enabled"] is on, "who names no sign-in has it turned off"
    assert sign_in["globalValidation"]["requireAuthentication"] is on
    assert sign_in["globalValidation"]["excludedPaths"] == [], "no path is left open: there is no key behind it"
    assert sign_in["globalValidation"]["redirectToProvider"] == "azureactivedirectory"
    assert directory["enabled"] is on
    issuer = directory["registration"]["openIdIssuer"]
    assert issuer == f"[format('{{0}}{{1}}/v2.0', environment().authentication.loginEndpoint, '{OTHER}')]"
    client = "00000000-0000-0000-0000-00000000000a"
    assert directory["validation"]["allowedAudiences"] == ([client, f"api://{client}"] if on else [])
    assert sign_in["login"] == {"tokenStore": {"enabled": False}}


@pytest.mark.parametrize("case", kept.CASES)
def test_no_key_no_password_and_no_old_tls_opens_anything(case):
    account = kept.only(case, "Storage/storageAccounts")["properties"]
    site = kept.only(case, "Web/sites")["properties"]
    policies = {
        each["name"].split("/")[-1]: each["properties"]
        for each in kept.of_type(case, "Web/sites/basicPublishingCredentialsPolicies")
    }

    assert (
        account["allowSharedKeyAccess"]
        is account["allowBlobPublicAccess"]
        is account["allowCrossTenantReplication"]
        is False
    )
    assert account["supportsHttpsTrafficOnly"] is account["defaultToOAuthAuthentication"] is site["httpsOnly"] is True
    assert account["minimumTlsVersion"] == "TLS1_2"
    assert (site["siteConfig"]["minTlsVersion"], site["siteConfig"]["scmMinTlsVersion"]) == ("1.2", "1.2")
    assert policies == {"ftp": {"allow": False}, "scm": {"allow": False}}
    assert kept.only(case, "Insights/components")["properties"]["DisableLocalAuth"] is True
    assert kept.only(case, "OperationalInsights/workspaces")["properties"]["features"] == {"disableLocalAuth": True}
    containers = kept.of_type(case, "Storage/storageAccounts/blobServices/containers")
    assert {each["properties"]["publicAccess"] for each in containers} == {"None"}


def test_what_was_written_can_be_kept_from_everybody_and_only_where_that_is_asked_for():
    containers = {
        each["name"].split("/")[-1]: each["properties"] for each in kept.of_type("full", f"{BLOBS}/containers")
    }
    policies = [each for each in kept.of_type("full", POLICIES) if not each["name"].endswith("azferry-record/default")]
    (_, rule) = kept.only("full", "Storage/storageAccounts/managementPolicies")["properties"]["policy"]["rules"]

    assert kept.only("full", BLOBS)["properties"]["isVersioningEnabled"] is True
    assert containers["azferry-plans"]["immutableStorageWithVersioning"] == {"enabled": True}
    assert "immutableStorageWithVersioning" not in containers["deployment"], "code is published over what was there"
    assert containers["azferry-backups"]["immutableStorageWithVersioning"] == {"enabled": True}
    assert sorted(each["name"].split("/")[-2] for each in policies) == ["azferry-backups", "azferry-plans"]
    assert {each["properties"]["immutabilityPeriodSinceCreationInDays"] for each in policies} == {400}
    assert rule["definition"]["actions"] == {"version": {"delete": {"daysAfterCreationGreaterThan": 400}}}
    assert rule["definition"]["filters"]["prefixMatch"] == ["azferry-plans/", "azferry-backups/"]


def test_the_record_of_decisions_may_grow_and_nothing_else_where_it_is_asked_for():
    (policy,) = (each for each in kept.of_type("full", POLICIES) if each["name"].endswith("azferry-record/default"))

    assert policy["properties"] == {"immutabilityPeriodSinceCreationInDays": 365, "allowProtectedAppendWrites": True}
    assert "azferry-record" == kept.config("full", "appsettings")["AZFERRY_RECORD_CONTAINER"]
    assert "azferry-record/" not in json.dumps(kept.only("full", "Storage/storageAccounts/managementPolicies"))


@pytest.mark.parametrize("case", ["plain", "private", "scheduled"])
def test_no_record_is_kept_unasked(case):
    assert "" == kept.config(case, "appsettings")["AZFERRY_RECORD_CONTAINER"]
    assert "azferry-record" not in {each["name"].split("/")[-1] for each in kept.of_type(case, f"{BLOBS}/containers")}


@pytest.mark.parametrize("case", ["plain", "private", "scheduled"])
def test_deleted_blobs_can_be_brought_back_and_nothing_else_is_kept_unasked(case):
    blobs = kept.only(case, BLOBS)["properties"]

    assert blobs["deleteRetentionPolicy"] == blobs["containerDeleteRetentionPolicy"] == {"enabled": True, "days": 14}
    assert blobs["isVersioningEnabled"] is False
    assert kept.of_type(case, f"{BLOBS}/containers/immutabilityPolicies") == []


@pytest.mark.parametrize(("case", "days"), [("plain", 35), ("private", 35), ("full", 400)])
def test_old_backups_go_by_themselves_and_never_while_they_are_held(case, days):
    rule = kept.only(case, "Storage/storageAccounts/managementPolicies")["properties"]["policy"]["rules"][0]

    assert rule["definition"]["filters"]["prefixMatch"] == ["azferry-backups/"]
    assert rule["definition"]["actions"] == {"baseBlob": {"delete": {"daysAfterCreationGreaterThan": days}}}


@pytest.mark.parametrize("case", kept.CASES)
def test_nothing_is_made_twice(case):
    assert [] == [name for name, count in Counter(each["id"] for each in kept.resources(case)).items() if count > 1]


def test_the_app_comes_after_all_that_it_needs():
    order = json.loads(kept.ORDER.read_text())

    assert {"identity", "storage", "monitoring"} <= set(order["main"]["app"]), "with the grants that are in them"
    assert {"group", "identity"} <= set(order["main"]["permissions"])
    for name, each in order["main.permissions"].items():
        assert each or name == "definitions", f"{name} waits for no role"
    (settings,) = (each for name, each in order["main.app"].items() if "'appsettings'" in name)
    assert any("'authsettingsV2'" in each for each in settings), "names are believed when the platform vouches for them"
