import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/api/hello", 200, "hello nobody"),
        ("GET", "/api/hello/bob", 200, "hello bob"),
        ("POST", "/API/HELLO/b%20b", 200, "hello b b"),
        ("GET", "/api/numbers/7", 200, '{"n": 7}'),
        ("GET", "/api/numbers/10", 404, ""),
        ("GET", "/api/numbers/x", 404, ""),
        ("GET", "/api/named_by_function", 200, "by name"),
        ("GET", "/api/none", 404, ""),
        ("GET", "/elsewhere", 404, ""),
        ("GET", "/runtime/other", 404, ""),
        ("GET", "/api/settings", 200, "from local settings"),
        ("GET", "/api/crash", 500, ""),
        ("GET", "/api/nothing", 500, ""),
    ],
)
def test_a_request_is_answered(host, method, path, status, text):
    answer = host.client.request(method, path)

    assert (answer.status_code, answer.text) == (status, text)


def test_a_wrong_method_names_the_right_ones(host):
    answer = host.client.delete("/api/hello/bob")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


def test_a_wrong_method_is_a_404_where_that_is_asked_for(start_sample):
    own = start_sample("--wrong-method-404")

    answers = [own.client.request(method, "/api/hello") for method in ("DELETE", "HEAD", "OPTIONS")]

    assert [(answer.status_code, answer.headers.get("allow")) for answer in answers] == [(404, None)] * 3


def test_a_path_that_cannot_be_is_refused(host):
    assert host.client.get("/api/hello/%00").status_code == 400


def test_head_and_options_need_a_function_that_takes_them(host):
    assert host.client.head("/api/hello").status_code == 405
    assert host.client.head("/api/settings").status_code == 200
    assert host.client.options("/api/numbers/7").status_code == 405


def test_any_bytes_come_back(host):
    body = bytes(range(256)) * 40_000

    answer = host.client.post("/api/mirror", content=body, headers={"content-type": "application/x-raw"})

    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (201, body, "application/x-raw")


def test_a_body_without_content_length_is_not_read_and_the_log_says_so(host):
    answer = host.client.post("/api/mirror", content=(b"part" for _ in range(1000)))

    assert answer.content == b""
    assert "The body of POST /api/mirror has no Content-Length: it is not read" in host.printed()


def test_several_values_follow_azures_rules(host):
    headers = [("x-many", "1"), ("x-many", "2"), ("content-type", "text/plain")]

    answer = host.client.post("/api/mirror?a=1&a=2", content=b"x", headers=headers)

    seen = json.loads(answer.headers["x-seen"])
    assert (seen["params"], seen["many"]) == ({"a": "1,2"}, "1,2")
    assert seen["url"] == f"{host.origin}/api/mirror?a=1&a=2"
    assert answer.headers.get_list("x-several") == ["last"]
    assert len(answer.headers.get_list("set-cookie")) == 2


def test_keys_open_what_they_belong_to(host):
    keys = host.keys

    def status(path, key):
        return host.client.get(path, headers={"x-functions-key": key} if key else {}).status_code

    function = [None, "wrong", keys["app"], keys["functions"]["secret"], keys["functions"]["hello"], keys["master"]]
    assert [status("/api/secret", key) for key in function] == [401, 401, 200, 200, 401, 200]
    assert [status("/api/boss", key) for key in (None, keys["app"], keys["master"])] == [401, 401, 200]
    assert host.client.get("/api/secret", params={"code": keys["app"]}).status_code == 200


def test_the_durable_api_asks_for_its_own_key(host):
    path = "/runtime/webhooks/durabletask/instances/nobody"

    answers = [host.client.get(path, params={"code": key}) for key in ("wrong", host.keys["app"])]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert host.durable("GET", "instances/nobody").status_code == 404


def test_the_sdks_own_port_is_not_the_public_one(host):
    assert host.client.get("/durabletask/instances/").status_code == 404


def test_the_admin_api_asks_for_the_master_key(host):
    assert host.client.get("/admin/host/status").status_code == 401
    answer = host.client.get("/admin/host/status", headers={"x-functions-key": host.keys["master"]})
    assert answer.json()["state"] == "Running"


def test_the_home_page_is_shown_to_any_method_where_no_function_has_the_root(host):
    assert "up and running" in host.client.get("/").text
    assert "up and running" in host.client.post("/").text


def test_cross_origin_requests_are_answered_as_local_settings_say(host):
    headers = {"Origin": "http://page.example", "Access-Control-Request-Method": "GET"}

    answer = host.client.options("/api/hello", headers=headers)

    assert answer.headers["access-control-allow-origin"] == "http://page.example"


def test_the_app_gets_its_own_packages(host):
    package, folder, head = host.client.get("/api/isolation").text.split("\n")

    assert package.endswith("/app/local")
    assert folder == head == package.removesuffix("/local")


