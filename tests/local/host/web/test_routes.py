import logging

import pytest

from local.host.function import Binding, Function
from local.host.problems import HostError
from local.host.web.routes import build_routes, find


def http(name: str, route: str | None = None, *methods: str) -> Function:
    data = {"route": route, "methods": methods, "authLevel": "anonymous"}
    trigger = Binding("httpTrigger", "req", is_out=False, is_binary=False, data=data)
    return Function(name, lambda req: None, "", trigger, (), (), is_async=False, wants_context=False)


def names(routes) -> list[str]:
    return [route.function.name for route in routes]


def test_routes_are_tried_in_the_order_of_names_in_capital_letters() -> None:
    routes = build_routes([http("a_b", "r/{x}"), http("ab", "r/{y}"), http("B", "s"), http("a", "t")], "")

    assert names(routes) == ["a", "ab", "a_b", "B"]
    assert find(routes, "GET", "/r/1").values == {"y": "1"}


def test_a_catch_all_that_comes_first_in_name_takes_everything() -> None:
    routes = build_routes([http("all", "{*path}"), http("own", "orders")], "api")

    assert find(routes, "GET", "/api/orders").route.function.name == "all"


def test_a_method_is_compared_without_letter_case() -> None:
    (route,) = build_routes([http("a", "a", "get")], "")

    assert route.takes("get")
    assert not route.takes("post")


def test_the_second_function_of_one_route_and_method_is_left_out_and_told(caplog) -> None:
    with caplog.at_level(logging.ERROR, logger="host"):
        routes = build_routes([http("b", "/Same"), http("a", "same", "GET"), http("c", "same/{id}")], "")

    assert names(routes) == ["a", "c"]
    assert "The route specified conflicts with the route defined by function 'a'." in caplog.text


def test_one_route_with_two_methods_is_no_conflict() -> None:
    assert names(build_routes([http("a", "same", "GET"), http("b", "same", "POST")], "")) == ["a", "b"]


@pytest.mark.parametrize(("route", "prefix"), [("/x", "api"), ("x", "api/"), ("x//y", ""), ("{a}{b}", ""), ("x?y", "")])
def test_a_route_with_which_azure_serves_nothing_stops_the_host(route: str, prefix: str) -> None:
    with pytest.raises(HostError, match="while creating the route with name 'page'"):
        build_routes([http("page", route)], prefix)


def test_a_first_slash_is_nothing_where_there_is_no_prefix() -> None:
    assert find(build_routes([http("page", "/")], ""), "GET", "/").values == {}


@pytest.mark.parametrize("route", ["admin/x", "/Runtime"])
def test_the_hosts_own_routes_are_refused(route: str) -> None:
    with pytest.raises(HostError, match="built in routes"):
        build_routes([http("page", route)], "")
