"""Proxies of the environment, looked for quickly.

The SDK of Azure asks for them twice with each request, and Python's own look reads and lowers every variable in the hope of one:
a fifth of what a request to a stand-in costs.
"""

import os
import urllib.request
from functools import wraps

import requests.utils


def look_quickly() -> None:
    """Answer at once while no variable names a proxy; a second time changes nothing."""
    look = urllib.request.getproxies_environment
    if hasattr(look, "__wrapped__"):
        return

    @wraps(look)
    def quickly() -> dict[str, str]:
        return look() if any(name.lower().endswith(b"_proxy") for name in os.environb) else {}

    for module in (urllib.request, requests.utils):
        for name in [each for each, value in vars(module).items() if value is look]:
            setattr(module, name, quickly)