def test_log_lines_carry_the_function_and_failures_their_traceback(host):
    host.client.get("/api/hello")
    host.client.get("/api/crash")

    output = host.printed()
    assert "[hello " in output
    assert "saying hello" in output
    assert "LookupError: the sample crashed on purpose" in output
    assert "Traceback" in output


def test_many_requests_at_once_are_all_answered(host):
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: host.client.get(f"/api/hello/n{n}").text, range(100)))

    assert answers == [f"hello n{n}" for n in range(100)]


def test_a_body_over_the_limit_is_refused(launch, app_of):
    app = app_of(
        "import azure.functions as func\n"
        "app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)\n"
        "@app.route(route='size')\n"
        "def size(req: func.HttpRequest) -> str:\n"
        "    return str(len(req.get_body()))\n"
    )
    own = launch(app, settings={"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "1000"})

    assert own.client.post("/api/size", content=b"x" * 1000).text == "1000"
    assert own.client.post("/api/size", content=b"x" * 1001).status_code == 413


def test_a_root_route_needs_an_empty_prefix_and_no_home_page(launch, app_of):
    app = app_of(
        "import azure.functions as func\n"
        "app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)\n"
        "@app.route(route='/')\n"
        "def page(req: func.HttpRequest) -> str:\n"
        "    return 'my page'\n"
        "@app.route(route='b/{id}')\n"
        "def b(req: func.HttpRequest) -> str:\n"
        "    return 'by id'\n"
        "@app.route(route='b/list')\n"
        "def c(req: func.HttpRequest) -> str:\n"
        "    return 'list'\n",
        {"extensions": {"http": {"routePrefix": ""}}},
    )
    own = launch(app, "--no-auth", settings={"AzureWebJobsDisableHomepage": "true"})

    assert own.client.get("/").text == "my page"
    # As in Azure the function whose name comes first answers, not the route that fits better.
    assert own.client.get("/b/list").text == "by id"


SLOW = (
    "import asyncio\n"
    "import azure.functions as func\n"
    "app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)\n"
    "running = 0\n"
    "@app.route(route='slow')\n"
    "async def slow(req: func.HttpRequest) -> str:\n"
    "    global running\n"
    "    running += 1\n"
    "    seen = running\n"
    "    await asyncio.sleep(0.3)\n"
    "    running -= 1\n"
    "    return str(seen)\n"
)


def at_once(host, count):
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: host.client.get("/api/slow"), range(count)))


def test_only_so_many_requests_run_at_once(launch, app_of):
    own = launch(app_of(SLOW, {"extensions": {"http": {"maxConcurrentRequests": 2}}}))

    answers = at_once(own, 6)

    assert {answer.text for answer in answers} == {"1", "2"}


def test_requests_beyond_the_outstanding_ones_are_refused(launch, app_of):
    own = launch(app_of(SLOW, {"extensions": {"http": {"maxOutstandingRequests": 2}}}))

    statuses = sorted(answer.status_code for answer in at_once(own, 6))

    assert statuses == [200, 200, 429, 429, 429, 429]


def test_an_asgi_app_answers_below_its_route(launch, app_of):
    app = app_of(
        "import azure.functions as func\n"
        "from starlette.applications import Starlette\n"
        "from starlette.responses import JSONResponse\n"
        "from starlette.routing import Route\n"
        "async def item(request):\n"
        "    return JSONResponse({'id': request.path_params['id'], 'body': (await request.body()).decode()})\n"
        "web = Starlette(routes=[Route('/items/{id}', item, methods=['POST'])])\n"
        "app = func.AsgiFunctionApp(app=web, http_auth_level=func.AuthLevel.ANONYMOUS)\n",
        {"extensions": {"http": {"routePrefix": ""}}},
    )

    answer = launch(app).client.post("/items/7", content="hi")

    assert answer.json() == {"id": "7", "body": "hi"}


def test_the_invocation_context_names_the_function(launch, app_of):
    app = app_of(
        "import azure.functions as func\n"
        "app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)\n"
        "@app.function_name('renamed')\n"
        "@app.route(route='who')\n"
        "def who(req: func.HttpRequest, context: func.Context) -> str:\n"
        "    same = context.thread_local_storage.invocation_id == context.invocation_id\n"
        "    return f'{context.function_name} {same} {context.retry_context.retry_count}'\n"
    )

    assert launch(app).client.get("/api/who").text == "renamed True 0"


def test_a_caller_who_goes_away_is_no_failure_of_the_host(start_sample):
    own = start_sample()
    port = int(own.origin.rpartition(":")[2])
    for path in ("/api/mirror", f"/runtime/webhooks/durabletask/orchestrators/chain?code={own.keys['durable']}"):
        with socket.create_connection(("127.0.0.1", port)) as caller:
            caller.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf".encode())

    assert own.client.get("/api/hello").status_code == 200
    assert own.stop() == 0
    assert "Traceback" not in own.printed()
    assert "Functions.mirror" not in own.printed()
