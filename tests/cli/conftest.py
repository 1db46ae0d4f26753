"""Fixtures: an API with prepared answers on a free port, and the command line called as a person would."""

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from tests.cli.answering import Prepared, application
from tests.loopback import serving

SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.fixture
def prepared():
    return Prepared()


class Exchanged:
    """An app that another one may take the place of: a server for each test would take a fifth of a second to end."""

    def __init__(self):
        self.app = None

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def served():
    app = Exchanged()
    with serving(app, lifespan="off") as url:
        yield app, url


@pytest.fixture
def url(prepared, served):
    app, url = served
    app.app = application(prepared)
    return url


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Call the command line, without a terminal, 80 columns wide, with profiles of its own."""
    monkeypatch.setenv("AZFERRY_CONFIG_DIR", str(tmp_path / "profiles"))
    for name in ("URL", "KEY", "BY", "OUTPUT", "TOKEN", "PROFILE", "AS"):
        monkeypatch.delenv(f"AZFERRY_{name}", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    return lambda *line, **more: CliRunner().invoke(app, [str(part) for part in line], **more)


@pytest.fixture
def ask(run, url):
    """Call the command line with the URL of the API with prepared answers."""
    return lambda *line, **more: run("--url", url, *line, **more)


@pytest.fixture
def unreachable():
    """A URL where nobody answers."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{closed.getsockname()[1]}"


@pytest.fixture
def same_as():
    """Compare text with a file in snapshots/. A file that was deleted is written anew, and the test fails once."""

    def compare(name, text):
        kept = SNAPSHOTS / f"{name}.txt"
        text = "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
        if not kept.exists():
            kept.write_text(text)
            pytest.fail(f"{kept.name} was not there and has been written: read it, then run again")
        assert kept.read_text() == text

    return compare
