"""`GET /api/openapi.json`: the OpenAPI 3.1 document, made from the table of operations and the models themselves."""

from functools import lru_cache
from http import HTTPStatus
from re import findall
from typing import Any, Final

import azure.functions as func
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.decisions.people import Role
from shared.durable.seam import Blueprint
from shared.ids import NAME
from shared.plan.profile_settings import settings_schema
from shared.plan.schema import plan_schema
from shared.reporting.problem_document import ProblemDocument
from shared.states import Outcome
from shared.version import VERSION
from triggers.admission import admits
from triggers.answering import PROBLEM, answer_json
from triggers.operations import OPERATIONS, PLAN, PROFILE, Operation

bp = Blueprint()

REF: Final = "#/components/schemas/"
LARGEST_PAGE: Final = 1_000
KEYS: Final = {
    "header": {"type": "apiKey", "in": "header", "name": "x-functions-key"},
    "query": {"type": "apiKey", "in": "query", "name": "code"},
    "signIn": {
        "type": "http",
        "scheme": "bearer",
        "description": "a token of Entra, or a browser's cookie; no key then",
    },
}
OUTCOMES: Final = "^({0})(,({0}))*$".format("|".join(each for each in Outcome if each))
OF_QUERY: Final[dict[str, dict[str, Any]]] = {
    "top": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE},
    "format": {"enum": ["html", "json", "csv", "xlsx"], "default": "html"},
    "inventory.format": {"enum": ["json", "csv"], "default": "json"},
    "assessment.format": {"enum": ["json", "html", "csv"], "default": "json"},
    "plan.format": {"enum": ["json", "yaml"], "default": "json"},
    "machine": {"type": "string", "pattern": NAME},
    "ended": {"enum": ["true", "false"]},
    "find": {"type": "string", "maxLength": 200},
    "outcome": {"type": "string", "pattern": OUTCOMES, "example": "Succeeded"},
    "after": {"type": "string", "format": "date-time"},
    "before": {"type": "string", "format": "date-time"},
}
UNKNOWN: Final = {"description": "Where people sign in, nobody is signed in; elsewhere no function key, or a wrong one"}
DATA: Final = ("application/json", "application/yaml")
TEXTS: Final = (PLAN, PROFILE)  # which come as YAML, too
EMPTY: Final[tuple[Any, ...]] = ("", 0, [], {})
EXAMPLES: Final = {
    "backup": "20261121T051700Z",
    "migration": "finance.1",
    "machine": "shop-web1",
    "assessment": "finance-0123456789abcdef",
    "wave": "shop",
    "application": "shop",
    "inventory": "inventory-0123456789abcdef",
    "profile": "prod-weu",
}

IF_MATCH: Final = "ETag of the version that was read; left out: whichever holds"
HEADERS_OF = {
    "start": {"Idempotency-Key": "the same key is the same migration for ever"},
    "change": {"If-Match": "ETag of the version that was read; needed unless it is a dry run"},
    "set-target-profile": {"If-Match": IF_MATCH, "If-None-Match": "*: only where there is none of that name"},
    "drop-target-profile": {"If-Match": IF_MATCH},
}


@bp.route(route="api/openapi.json", methods=["GET"])
@admits("openapi")
def openapi(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the worker gives it by name
    """Give the document."""
    return answer_json(document())


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """Make the OpenAPI document."""
    paths: dict[str, Any] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method] = _operation(each)
    about = "Moves fleets of machines into Azure with Azure Site Recovery: plans in, waves watched, gates decided."
    return {
        "openapi": "3.1.0",
        "info": {"title": "azferry", "version": VERSION, "description": about},
        "servers": [{"url": "/"}],
        "security": [{"header": []}, {"query": []}, {"signIn": []}],
        "paths": paths,
        "components": {"schemas": _schemas(), "securitySchemes": KEYS},
    }


