"""What can only be read (or simply kept): operating systems, appliances, health, settings, alerts, events."""

from collections import Counter

from ..arm import Call, Reply, Route
from ..errors import ArmError
from ..operations import stamp
from . import health, ids, jobs
from .fabric_json import component_json
from .lookup import vault_of
from .odata import parse_filter
from .state import Json, SrVault, fabric_id
from .wire import listing, results_route, route

_HEALTH = f"{ids.VAULT}/replicationVaultHealth"
_ALERTS = f"{ids.VAULT}/replicationAlertSettings"
_SETTINGS = f"{ids.VAULT}/replicationVaultSettings"
_EVENTS = f"{ids.VAULT}/replicationEvents"

# Published support matrix (2023, and what was announced since): name, type, versions with service packs.
_SYSTEMS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Windows Server 2008 R2", "Windows", ("6.1 SP1",)),
    ("Windows Server 2012", "Windows", ("6.2",)),
    ("Windows Server 2012 R2", "Windows", ("6.3",)),
    ("Windows Server 2016", "Windows", ("10.0.14393",)),
    ("Windows Server 2019", "Windows", ("10.0.17763",)),
    ("Windows Server 2022", "Windows", ("10.0.20348",)),
    ("Red Hat Enterprise Linux", "Linux", ("6", "7", "8", "9")),
    ("CentOS", "Linux", ("6", "7", "8")),
    ("Ubuntu", "Linux", ("14.04", "16.04", "18.04", "20.04", "22.04")),
    ("Debian", "Linux", ("7", "8", "9", "10", "11")),
    ("SUSE Linux Enterprise Server", "Linux", ("11", "12", "15")),
    ("Oracle Linux", "Linux", ("6", "7", "8")),
)


def _systems(call: Call) -> Reply:
    vault = vault_of(call)
    wanted = call.query.get("instancetype")
    kinds = [
        kind
        for kind in ("InMageRcm", "InMageAzureV2", "A2A", "HyperVReplicaAzure")
        if not wanted or kind.lower() == wanted.lower()
    ]
    supported = [{"instanceType": kind, "supportedOs": [_system(*row) for row in _SYSTEMS]} for kind in kinds]
    own = f"{vault.id}/replicationSupportedOperatingSystems/Default"
    body = {"id": own, "name": "Default", "type": ids.SYSTEMS_TYPE, "properties": {"supportedOsList": supported}}
    return Reply(200, body)


def _system(name: str, kind: str, versions: tuple[str, ...]) -> Json:
    rows = [{"version": version.partition(" ")[0], "servicePack": version.partition(" ")[2]} for version in versions]
    return {"osName": name, "osType": kind, "osVersions": rows}


def _appliances(call: Call) -> Reply:
    vault = vault_of(call)
    wanted = parse_filter(call.query.get("$filter", "")).get("fabricarmid", "").lower()
    single = {
        "processServer": "processServers",
        "rcmProxy": "rcmProxies",
        "pushInstaller": "pushInstallers",
        "replicationAgent": "replicationAgents",
        "reprotectAgent": "reprotectAgents",
        "marsAgent": "marsAgents",
        "dra": "dras",
    }
    rows: list[Json] = []
    for fabric in vault.fabrics.values():
        own = fabric_id(vault, fabric)
        # unknown: whether a configuration server is listed here too; assumed not, it is older than this list
        if fabric.kind != "InMageRcm" or (wanted and own.lower() != wanted):
            continue
        found = [
            {
                "id": each.id,
                "name": each.name,
                "fabricArmId": own,
                **{key: component_json(vault, each, kind) for key, kind in single.items()},
                "switchProviderBlockingErrorDetails": [],
            }
            for each in fabric.appliances
        ]
        properties = {"providerSpecificDetails": {"instanceType": fabric.kind, "appliances": found}}
        name = f"{vault.id}/replicationAppliances/{fabric.name}"
        rows.append({"id": name, "name": fabric.name, "type": ids.APPLIANCE_TYPE, "properties": properties})
    return listing(call, rows)


def _health(call: Call) -> Reply:
    return Reply(200, _health_json(vault_of(call)))


def _health_json(vault: SrVault) -> Json:
    containers = sum(len(fabric.containers) for fabric in vault.fabrics.values())
    properties = {
        "vaultErrors": [],
        "protectedItemsHealth": _items_summary(vault),
        "fabricsHealth": _summary(len(vault.fabrics)),
        "containersHealth": _summary(containers),
    }
    own = f"{vault.id}/replicationVaultHealth/Default"
    return {"id": own, "name": "Default", "type": ids.HEALTH_TYPE, "properties": properties}


def _items_summary(vault: SrVault) -> Json:
    """Return the items by health (recorded keys; which items the last two pairs count is assumed)."""
    places = list(vault.places())
    seen = [(place.item, health.health_errors(place), place) for place in places]
    replicated = Counter(health.replication_health(place, errors) for _, errors, place in seen)
    failover = Counter(health.failover_health(place, errors) for _, errors, place in seen)
    untested = sum(item.state == "protected" and item.tested_at is None for item, _, _ in seen)
    counts = {
        "testFailoverApplicableProtectedItemsCount": sum(item.state == "protected" for item, _, _ in seen),
        "testFailoverInProgressProtectedItemsCount": sum(item.test == "initiated" for item, _, _ in seen),
        "testFailoverWaitingProtectedItemsCount": sum(item.test == "completed" for item, _, _ in seen),
        "protectedItemsCriticalCount": replicated["Critical"],
        "protectedItemsWarningCount": replicated["Warning"],
        "protectedItemsNeutralCount": replicated["None"],
        "protectedItemsTestFailoverCriticalCount": sum(item.test == "failed" for item, _, _ in seen),
        "protectedItemsTestFailoverWarningCount": untested,
        "protectedItemsConfigurationCriticalCount": 0,
        "protectedItemsConfigurationWarningCount": 0,
        "protectedItemsFailoverHealthCriticalCount": failover["Critical"],
        "protectedItemsFailoverHealthWarningCount": failover["Warning"],
    }
    return {**_summary(len(places)), "categorizedResourceCounts": counts}


