"""What Azure's error codes mean, in one table: what is not there, what passes by itself, and what a person can do."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

# A code that ends so says that this resource, or what it lies in, is not there; but not where it speaks of what the caller
# may see at all.
_NOT_FOUND: Final = "notfound"
_OUT_OF_SIGHT: Final = frozenset({"subscriptionnotfound", "tenantnotfound"})
# reported: how Site Recovery answers (400) for a child of a vault that nothing was ever registered with
_NOTHING_YET: Final = "subscriptionidnotregisteredwithsrs"
GROUP_NOT_FOUND: Final = "resourcegroupnotfound"

SHORTLY: Final = timedelta(seconds=30)
# "Not now", whatever the status. A 409 with another code is final: quota, name taken, provider not registered.
PASSING: Final[Mapping[str, timedelta]] = {
    "anotheroperationinprogress": SHORTLY,
    "canceledandsupersededduetoanotheroperation": SHORTLY,
    "conflictingconcurrentwritenotallowed": SHORTLY,
    "conflictingoperation": SHORTLY,
    "nicreservedforanothervm": timedelta(minutes=3),  # its VM failed to be made; the message says 180 seconds
    "operationinprogress": SHORTLY,
    "operationpreempted": SHORTLY,
    "referencedresourcenotprovisioned": SHORTLY,
    "requestconflict": SHORTLY,
    "resourcegroupbeingdeleted": SHORTLY,
    "resourceisbeingdeleted": SHORTLY,
    "retryableerror": SHORTLY,
    "retryableerrorduetoanotheroperation": SHORTLY,
}

LOCKED: Final = (
    "Take the lock off (`az lock list`; it may stand on the resource, its group or the subscription), then retry."
)
POLICY: Final = (
    "An Azure Policy forbids it, which no role helps against: have the assignment that is named changed, or an exemption made "
    "for this scope, then retry."
)
ADVICE: Final[Mapping[str, str]] = {
    "authorizationfailed": "Give the app's identity the role that holds this action on this scope, then retry.",
    "denyassignmentauthorizationfailed": "A deny assignment forbids it, which no role helps against (`az rest` on "
    "…/denyAssignments shows it; managed applications, deployment stacks and Blueprints make them): have the app's identity "
    "excluded there, then retry.",
    "linkedauthorizationfailed": "Give the app's identity the role on the other resource that the message names, too, then retry.",
    "missingsubscriptionregistration": "Register the resource provider that the message names (`az provider register "
    "--namespace …`), then retry.",
    "readonlydisabledsubscription": "The subscription is disabled and can only be read: have it enabled, then retry.",
    "requestdisallowedbypolicy": POLICY,
    "scopelocked": LOCKED,
    "subscriptionnotfound": "Check the subscription's id and that the app's identity has a role in it: to whom has none, a "
    "subscription does not exist. Nothing is known of what is in it.",
}
ADVICE_BY_STATUS: Final[Mapping[int, str]] = {
    401: "Check that the app's identity exists and can sign in.",
    403: ADVICE["authorizationfailed"],
}


def codes_in(body: Mapping[str, Any]) -> Iterator[str]:
    """Give every code of an error object in lower case, the outer ones first."""
    if code := str(body.get("code") or ""):
        yield code.lower()
    details = body.get("details")
    for each in details if isinstance(details, list) else ():
        yield from codes_in(each) if isinstance(each, dict) else ()


def says_gone(code: str) -> bool:
    """Tell whether a code says that the resource that was asked for is not there."""
    known = code.lower()
    return known == _NOTHING_YET or (known.endswith(_NOT_FOUND) and known not in _OUT_OF_SIGHT)


def is_gone(body: Mapping[str, Any]) -> bool:
    """Tell whether an error object says that the resource that was asked for is not there; no code says nothing."""
    codes = list(codes_in(body))
    return any(map(says_gone, codes)) and not _OUT_OF_SIGHT.intersection(codes)


def passes_after(body: Mapping[str, Any]) -> timedelta | None:
    """Give how long what an error object tells takes to pass; None where it does not pass by itself."""
    return next((PASSING[code] for code in codes_in(body) if code in PASSING), None)


def advice_for(body: Mapping[str, Any], status: int) -> str:
    """Give what a person can do: by the innermost code that is known, else by the status."""
    known = [ADVICE[code] for code in codes_in(body) if code in ADVICE]
    return known[-1] if known else ADVICE_BY_STATUS.get(status, "")


def policies_in(body: Mapping[str, Any]) -> Iterator[str]:
    """Name the policies that a refusal bears, with their assignments (documented: `additionalInfo`)."""
    noted = body.get("additionalInfo")
    for each in noted if isinstance(noted, list) else ():
        info = each.get("info") if isinstance(each, dict) else None
        if isinstance(info, dict) and str(each.get("type")) == "PolicyViolation":
            policy = info.get("policyDefinitionDisplayName") or info.get("policyDefinitionName") or "?"
            by = info.get("policyAssignmentDisplayName") or info.get("policyAssignmentName") or "?"
            yield f"{policy} (assigned as {by})"