def _operation(operation: Operation) -> dict[str, Any]:
    description: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": _parameters(operation),
    }
    if operation.takes:
        description["requestBody"] = {"required": operation.takes in TEXTS, "content": _body(operation)}
    if operation.anonymous:
        description["security"] = []
    answers = {str(status): _answer(operation, status) for status in operation.answers}
    problems = {str(status): _problem(status) for status in (*operation.problems, 500, *_busy(operation))}
    description["description"] = (
        "" if operation.anonymous else f"For one of: {', '.join((*operation.roles, Role.OWNER))}."
    )
    denied = {} if operation.anonymous else {"401": UNKNOWN, "403": _problem(403)}
    return description | {"responses": answers | denied | problems}


def _busy(operation: Operation) -> tuple[int, ...]:
    return () if 503 in operation.answers else (503,)


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    """Describe what stands in the path, the query and the headers."""
    path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "example": EXAMPLES[name]}
        for name in findall(r"\{(\w+)\}", operation.path)
    ]
    query = [
        {"name": name, "in": "query", "description": text, "schema": _schema_of(operation, name)}
        for name, text in operation.query.items()
    ]
    key = {"type": "string", "maxLength": 256}
    headers = [
        {"name": name, "in": "header", "description": text, "schema": key}
        for name, text in HEADERS_OF.get(operation.name, {}).items()
    ]
    return [*path, *query, *headers]


def _schema_of(operation: Operation, name: str) -> dict[str, Any]:
    """Give the schema of a parameter: the operation's own, or what it is everywhere."""
    own = OF_QUERY.get(f"{operation.name}.{name}") or OF_QUERY.get(name)
    return own or {"type": "string"}


def _body(operation: Operation) -> dict[str, Any]:
    """Describe a body; plans may come as YAML too."""
    media = DATA if operation.takes in TEXTS else ("application/json",)
    schema = {
        "$ref": REF
        + (operation.takes if isinstance(operation.takes, str) else operation.takes.__name__ if operation.takes else "")
    }
    return {kind: {"schema": schema, "example": dict(operation.example)} for kind in media}


def _answer(operation: Operation, status: int) -> dict[str, Any]:
    """Describe an answer that is no problem."""
    schema: dict[str, Any] = {"$ref": REF + operation.gives.__name__} if operation.gives else {"type": "object"}
    content = {kind: {"schema": schema if kind in DATA else {"type": "string"}} for kind in operation.media}
    headers = {name: {"schema": {"type": "string"}} for name in operation.headers}
    return {"description": HTTPStatus(status).phrase, "content": content} | ({"headers": headers} if headers else {})


def _problem(status: int) -> dict[str, Any]:
    content = {PROBLEM: {"schema": {"$ref": REF + ProblemDocument.__name__}}}
    return {"description": HTTPStatus(status).phrase, "content": content}


def _schemas() -> dict[str, Any]:
    """Give the schemas of everything that is taken or given."""
    given = {each.gives for each in OPERATIONS if each.gives} | {ProblemDocument}
    taken = {each.takes for each in OPERATIONS if isinstance(each.takes, type) and issubclass(each.takes, BaseModel)}
    pairs = [(kind, "serialization") for kind in given] + [(kind, "validation") for kind in taken]
    _, made = models_json_schema(sorted(pairs, key=lambda pair: pair[0].__name__), ref_template=REF + "{model}")  # type: ignore[arg-type] # the mode is a Literal, which a sorted list forgets
    schemas: dict[str, Any] = made["$defs"]
    return schemas | _plan() | {PROFILE: settings_schema()}


def _plan() -> dict[str, Any]:
    """Give the schema of plans with its parts as components."""
    schema = {name: value for name, value in plan_schema().items() if not name.startswith("$")}
    parts = {f"{PLAN}.{name}": _moved(part) for name, part in plan_schema()["$defs"].items()}
    return {PLAN: _moved(schema), **parts}


def _moved(part: Any) -> Any:
    """Point references at the components; an empty default says "left out", and need not fit its own pattern."""
    if isinstance(part, list):
        return [_moved(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        name: value.replace("#/$defs/", f"{REF}{PLAN}.") if name == "$ref" and isinstance(value, str) else _moved(value)
        for name, value in part.items()
        if name != "default" or value is False or value not in EMPTY
    }
