"""A durable HTTP call that asks for a token sends the one that the machine's identity gets."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from local.host.durable import tokens
from local.host.durable.http_calls import HttpCallFailed, run_http_call

GRAPH = {"resource": "https://graph.microsoft.com/", "kind": "AzureManagedIdentity"}


class Cloud(ThreadingHTTPServer):
    """The identity endpoint of a function app, and what is called with its tokens."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.refuses = False


class Answers(BaseHTTPRequestHandler):
    server: Cloud

    def do_GET(self) -> None:
        headers = {key.lower(): value for key, value in self.headers.items()}
        self.server.requests.append((self.path, headers))
        resource = parse_qs(urlsplit(self.path).query).get("resource", [""])[0]
        token = {"access_token": f"token for {resource}", "expires_on": "4102444800", "resource": resource}
        answer = (
            {"statusCode": 400, "message": "no identity"} if self.server.refuses else {**token, "token_type": "Bearer"}
        )
        body = json.dumps(answer).encode()
        self.send_response(400 if self.server.refuses else 200)
        self.send_header("content-length", str(len(body)))
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    server = Cloud()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    for name in ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{server.url}/identity")
    monkeypatch.setenv("IDENTITY_HEADER", "known to the app")
    tokens.credential.cache_clear()
    yield server
    server.shutdown()
    server.server_close()
    tokens.credential.cache_clear()


def ask(cloud: Cloud, source: dict[str, str]) -> dict[str, str]:
    """Make a call and return the headers that arrived."""
    request = {"method": "GET", "uri": f"{cloud.url}/called", "headers": {"x-a": "1"}, "tokenSource": source}
    run_http_call(json.dumps(request))
    return next(headers for path, headers in cloud.requests if path == "/called")


def test_the_token_of_the_identity_is_sent_along(cloud):
    arrived = ask(cloud, GRAPH)

    assert arrived["authorization"] == "Bearer token for https://graph.microsoft.com"
    assert arrived["x-a"] == "1"


def test_a_call_for_which_nobody_gives_a_token_is_not_made(cloud):
    cloud.refuses = True

    with pytest.raises(HttpCallFailed, match="No token for https://graph"):
        ask(cloud, GRAPH)

    assert "/called" not in [path for path, _ in cloud.requests]
