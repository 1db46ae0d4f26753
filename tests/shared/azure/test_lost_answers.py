"""An answer that was cut short, or the page of something in between, says nothing about what was asked: it is asked again later."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.loopback import address, bind
from shared.azure import arm, clients, compute
from shared.azure.sizes import list_usages
from shared.problems import Busy
from shared.settings import settings
from tests.clouds import SUBSCRIPTION

VM = compute.vm_id(SUBSCRIPTION, "rg-target", "web1")
PAGE = "<html>sign in to the network</html>"
ANSWERS = {
    "cut short": 'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"value": [',
    "cut short in chunks": 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"value": [',
    "a page": f"Content-Type: text/html; charset=utf-8\r\nContent-Length: {len(PAGE)}\r\n\r\n{PAGE}",
    "a page that calls itself JSON": f"Content-Type: application/json\r\nContent-Length: {len(PAGE)}\r\n\r\n{PAGE}",
}


def answering(listener: socket.socket, answer: str) -> None:
    """Send the same answer to each request, and hang up."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # the test is over
        with connection:
            connection.recv(65_536)
            connection.sendall(f"HTTP/1.1 200 OK\r\n{answer}".encode())


@pytest.fixture(params=ANSWERS)
def bad_line(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with bind() as listener, ThreadPoolExecutor(1) as server:
        listener.listen()
        server.submit(answering, listener, ANSWERS[request.param])
        monkeypatch.setenv("AZFERRY_ARM_ENDPOINT", address(listener))
        monkeypatch.setenv("AZFERRY_ARM_TOKEN", "any")
        settings.cache_clear()
        clients.forget()
        yield
        listener.shutdown(socket.SHUT_RDWR)
        settings.cache_clear()
        clients.forget()


def assert_busy(ask: Callable[[], object]) -> None:
    with pytest.raises(Busy, match="no whole answer"):
        ask()


@pytest.mark.usefixtures("bad_line")
def test_what_was_read_is_read_again_later_and_never_taken_for_nothing() -> None:
    path = f"{VM}?api-version={compute.API_VERSION}"
    assert_busy(lambda: compute.get_vm(VM))
    assert_busy(lambda: list_usages(SUBSCRIPTION, "westeurope"))
    assert_busy(lambda: arm.find_json("reading a VM", SUBSCRIPTION, path))
    assert_busy(lambda: compute.list_vms(SUBSCRIPTION, "rg-target"))


@pytest.mark.usefixtures("bad_line")
def test_an_operation_of_which_nothing_is_told_has_not_ended() -> None:
    assert_busy(
        lambda: arm.operation_status("starting VM web1", SUBSCRIPTION, f"{settings().arm_endpoint}/operations/1")
    )


@pytest.mark.parametrize("bad_line", ["cut short", "cut short in chunks", "a page"], indirect=True)
@pytest.mark.usefixtures("bad_line")
def test_a_write_that_was_answered_by_a_page_or_half_an_answer_may_have_been_done() -> None:
    send = clients.compute(SUBSCRIPTION).virtual_machines.begin_start
    assert_busy(lambda: arm.submit("starting VM web1", "r", send, "rg-target", "web1"))
