"""Whether the identity may do what it has to at each place, and whether it may do much more."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from shared.azure.permissions import granted_at, may
from shared.azure.rights import TABLE, Where, wanted
from shared.doctor import kinds
from shared.doctor.finding import HealthFinding
from shared.doctor.storage import identity_name
from shared.models import Model
from shared.plan.model import Plan
from shared.problems import Busy, CloudRefused
from shared.roads.plan_rights import RightsScope, asked_of_all
from shared.settings import platform, settings
from shared.site_recovery.vault import get_vault, vault_of_plan

# What no role of ours has: whoever may do this may do all, or give it to others.
TOO_MUCH: Final = (
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleDefinitions/write",
    "Microsoft.KeyVault/vaults/write",
)
VARIABLES: Final[dict[str, str]] = {
    "vault": "AZFERRY_VAULT_GROUPS",
    "discovery": "AZFERRY_DISCOVERY_GROUPS",
    "target": "AZFERRY_TARGET_GROUPS",
    "source": "AZFERRY_TARGET_GROUPS",
    "named": "AZFERRY_TARGET_GROUPS",
    "network": "AZFERRY_NETWORK_GROUPS",
    "cache": "AZFERRY_CACHE_GROUPS",
}


class PlaceNeeds(Model):
    """What is needed at one scope, for one purpose; `made`: the app may make that group, with the rights from above."""

    where: Where
    subscription: str
    group: str = ""
    actions: tuple[str, ...] = ()
    made: bool = False

    @property
    def scope(self) -> str:
        """Give the ARM id of the scope."""
        return f"/subscriptions/{self.subscription}" + (f"/resourceGroups/{self.group}" if self.group else "")


def of_plan(plan: Plan) -> tuple[PlaceNeeds, ...]:
    """Give what a plan's road asks for. Raises what reading its vault raises."""
    needed = list(asked_of_all(plan, vault_exists=get_vault(vault_of_plan(plan)) is not None))
    subscriptions = {each.scope.subscription for each in needed}
    return (
        *(_needs(each.where, each.scope, each.actions).replace(made=each.made) for each in needed),
        *(_everything("subscription", RightsScope(each, "")) for each in sorted(subscriptions)),
    )


def of_settings() -> tuple[PlaceNeeds, ...]:
    """Give what the app's roles grant at the places of its settings."""
    found = [
        _everything(where, scope) for listed, uses in _PLACES.items() for scope in _scopes(listed) for where in uses
    ]
    subscriptions = {each.subscription for each in found} | {platform().subscription} - {""}
    found += [_everything("subscription", RightsScope(each, "")) for each in sorted(subscriptions)]
    if settings().may_create_groups and platform().subscription:
        found.append(_everything("maker", RightsScope(platform().subscription, "")))
    return tuple(found)


# The role at a list of the settings, and all that it is for.
_PLACES: Final[dict[Where, tuple[Where, ...]]] = {
    "vault": ("vault",),
    "discovery": ("discovery",),
    "target": ("target", "source", "named"),
    "network": ("network",),
    "cache": ("cache",),
}


def _needs(where: Where, scope: RightsScope, actions: Sequence[str]) -> PlaceNeeds:
    return PlaceNeeds(where=where, subscription=scope.subscription, group=scope.group, actions=tuple(actions))


def _everything(where: Where, scope: RightsScope) -> PlaceNeeds:
    """Give all that is ever asked for at a place, but what a person's own wish needs."""
    when = {word for right in TABLE if right.where == where for word in right.when} - {"person"}
    return _needs(where, scope, wanted(where, when))


def _scopes(where: Where) -> Iterator[RightsScope]:
    listed: str = getattr(settings(), f"{where}_groups")
    if where == "discovery" and not listed:
        listed = settings().vault_groups
    for each in listed.split(","):
        parts = each.strip().split("/")
        if [each.lower() for each in parts[1::2]] == ["subscriptions", "resourcegroups"]:
            yield RightsScope(parts[2], parts[4])


def look(needed: Iterable[PlaceNeeds]) -> Iterator[HealthFinding]:
    """Compare each scope's needs with what Azure says that the identity may do there; each scope is asked once."""
    merged: dict[str, list[PlaceNeeds]] = {}
    for each in needed:
        merged.setdefault(each.scope.lower(), []).append(each)
    if not any(each.group for needs in merged.values() for each in needs):
        yield kinds.RIGHTS_UNNAMED.seen("no resource group is named in the app's settings")
    for needs in merged.values():
        yield from _at(needs)


def _at(needs: list[PlaceNeeds]) -> Iterator[HealthFinding]:
    first = needs[0]
    try:
        blocks = granted_at(first.subscription, first.scope)
        if blocks is None and any(each.made for each in needs):
            blocks = granted_at(first.subscription, f"/subscriptions/{first.subscription}")
    except (Busy, CloudRefused) as refusal:
        yield kinds.RIGHTS_UNKNOWN.seen(f"{first.scope}: {refusal}", who=identity_name(), scope=first.scope)
        return
    if blocks is None:
        yield kinds.GROUP_MISSING.seen(first.scope, group=first.group, subscription=first.subscription)
        return
    yield from _compare(needs, blocks)


def _compare(needs: list[PlaceNeeds], blocks: list[Any]) -> Iterator[HealthFinding]:
    scope, well = needs[0].scope, True
    for each in needs:
        missing = [action for action in each.actions if not may(action, blocks)]
        if missing:
            well = False
            seen = f"{scope} ({each.where}): {', '.join(missing)}"
            yield kinds.RIGHTS_MISSING.seen(seen, **_setting(each))
    if well:
        actions = {action for each in needs for action in each.actions}
        places = ", ".join(dict.fromkeys(each.where for each in needs))
        yield kinds.RIGHTS.seen(f"{scope} ({places}): all {len(actions)} actions: {', '.join(sorted(actions))}")
    if surplus := [action for action in TOO_MUCH if may(action, blocks)]:
        yield kinds.RIGHTS_TOO_MANY.seen(f"{scope}: {', '.join(surplus)}", who=identity_name(), scope=scope)


def _setting(need: PlaceNeeds) -> dict[str, str]:
    """Give the variable of the template that grants it, and its value with this scope in it."""
    if need.where == "maker" or (need.made and not need.group):
        return {"variable": "AZFERRY_MAY_CREATE_GROUPS", "groups": "true"}
    if need.where == "subscription":
        return {"variable": "AZFERRY_TARGET_GROUPS", "groups": settings().target_groups}
    variable = VARIABLES[need.where]
    listed = str(getattr(settings(), variable.removeprefix("AZFERRY_").lower()))
    given = [each.strip() for each in listed.split(",") if each.strip()]
    lists = given if need.scope.lower() in {each.lower() for each in given} else [*given, need.scope]
    return {"variable": variable, "groups": ",".join(lists)}
