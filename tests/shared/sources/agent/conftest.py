"""The two machines, an appliance that answers, and a web server with a certificate of its own."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.shared.sources.agent.machines import KINDS, Machine


@pytest.fixture(params=sorted(KINDS))
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    with made(request.param, tmp_path) as made_machine:
        yield made_machine


@pytest.fixture
def linux(tmp_path: Path) -> Iterator[Machine]:
    with made("linux", tmp_path) as made_machine:
        yield made_machine


@pytest.fixture
def windows(tmp_path: Path) -> Iterator[Machine]:
    with made("windows", tmp_path) as made_machine:
        yield made_machine


@contextmanager
def made(kind: str, tmp_path: Path) -> Iterator[Machine]:
    root = tmp_path / "the machine's [1]"
    (root / "bin").mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as appliance:
        made_machine = KINDS[kind](root, appliance.getsockname()[1])
        made_machine.prepare()
        made_machine.config.write_text("{}")
        yield made_machine


@dataclass
class Web:
    """Answers by the end of a path."""

    url: str
    plain: str
    body: bytes = b""
    paths: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine, with its key."""
    path = tmp_path_factory.mktemp("certificate") / "both.pem"
    wanted = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-keyout",
            path,
            "-out",
            f"{path}.crt",
            *wanted,
        ],
        check=True,
        capture_output=True,
    )
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@pytest.fixture
def web(request: pytest.FixtureRequest, certificate: Path) -> Iterator[Web]:
    """A web server that the machine trusts, and one without TLS."""
    machine: Machine = request.getfixturevalue("linux" if "linux" in request.fixturenames else "machine")
    site = Web("", "", machine.agent.read_bytes())

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.paths.append(self.path)
            what = self.path.partition("?")[0].rpartition("/")[2]
            if what.startswith("to-"):
                place = site.plain if what == "to-http" else site.url
                return self.say(302, b"", Location=f"{place}/agent")
            if what == "cut":
                return self.say(200, site.body[:-40], length=len(site.body))
            if what == "login":
                return self.say(200, b"<html>Sign in</html>")
            return self.say(200, site.body) if what == "agent" else self.say(404, b"no such thing")

        def say(self, status: int, body: bytes, length: int = -1, **headers: str) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body) if length < 0 else length)}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Answer) for _ in range(2)]
    servers[0].socket = context.wrap_socket(servers[0].socket, server_side=True)
    site.url, site.plain = (
        f"{kind}://127.0.0.1:{server.server_port}" for kind, server in zip(("https", "http"), servers, strict=True)
    )
    machine.around |= {"CURL_CA_BUNDLE": f"{certificate}.crt", "SSL_CERT_FILE": f"{certificate}.crt"}
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield site
    for server in servers:
        server.shutdown()
        server.server_close()
