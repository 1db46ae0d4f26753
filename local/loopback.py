"""A port, of this machine's own address unless another is named, for a stand-in to listen on."""

import socket

ADDRESS = "127.0.0.1"


def bind(port: int = 0, host: str = ADDRESS) -> socket.socket:
    """Take a port, 0 for a free one."""
    # asyncio sends at once only where the socket names its protocol; without it each answer waits 40 ms for an ACK
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    return bound


def address(bound: socket.socket) -> str:
    """Give the URL of a bound port."""
    host, port = bound.getsockname()
    return f"http://{host}:{port}"
