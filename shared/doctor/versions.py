"""Which Python, packages and host settings the app runs with, against those that it is tested with."""

import json
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from shared.doctor import kinds
from shared.doctor.finding import HealthFinding
from shared.settings import platform
from shared.version import VERSION

HOME: Final = Path(__file__).resolve().parents[2]
PYTHONS: Final = ((3, 11), (3, 13))
BUNDLE: Final = ("Microsoft.Azure.Functions.ExtensionBundle", "[4.*, 5.0.0)")
INSTALL: Final = "azd deploy; on a laptop: make setup"


def look(home: Path = HOME) -> Iterator[HealthFinding]:
    """Compare all three."""
    yield kinds.RUNTIME.seen(f"azferry {VERSION} on Python {sys.version.split()[0]}")
    yield from python(sys.version_info[:2])
    yield from _packages(home / "requirements.txt")
    yield from _host(home / "host.json")


def python(found: tuple[int, int]) -> Iterator[HealthFinding]:
    """Judge the version of Python."""
    if not PYTHONS[0] <= found <= PYTHONS[1]:
        yield kinds.PYTHON.seen(f"Python {found[0]}.{found[1]}")


def _packages(listed: Path) -> Iterator[HealthFinding]:
    from packaging.requirements import Requirement  # noqa: PLC0415 - only who looks pays for it

    if not listed.is_file():
        yield kinds.PACKAGES_UNKNOWN.seen(f"there is no {listed.name}")
        return
    lines = (line.partition("#")[0].strip() for line in listed.read_text().splitlines())
    for wanted in (Requirement(line) for line in lines if line and not line.startswith("-")):
        found = _installed(wanted.name)
        if not found or not wanted.specifier.contains(found, prereleases=True):
            seen = f"{wanted.name} {found or 'is not installed'}; {wanted} is tested"
            yield kinds.PACKAGE.seen(seen, install=INSTALL)


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _host(file: Path) -> Iterator[HealthFinding]:
    try:
        document = json.loads(file.read_text())
    except (OSError, ValueError) as lacking:
        yield kinds.HOST.seen(f"host.json cannot be read: {lacking}")
        return
    bundle = document.get("extensionBundle", {})
    if (bundle.get("id"), bundle.get("version")) != BUNDLE:
        yield kinds.HOST.seen(
            f"the extension bundle is {bundle.get('id')} {bundle.get('version')}; {' '.join(BUNDLE)} is tested"
        )
    durable = document.get("extensions", {}).get("durableTask", {})
    if durable.get("versionMatchStrategy") != "None":
        yield kinds.HOST.seen("versionMatchStrategy is not None: flows of an earlier release would not go on")
    yield from _threads(durable)


def _threads(durable: dict[str, Any]) -> Iterator[HealthFinding]:
    at_once = sum(int(durable.get(f"maxConcurrent{each}Functions", 0)) for each in ("Activity", "Orchestrator"))
    have = platform().worker_threads
    if platform().in_azure and have <= at_once:
        yield kinds.THREADS.seen(f"{have or 'no number of'} threads for {at_once} activities and orchestrators")
