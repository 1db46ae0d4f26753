"""One request: to checked addresses only, over https, never on to where a redirect leads, never for long."""

import contextlib
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.notifications import exchange as module
from shared.notifications.exchange import ForbiddenReceiverError, Outgoing, UnreachableReceiverError, exchange


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "::1", "10.0.0.4", "192.168.1.1", "172.16.0.9", "169.254.169.254", "168.63.129.16", "100.64.0.1",
        "0.0.0.0", "::ffff:10.0.0.1", "fd00::1", "fe80::1", "64:ff9b::a9fe:a9fe", "2002:a00:1::", "224.0.0.1",
    ],
)  # fmt: skip
def test_a_name_that_leads_into_the_apps_surroundings_is_not_asked(monkeypatch, address):
    family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(family, 1, 6, "", (address, 443))])
    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("a connection was made"))

    with pytest.raises(ForbiddenReceiverError, match="own surroundings"):
        exchange(Outgoing("https://hooks.example.com/"))


def test_a_name_with_one_inner_address_among_others_is_not_asked(monkeypatch):
    found = [(socket.AF_INET, 1, 6, "", (each, 443)) for each in ("93.184.216.34", "10.0.0.4")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    with pytest.raises(ForbiddenReceiverError, match=r"10\.0\.0\.4"):
        exchange(Outgoing("https://hooks.example.com/"))


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch):
    """A name that answers otherwise the second time (DNS rebinding) leads nowhere: it is asked once."""
    went, looked = [], []
    found = [(socket.AF_INET, 1, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: looked.append(1) or found)

    def connect(address, _patience):
        went.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(UnreachableReceiverError):
        exchange(Outgoing("https://hooks.example.com/"))

    assert (went, len(looked)) == ([("93.184.216.34", 443)], 1)


@pytest.mark.parametrize(
    "url", ["http://hooks.example.com/", "ftp://hooks.example.com/", "https:///x", "file:///etc/passwd"]
)
def test_only_https_is_spoken(url):
    with pytest.raises(ForbiddenReceiverError):
        exchange(Outgoing(url), private=True)


def test_plain_http_is_for_loopback_where_settings_allow_it(listener):
    with pytest.raises(ForbiddenReceiverError):
        exchange(Outgoing(listener.url, b"x"))

    assert exchange(Outgoing(listener.url, b"x"), private=True).status == 204


def test_a_redirect_is_an_answer_and_nothing_else_is_asked(listener):
    listener.answers.append((307, {"location": listener.url + "/elsewhere"}))

    assert exchange(Outgoing(listener.url, b"x"), private=True).status == 307
    assert [each.path for each in listener.heard] == ["/hook"]


def test_a_long_address_comes_whole(listener):
    long = listener.url + "?sig=" + "a" * 8_000

    exchange(Outgoing(long, b"x"), private=True)

    assert listener.heard[0].path == long.removeprefix(listener.url.removesuffix("/hook"))


@pytest.mark.parametrize("begins", [b"", b"HTTP/1.1 200 OK\r\nx: "])
def test_who_does_not_come_to_an_end_is_cut_off(monkeypatch, begins):
    """Nothing at all, or a header that grows byte by byte: each byte would begin a socket's own patience anew."""
    monkeypatch.setattr(module, "ANSWERING", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def serve():
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(begins)
                while not done.wait(0.05):
                    connection.sendall(begins[-1:])

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with pytest.raises(UnreachableReceiverError, match="did not answer in time"):
            exchange(Outgoing(f"http://127.0.0.1:{server.getsockname()[1]}/", b"x"), private=True)
        done.set()
        thread.join(5)


@pytest.mark.parametrize("answer", [b"no http at all\r\n\r\n", b"HTTP/1.1 200 OK\r\nx: " + b"a" * 70_000 + b"\r\n\r\n"])
def test_an_answer_that_is_none_counts_as_out_of_reach(answer):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(1)

        threading.Thread(target=serve, daemon=True).start()
        with pytest.raises(UnreachableReceiverError):
            exchange(Outgoing(f"http://127.0.0.1:{server.getsockname()[1]}/", b"x"), private=True)


def test_a_certificate_that_nobody_vouches_for_is_told_nothing(tmp_path):
    heard = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            try:
                with context.wrap_socket(connection, server_side=True) as sealed:
                    heard.append(sealed.recv(65_536))
            except (ssl.SSLError, OSError):
                pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with pytest.raises(UnreachableReceiverError, match="certificate of localhost is not trusted"):
            exchange(Outgoing(f"https://localhost:{server.getsockname()[1]}/?sig=secret", b"x"), private=True)
        thread.join(5)

    assert heard in ([], [b""])


def _certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    file = folder / "certificate.pem"
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return file
