"""Letting in: only people in a role that the table of operations asks for, and nobody unnamed where people sign in."""

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

import azure.functions as func

from shared.decisions.people import Role, may
from shared.problems import NotPermitted
from triggers.answering import Serve, answers_problems
from triggers.cross_site import refuse_cross_site
from triggers.operations import ROLES_OF
from triggers.principal import person_of


def admits(operation: str) -> Callable[[Serve], Serve]:
    """Let in who may do this operation, and turn problems into problem documents."""
    roles = ROLES_OF[operation]  # a name that is not in the table fails at the start

    def decorate(serve: Serve) -> Serve:
        if iscoroutinefunction(serve):

            @wraps(serve)
            async def answer_async(req: func.HttpRequest, **more: Any) -> Any:
                _admit(req, operation, roles)
                return await serve(req, **more)

            return answers_problems(answer_async)

        @wraps(serve)
        def answer(req: func.HttpRequest, **more: Any) -> Any:
            _admit(req, operation, roles)
            return serve(req, **more)

        return answers_problems(answer)

    return decorate


def _admit(req: func.HttpRequest, operation: str, roles: tuple[Role, ...]) -> None:
    """Raise `NotSignedIn` or `NotPermitted` for who may not."""
    refuse_cross_site(req)
    person = person_of(req)
    if may(person.roles, *roles):
        return
    whom = ", ".join((*roles, Role.OWNER))
    raise NotPermitted(
        f"{person.name or 'you'} may not use {operation}: that takes one of the roles {whom}",
        advice="Ask who administers the Entra app for the role, or ask somebody who has it.",
        extra={"may": whom},
    )
