import json

import azure.functions as func
import pytest
from starlette.requests import Request

from local.host.web.exchange import to_function, to_response


def request(query: str = "", headers: list[tuple[str, str]] | None = None) -> Request:
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/x",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers or []],
        "server": ("127.0.0.1", 80),
        "scheme": "http",
    }
    return Request(scope)


def test_several_values_are_joined_by_commas() -> None:
    given = to_function(request("a=1&a=2&b=", [("x-a", "1"), ("x-a", "2")]), {"id": "7"}, b"body")

    assert dict(given.params) == {"a": "1,2"}
    assert given.headers["X-A"] == "1,2"
    assert given.route_params == {"id": "7"}
    assert given.get_body() == b"body"


def test_a_body_that_is_no_json_raises_as_in_azure() -> None:
    with pytest.raises(ValueError, match="valid JSON"):
        to_function(request(), {}, b"no json").get_json()


def test_text_is_a_plain_answer() -> None:
    answer = to_response("hello")

    assert (answer.status_code, answer.body) == (200, b"hello")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_the_last_value_of_a_header_stays_and_every_cookie() -> None:
    given = func.HttpResponse(b"\x00\xff", status_code=418, mimetype="application/x-tea")
    for name, value in (("X-A", "1"), ("X-A", "2"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")):
        given.headers.add(name, value)

    answer = to_response(given)

    assert (answer.status_code, answer.body, answer.headers["x-a"]) == (418, b"\x00\xff", "2")
    assert answer.headers.getlist("set-cookie") == ["a=1", "b=2"]


def test_an_answer_without_a_body_has_none() -> None:
    assert to_response(func.HttpResponse("dropped", status_code=204)).body == b""


@pytest.mark.parametrize("returned", [None, 7, {"a": 1}, b"bytes"])
def test_anything_else_is_no_answer(returned: object) -> None:
    with pytest.raises(TypeError, match="unable to encode"):
        to_response(returned)


def test_json_answers_are_json() -> None:
    answer = to_response(func.HttpResponse(json.dumps({"a": 1}), mimetype="application/json"))

    assert answer.headers["content-type"] == "application/json"
