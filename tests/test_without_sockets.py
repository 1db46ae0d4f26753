"""Who is asked without a socket hears and says what goes over one."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import requests
from werkzeug.serving import make_server

from local.simulator.options import Options
from local.simulator.server import Running, running
from tests.at_hand import at_hand
from tests.clouds import START, group_id
from tests.without_sockets import by_wsgi_at_once, without_sockets

OF_THE_SERVER = {"date", "server", "connection", "content-length", "transfer-encoding"}
PATH = f"{group_id('rg-größe')}?api-version=2021-04-01&x=a%20b"


@pytest.fixture
def simulator() -> Iterator[Running]:
    with running(Options("skipping", start=START)) as served:
        yield served


def shown(answer: Any) -> tuple[int, dict[str, str], bytes]:
    """Give what came back, but for what a server adds and what is new each time."""
    kept = {name.lower(): value for name, value in answer.headers.items() if name.lower() not in OF_THE_SERVER}
    return answer.status_code, {name: value for name, value in kept.items() if "request-id" not in name}, answer.content


@pytest.mark.parametrize("client", [httpx, requests], ids=lambda client: client.__name__)
def test_azure_answers_alike(simulator: Running, client: Any) -> None:
    def go() -> list[Any]:
        bearer = {"Authorization": "Bearer x", "x-ms-client-request-id": "1"}
        client.post(f"{simulator.url}/control/reset")
        made = client.put(f"{simulator.url}{PATH}", headers=bearer, json={"location": "westeurope"})
        read = client.get(f"{simulator.url}{PATH}", headers=bearer)
        stranger = client.get(f"{simulator.url}{PATH}", headers={"x-ms-client-request-id": "1"})
        return [shown(each) for each in (made, read, stranger)]

    over_sockets = go()
    with at_hand(simulator):
        assert go() == over_sockets
    assert [each[0] for each in over_sockets] == [201, 200, 401]


@pytest.mark.parametrize(
    ("client", "error"),
    [(httpx, httpx.TransportError), (requests, requests.ConnectionError)],
    ids=["httpx", "requests"],
)
def test_a_line_that_is_dropped_is_an_error_of_the_client(simulator: Running, client: Any, error: Any) -> None:
    def go() -> None:
        client.post(f"{simulator.url}/control/faults", json={"kind": "drop-after"})
        with pytest.raises(error):
            client.put(f"{simulator.url}{PATH}", headers={"Authorization": "Bearer x"}, json={"location": "westeurope"})

    go()
    with at_hand(simulator):
        go()


def test_who_waits_for_the_clock_waits_in_its_loop_and_hears_of_who_moved_it_at_once(simulator: Running) -> None:
    with at_hand(simulator), ThreadPoolExecutor(1) as waiting:
        idle = {"participant": "host", "epoch": 0, "due": None}
        waits = waiting.submit(httpx.post, f"{simulator.url}/control/clock/idle", json=idle)
        httpx.post(f"{simulator.url}/control/clock", json={"advance": "PT1H"})
        seen = waits.result().json()
    assert datetime.fromisoformat(seen["now"]) == START + timedelta(hours=1)


def test_an_app_hears_what_a_server_would_tell_it() -> None:
    heard = []

    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH", 0)))
        heard.append({name: value for name, value in environ.items() if isinstance(value, str)} | {"body": body})
        start("200 OK", [("Content-Type", "application/json"), ("X-Ours", "ä".encode().decode("latin-1"))])
        return [json.dumps({"length": len(body)}).encode()]

    with make_server("127.0.0.1", 0, app) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"

        def go() -> Any:
            return shown(requests.post(f"{url}/a%20b/ü?x=1&x=2", data={"Action": "größe"}, headers={"X-Two": "b"}))

        over_sockets = go()
        with without_sockets({url: by_wsgi_at_once(app)}):
            assert go() == over_sockets
        server.shutdown()
        thread.join()
    for each in heard:
        each.pop("SERVER_SOFTWARE", None)
    assert heard[0] == heard[1]
