import typing
from collections.abc import Callable
from typing import Any

import azure.functions as func
import pytest

from local.host.function import Binding
from local.host.problems import HostError
from local.host.signature import check

HTTP = Binding("httpTrigger", "req", is_out=False, is_binary=False, data={})
ANSWER = Binding("http", "$return", is_out=True, is_binary=False, data={})
OUT = Binding("queue", "message", is_out=True, is_binary=False, data={})


def plain(req: func.HttpRequest) -> str: ...
def untyped(req): ...
def with_context(req: func.HttpRequest, context: func.Context) -> func.HttpResponse: ...
def with_out(req: func.HttpRequest, message: func.Out[str]) -> str: ...
def with_listed_out(req: func.HttpRequest, message: func.Out[typing.List[str]]) -> str: ...  # noqa: UP006 - the worker's form
def wrong_context(req: func.HttpRequest, context: str) -> str: ...
def missing() -> str: ...
def extra(req: func.HttpRequest, more: str) -> str: ...
def not_out(req: func.HttpRequest, message: str) -> str: ...
def wrong_type(req: int) -> str: ...
def union(req: func.HttpRequest | None) -> str: ...
def wrong_answer(req: func.HttpRequest) -> int: ...
def unknown_name(req: "Nothing") -> str: ...  # type: ignore[name-defined]  # noqa: F821 - that it is refused is the point


@pytest.mark.parametrize("call", [plain, untyped])
def test_a_fitting_signature_loads(call: Callable[..., Any]) -> None:
    assert check("f", call, (HTTP, ANSWER)) is False


def test_the_context_is_found() -> None:
    assert check("f", with_context, (HTTP, ANSWER)) is True


@pytest.mark.parametrize("call", [with_out, with_listed_out])
def test_out_parameters_load(call: Callable[..., Any]) -> None:
    check("f", call, (HTTP, ANSWER, OUT))


@pytest.mark.parametrize(
    ("call", "bindings"),
    [
        (wrong_context, (HTTP, ANSWER)),
        (missing, (HTTP, ANSWER)),
        (extra, (HTTP, ANSWER)),
        (not_out, (HTTP, ANSWER, OUT)),
        (with_out, (HTTP, ANSWER)),
        (wrong_type, (HTTP, ANSWER)),
        (union, (HTTP, ANSWER)),
        (wrong_answer, (HTTP, ANSWER)),
        (unknown_name, (HTTP, ANSWER)),
    ],
)
def test_a_signature_that_the_worker_refuses_is_refused(
    call: Callable[..., Any], bindings: tuple[Binding, ...]
) -> None:
    with pytest.raises(HostError, match="cannot load the f function"):
        check("f", call, bindings)
