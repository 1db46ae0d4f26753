"""One TLS context for all HTTP clients of a process.

Each client reads the certificates of all authorities when it is made, which takes 20 ms of CPU; tests make thousands, and
nearly all of them speak plain HTTP with a stand-in.
"""

from functools import cache

from httpx._transports import default


def share_context() -> None:
    """Give clients that ask for the same certificates the same context; a second time changes nothing."""
    make = default.create_ssl_context
    if not hasattr(make, "cache_info"):
        setattr(default, "create_ssl_context", cache(make))  # noqa: B010 - a function is replaced
