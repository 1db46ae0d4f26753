"""The health errors of an item, worked out from its state and its recovery points."""

from datetime import datetime, timedelta

from ..operations import stamp
from . import replication, standstill
from .state import Json, Place

_HOUR = timedelta(minutes=60)
_LONG = timedelta(minutes=510)
_POINT_CODES = {"A2A": ("153007", "153006")}  # documented: the codes of points that are overdue differ by provider
_NEVER_TESTED = {"InMageRcm": "15"}  # recorded: the type of this warning; 8010 with the other providers


def health_errors(place: Place) -> list[Json]:
    """Return the errors that an item shows now."""
    item = place.item
    if item.state == "enabling-failed" and item.enable_error is not None:
        return [_enable_failed(place)]
    found = []
    if still := standstill.shown(place):
        error = _error(still.code, "Error", "Replication", still.message)
        found.append({**error, "recommendedAction": still.advice})
    if item.state != "protected":
        return found
    now, points = place.vault.world.now, replication.catch_up(place)
    crash_code, app_code = _POINT_CODES.get(item.provider, ("325091", "325092"))
    for code, kind, span, words in (
        (crash_code, "CrashConsistent", _HOUR, "crash consistent recovery point available for the VM in the last 60"),
        (
            app_code,
            "ApplicationConsistent",
            _LONG,
            "app consistent recovery point available for the VM in the last 510",
        ),
    ):
        newest = next((point.at for point in reversed(points) if point.kind == kind), item.protected_at)
        wanted = kind == "CrashConsistent" or _wants_app(place)
        if wanted and newest is not None and now - newest > span:
            found.append(_error(code, "Error", "Replication", f"No {words} minutes."))
    if item.tested_at is None and now >= _validated_at(place):
        found.append(_never_tested(place))
    return found


def replication_health(place: Place, errors: list[Json]) -> str:
    """Return Normal, Warning or Critical (None while nothing replicates yet)."""
    if place.item.state == "enabling":
        return "None"
    return _worst([error for error in errors if error["errorCategory"] == "Replication"])


def failover_health(place: Place, errors: list[Json]) -> str:
    """Return the health of a failover: a test that was never done is a warning."""
    item = place.item
    if item.state in ("enabling", "enabling-failed"):
        return "None"  # recorded: Normal from the first copy on
    return _worst([error for error in errors if error["errorCategory"] != "Replication"])


def _worst(errors: list[Json]) -> str:
    if any(error["errorLevel"] == "Error" for error in errors):
        return "Critical"
    return "Warning" if errors else "Normal"


def _wants_app(place: Place) -> bool:
    settings = place.vault.policy(place.item.policy).settings
    return int(settings.get("appConsistentFrequencyInMinutes", 0)) > 0


def _enable_failed(place: Place) -> Json:
    cause = (place.item.enable_error or {}).get("serviceErrorDetails")
    if place.item.provider == "A2A" and cause:  # 310056 is the appliance's; unknown: which code here; assumed the job's
        error = _error(cause["code"], "Error", "Replication", cause["message"])
        return {**error, "possibleCauses": cause["possibleCauses"], "recommendedAction": cause["recommendedAction"]}
    message = f"Protection could not be configured for the machine '{place.item.machine.name}'."
    error = _error("310056", "Error", "Replication", message)
    return {**error, "summaryMessage": "Enable replication failed"}


def _validated_at(place: Place) -> datetime:
    """Return when the service first looked at whether a failover would work (recorded: after the machine is Protected)."""
    wait = timedelta(seconds=place.vault.world.durations.of("failover.validation"))
    return (place.item.protected_at or place.item.created) + wait


def _never_tested(place: Place) -> Json:
    """Return the recorded warning, word for word."""
    name, kind = place.item.machine.name, _NEVER_TESTED.get(place.item.provider, "8010")
    message = f"No successful test failover has been done on the virtual machine '{name}'."
    return {
        **_error("161011", "Warning", "TestFailover", message),
        "errorSource": "ReplicationUnitFailoverValidatorError",
        "errorType": kind,
        "summaryMessage": "",
        "possibleCauses": "No successful test failover has been done on the virtual machine after it was replicated.",
        "recommendedAction": "Do a test failover on the virtual machine.",
        "creationTimeUtc": stamp(_validated_at(place)),
        "recoveryProviderErrorMessage": None,
        "entityId": place.item.internal_id,
        "errorId": f"6:{kind}",
    }


def _error(code: str, level: str, category: str, message: str) -> Json:
    return {
        "innerHealthErrors": [],
        "errorSource": "ProtectedEntitySystemError",
        "errorType": "6",
        "errorLevel": level,
        "errorCategory": category,
        "errorCode": code,
        "summaryMessage": message,
        "errorMessage": message,
        "possibleCauses": "",
        "recommendedAction": "",
        "creationTimeUtc": "0001-01-01T00:00:00",
        "recoveryProviderErrorMessage": "",
        "entityId": None,
        "errorId": "0:6",
        "customerResolvability": "NotAllowed",
    }
