#!/usr/bin/env bash
# azure-core 1.41.0: a POST is sent again after 500, 503 and 504, also where only GET may be.
#
# Guess: with retry_on_methods=["GET"] (an option that the source reads and no page names) a POST, say a failover, goes out once.
# Seen: given to the policy, beside retry_on_status_codes, it is taken without a word and a DELETE goes out four times. Given with the
#       request it holds for DELETE, but POST and PATCH are sent again after 500, 503 and 504, and everything is after an error
#       that carries Retry-After, also 400 and 409. Only a smaller count (retry_total=0, retry_status=0) stops it.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-core==1.41.0
"$folder/venv/bin/python" - <<'PYTHON'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from azure.core import PipelineClient
from azure.core.pipeline.policies import RetryPolicy
from azure.core.rest import HttpRequest


class Server(BaseHTTPRequestHandler):
    code, headers_of_answer, count = 200, {}, 0

    def answer(self):
        Server.count += 1
        self.send_response(Server.code)
        for name, value in {"content-length": "0", **Server.headers_of_answer}.items():
            self.send_header(name, value)
        self.end_headers()

    do_POST = do_PATCH = do_DELETE = answer

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"


def sent(method, code, headers=None, of_the_policy=None, **of_the_request):
    Server.code, Server.headers_of_answer, Server.count = code, headers or {}, 0
    policy = RetryPolicy(retry_backoff_factor=0, **(of_the_policy or {}))
    with PipelineClient(url, policies=[policy]) as client:
        client.send_request(HttpRequest(method, url), **of_the_request)
    return Server.count


only_get = {"retry_on_methods": ["GET"]}
ignored = {method: sent(method, 502, of_the_policy=only_get) for method in ("DELETE", "POST")}
print("given to the policy, times sent after 502:", ignored)
assert ignored == {"DELETE": 4, "POST": 1}, "this has changed"

times = {f"{method} {code}": sent(method, code, **only_get) for method in ("DELETE", "PATCH", "POST") for code in (500, 502, 503, 504)}
print("given with the request:", times)
again = {f"{method} {code}" for method in ("PATCH", "POST") for code in (500, 503, 504)}
assert {name for name, count in times.items() if count > 1} == again, "this has changed"

told = {f"{method} {code}": sent(method, code, {"Retry-After": "0"}, **only_get) for method in ("DELETE", "POST") for code in (400, 409)}
print("with Retry-After:", told)
assert min(told.values()) > 1, "this has changed"

once = [sent("POST", 500, of_the_policy=fewer) for fewer in ({"retry_total": 0}, {"retry_status": 0})]
print("a POST with a smaller count:", once)
assert once == [1, 1], "this has changed"
PYTHON