def _summary(count: int) -> Json:
    return {"resourceCount": count, "issues": [], "categorizedResourceCounts": None}


def _number(vault: SrVault) -> str:
    """Return the number by which the service knows a vault (recorded: 19 digits, and no name)."""
    return str(int(ids.guid(vault.id, "number").replace("-", "")[:15], 16)).zfill(19)


def _refresh(call: Call) -> Reply:
    vault = vault_of(call)
    order = jobs.Order(
        "RefreshVaultHealth", call.activity_id, _number(vault), "", "Vault", result=lambda: _health_json(vault)
    )
    return jobs.reply(call, vault, jobs.start(vault, order), f"{vault.id}/replicationVaultHealth/default")


def _kept(shelf: dict[str, Json], name: str) -> Reply:
    found = shelf.get(name.lower())
    if found is None:
        raise ArmError(404, "ResourceNotFound", f"The resource '{name}' could not be found.")
    return Reply(200, found)


def _alert(call: Call) -> Reply:
    return _kept(vault_of(call).alerts, call.params["alert"])


def _alerts(call: Call) -> Reply:
    return listing(call, list(vault_of(call).alerts.values()))


def _put_alert(call: Call) -> Reply:
    vault, name, sent = vault_of(call), call.params["alert"], call.properties()
    properties = {key: sent.get(key) for key in ("sendToOwners", "customEmailAddresses", "locale")}
    own = {"id": f"{vault.id}/replicationAlertSettings/{name}", "name": name, "type": ids.ALERT_TYPE}
    vault.alerts[name.lower()] = {**own, "properties": properties}
    return Reply(200, vault.alerts[name.lower()])


def _setting(call: Call) -> Reply:
    return _kept(vault_of(call).settings, call.params["setting"])


def _settings(call: Call) -> Reply:
    return listing(call, list(vault_of(call).settings.values()))


def _put_setting(call: Call) -> Reply:
    """Keep a setting (documented: answered by 200 at once, unlike all other writes)."""
    vault, name, sent = vault_of(call), call.params["setting"], call.properties()
    properties = {key: sent.get(key) for key in ("migrationSolutionId", "vmwareToAzureProviderType")}
    own = {"id": f"{vault.id}/replicationVaultSettings/{name}", "name": name, "type": ids.SETTING_TYPE}
    vault.settings[name.lower()] = {**own, "properties": properties}
    return Reply(200, vault.settings[name.lower()])


def _events(call: Call) -> Reply:
    return listing(call, event_rows(vault_of(call)))


def _event(call: Call) -> Reply:
    rows = {row["name"].lower(): row for row in event_rows(vault_of(call))}
    return _kept(rows, call.params["event"])


def event_rows(vault: SrVault) -> list[Json]:
    """Return an event for each health error that items show now (unknown: what the real service keeps)."""
    rows = []
    for place in vault.places():
        for error in health.health_errors(place):
            name = ids.guid(place.id, error["errorCode"])
            properties = {
                "eventCode": error["errorCode"],
                "description": error["summaryMessage"],
                "eventType": "VmHealth",
                "affectedObjectFriendlyName": place.item.machine.name,
                "affectedObjectCorrelationId": ids.guid(place.item.internal_id, "events"),
                "severity": {"Error": "Critical"}.get(error["errorLevel"], error["errorLevel"]),
                "timeOfOccurrence": stamp(vault.world.now),
                "fabricId": fabric_id(vault, place.fabric),
                "providerSpecificDetails": None,
                "eventSpecificDetails": None,
                "healthErrors": [error],
            }
            own = f"{vault.id}/replicationEvents/{name}"
            rows.append({"id": own, "name": name, "type": ids.EVENT_TYPE, "properties": properties})
    return rows


def _none(call: Call) -> Reply:
    """Answer an empty page: the fabrics simulated so far have no such thing."""
    vault = vault_of(call)
    if "fabric" in call.params:
        vault.fabric(call.params["fabric"])
    return listing(call, [])


_EMPTY = (
    f"{ids.VAULT}/replicationProtectionClusters",
    f"{ids.CONTAINER}/replicationProtectionClusters",
    f"{ids.VAULT}/replicationProtectionIntents",
)

ROUTES: tuple[Route, ...] = (
    *(route("GET", path, _none) for path in _EMPTY),
    route("GET", f"{ids.VAULT}/replicationSupportedOperatingSystems", _systems),
    route("GET", f"{ids.VAULT}/replicationAppliances", _appliances),
    route("GET", _HEALTH, _health),
    route("POST", f"{_HEALTH}/default/refresh", _refresh),
    results_route(f"{_HEALTH}/{{health}}"),
    route("GET", _ALERTS, _alerts),
    route("GET", f"{_ALERTS}/{{alert}}", _alert),
    route("PUT", f"{_ALERTS}/{{alert}}", _put_alert),
    route("GET", _SETTINGS, _settings),
    route("GET", f"{_SETTINGS}/{{setting}}", _setting),
    route("PUT", f"{_SETTINGS}/{{setting}}", _put_setting),
    route("GET", _EVENTS, _events),
    route("GET", f"{_EVENTS}/{{event}}", _event),
)
