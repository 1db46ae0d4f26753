"""How the API answers: JSON in camelCase, problems as RFC 9457 documents, and who it was that asked."""

import functools
import inspect
import json
import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import azure.functions as func
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from shared import clock
from shared.plan.pointers import pointer
from shared.problems import Fault, InvalidPlan, Later, Problem, TooLarge, UnreadablePlan, to_document
from shared.settings import settings
from shared.steering.steered import Said

MOST_BYTES = 16 * 1024 * 1024
PRINCIPAL = "X-MS-CLIENT-PRINCIPAL-NAME"  # set by App Service authentication, which takes it off requests from outside
Route = Callable[..., Any]
Body = TypeVar("Body", bound="Command")


class Command(BaseModel):
    """Base of what is sent to a route: a field that is not known is an error, not a typo that nobody notices."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)

    by: str = ""
    comment: str = ""


class InvalidCommand(InvalidPlan):
    """The body of a command breaks rules; each breach is listed."""

    id = "invalid-command"
    title = "The command is not valid"


class Broken(Problem):
    """A defect: it is logged, and nothing of it is told."""

    id = "defect"
    title = "Something went wrong inside"


def answers_problems(route: Route) -> Route:
    """Turn every problem of a route into its document; a defect is logged and tells nothing of itself.

    Routes that need the durable client are async and hand what blocks to a thread; the others are plain functions.
    """

    @functools.wraps(route)
    async def answer(req: func.HttpRequest, **bindings: Any) -> func.HttpResponse:
        try:
            return cast(func.HttpResponse, await route(req, **bindings))
        except Exception as problem:  # noqa: BLE001 - `_refuse` tells problems from defects
            return _refuse(problem, req)

    @functools.wraps(route)
    def answer_plainly(req: func.HttpRequest, **bindings: Any) -> func.HttpResponse:
        try:
            return cast(func.HttpResponse, route(req, **bindings))
        except Exception as problem:  # noqa: BLE001 - `_refuse` tells problems from defects
            return _refuse(problem, req)

    return answer if inspect.iscoroutinefunction(route) else answer_plainly


def _refuse(problem: Exception, req: func.HttpRequest) -> func.HttpResponse:
    """Answer a problem; log a defect."""
    if isinstance(problem, Problem):
        return refuse(problem, req)
    logging.getLogger("azferry").error("%s %s failed", req.method, _path(req), exc_info=problem)
    return refuse(Broken("the request failed; the log of the function app says why"), req)


def refuse(problem: Problem, req: func.HttpRequest) -> func.HttpResponse:
    """Answer a problem document."""
    body = json.dumps(to_document(problem, _path(req)))
    headers = {"Retry-After": str(int(problem.after.total_seconds()))} if isinstance(problem, Later) else {}
    return func.HttpResponse(body, status_code=problem.status, headers=headers, mimetype="application/problem+json")


def _path(req: func.HttpRequest) -> str:
    """Give the path that was asked, without its query: a key may stand there."""
    return urlsplit(str(req.url)).path


def reply(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> func.HttpResponse:
    """Answer JSON."""
    return func.HttpResponse(json.dumps(content), status_code=status, headers=headers, mimetype="application/json")


def page_of(req: func.HttpRequest, values: list[Any], token: str) -> func.HttpResponse:
    """Answer a page: its values, and the link to the next one where there is one."""
    kept = {name: value for name, value in req.params.items() if name not in ("token", "code")}
    query = "&".join(f"{name}={value}" for name, value in {**kept, "token": token}.items())
    return reply({"value": values, "nextLink": f"{_path(req)}?{query}" if token else None})


def size_of(req: func.HttpRequest, most: int = 1000) -> int:
    """Give the wanted size of a page. Raises `InvalidCommand`."""
    asked = req.params.get("top", "100")
    if not asked.isascii() or not asked.isdigit() or not 1 <= int(asked) <= most:
        raise InvalidCommand(
            [Fault(pointer="/top", message=f"must be a whole number from 1 to {most}")], "top is wrong"
        )
    return int(asked)


def body_of(req: func.HttpRequest, kind: type[Body]) -> Body:
    """Read a command's body; none at all is an empty one. Raises `UnreadablePlan`, `TooLarge`, `InvalidCommand`."""
    raw = req.get_body()
    if len(raw) > MOST_BYTES:
        raise TooLarge(f"the body has {len(raw)} bytes, at most {MOST_BYTES} are taken")
    try:
        return kind.model_validate(json.loads(raw) if raw.strip() else {})
    except ValidationError as wrong:
        faults = [Fault(pointer=pointer(one["loc"]), message=one["msg"]) for one in wrong.errors()]
        raise InvalidCommand(faults, f"{len(faults)} errors in the command; nothing was done") from None
    except (ValueError, RecursionError):
        raise UnreadablePlan("the body is not JSON", advice="Send a JSON object.") from None


def said_by(req: func.HttpRequest, command: Command | None = None) -> Said:
    """Say who speaks: the signed-in principal; only the local stack believes what the body says."""
    by = req.headers.get(PRINCIPAL, "")
    if settings().local and command is not None and command.by:
        by = command.by
    return Said(by=by, at=clock.now(), comment=command.comment if command is not None else "")
