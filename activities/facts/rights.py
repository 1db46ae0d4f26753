"""What of a plan's rights the app has not got: asked before anything is changed."""

from shared.azure import permissions
from shared.azure.rights import wanted
from shared.plan.model import Plan
from shared.roads.plan_rights import RightsScope, asked_of_all


def lacking(plan: Plan, *, vault_exists: bool) -> tuple[str, ...]:
    """Give one line for each scope at which actions are missing. Raises `CloudRefused` when Azure does not tell.

    A group that is missing is asked for at its subscription, from where its rights would come, if the plan has it made;
    else it is a concern of its own.
    """
    rights = tuple(asked_of_all(plan, vault_exists=vault_exists))
    found: dict[RightsScope, dict[str, None]] = {}
    for each in rights:
        found.setdefault(each.scope, {}).update(dict.fromkeys(each.actions))
    made = {each.scope for each in rights if each.made}
    lines = (_line(scope, tuple(actions), may_be_made=scope in made) for scope, actions in sorted(found.items()))
    return tuple(line for line in lines if line)


def _line(scope: RightsScope, actions: tuple[str, ...], *, may_be_made: bool) -> str:
    missing = permissions.missing_actions(scope.subscription, scope.group, actions)
    where = scope
    if missing is None:
        if not may_be_made:
            return ""
        where = RightsScope(scope.subscription, "")
        needed = (*wanted("maker", {"creates"}), *actions)
        missing = permissions.missing_actions(where.subscription, "", needed)
    behind = f" (to make {scope.group} and work in it)" if where != scope else ""
    return f"{where.name}{behind}: {', '.join(missing)}" if missing else ""
