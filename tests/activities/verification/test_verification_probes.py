"""Probing: checks inside a machine by one script, and ports and pages from here."""

import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from activities.verification import outside_probes
from activities.verification.verification_probes import failures, from_here, script_of
from shared.guest_scripts.wrapper import RUN_COMMAND, wrap
from shared.plan.machines import Probe
from shared.settings import Settings


class Page(BaseHTTPRequestHandler):
    """A page that is there, and nothing else."""

    def do_GET(self) -> None:
        self.send_response({"/health": 200, "/moved": 302}.get(self.path, 404))
        if self.path == "/moved":
            self.send_header("Location", "/health")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def on_the_local_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """VMs have loopback addresses there."""
    monkeypatch.setattr(outside_probes, "settings", lambda: Settings(local=True))


NONCE = "0abc"


def ran(*probes: Probe) -> str:
    script = wrap(script_of(probes, NONCE, windows=False), RUN_COMMAND, NONCE, windows=False)
    return subprocess.run(["sh", "-c", "\n".join(script)], text=True, capture_output=True, check=True).stdout


def test_commands_are_judged_by_their_exit_code_and_their_output_is_not_ours() -> None:
    probes = (
        Probe(command="true # well"),
        Probe(command=f"echo azferry-ok {NONCE} 3; exit 3"),
        Probe(command="cd /nowhere\ntest -d /tmp"),
        Probe(command="false"),
        Probe(command="if true; then"),
        Probe(command="#!/usr/bin/env bash\nshop=(a b); [[ ${shop[1]} == b ]]"),
        Probe(command="kill -9 $$"),
    )
    failed = ["echo azferry-ok 0abc 3; exit 3", "false", "if true; then", "kill -9 $$"]
    assert failures(probes, ran(*probes), NONCE) == [f"command {each}" for each in failed]


def test_a_service_is_asked_for_by_its_very_name() -> None:
    probe = Probe(service="it's; touch /tmp/azferry-never")
    assert failures([probe], ran(probe), NONCE) == [f"service {probe.service}"]


def test_a_check_that_did_not_answer_failed() -> None:
    probes = (Probe(service="nginx"), Probe(tcp=80), Probe(command="true"))
    output = f"azferry-ok {NONCE} 2\nazferry-ok 0 0\nazferry-end {NONCE} 0\n"
    assert failures(probes, output, NONCE) == ["service nginx"], "ports are not looked at inside"


def test_checks_whose_script_did_not_end_failed() -> None:
    assert failures([Probe(command="true")], f"azferry-ok {NONCE} 0\n", NONCE) == [
        "their script did not come to its end"
    ]


def test_on_windows_names_are_quoted_whatever_quotes_are_in_them() -> None:
    script = script_of([Probe(service="it's \u2019; rm"), Probe(command="Get-Item C:\\shop")], NONCE, windows=True)
    assert "-Name ([Regex]::Unescape('it''s \\u2019; rm'))" in script.text
    assert script.files == {"check-1.ps1": "Get-Item C:\\shop"}


def test_ports_and_pages_are_tried_from_here(port: int) -> None:
    well = (
        Probe(tcp=port),
        Probe(http=f"http://{{machine}}:{port}/health"),
        Probe(http=f"http://{{machine}}:{port}/", expect=404),
        Probe(http=f"http://{{machine}}:{port}/moved", expect=302),
    )
    assert from_here(well, "127.0.0.1") == []
    assert from_here([Probe(http=f"http://{{machine}}:{port}/")], "127.0.0.1") == [f"http http://{{machine}}:{port}/"]


def test_a_redirect_is_not_followed(port: int) -> None:
    probe = Probe(http=f"http://{{machine}}:{port}/moved")
    assert from_here([probe], "127.0.0.1") == [f"http {probe.http}"]


def test_the_apps_own_surroundings_are_not_asked(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside_probes, "settings", Settings)
    probes = [Probe(tcp=port), Probe(http=f"http://{{machine}}:{port}/health")]
    for address in ("127.0.0.1", "::ffff:127.0.0.1", "169.254.169.254", "0.0.0.0"):
        assert len(from_here(probes, address)) == 2
    assert len(from_here(probes, "localhost")) == 2, "a name is judged by the address that it leads to"


def test_a_host_that_cannot_be_one_is_a_failed_check() -> None:
    probe = Probe.model_construct(http="http://files..corp.example/health")
    assert from_here([probe], "127.0.0.1") == ["http http://files..corp.example/health"]


def test_a_closed_port_is_named() -> None:
    assert from_here([Probe(tcp=1), Probe(http="http://{machine}:1/")], "127.0.0.1") == [
        "tcp 1",
        "http http://{machine}:1/",
    ]
