"""Reads local.settings.json and puts its values into the environment, as Core Tools do."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .lenient_json import read_object
from .problems import HostError

FILE = "local.settings.json"


@dataclass(frozen=True)
class LocalSettings:
    """What local.settings.json says."""

    values: dict[str, str]
    port: int | None = None
    cors: tuple[str, ...] = ()
    cors_credentials: bool = False


def read_local_settings(app: Path) -> LocalSettings:
    """Read the file; none gives empty settings. Raises HostError when it is encrypted or malformed."""
    path = app / FILE
    if not path.is_file():
        return LocalSettings(values={})
    found = read_object(path)
    if found.get("IsEncrypted"):
        raise HostError(f"{path} is encrypted; run `func settings decrypt` first, this host holds no keys.")
    host = found.get("Host") or {}
    return LocalSettings(
        values=_texts(path, found.get("Values") or {}) | _connection_strings(found),
        port=_port(path, host),
        cors=tuple(origin.strip() for origin in str(host.get("CORS") or "").split(",") if origin.strip()),
        cors_credentials=bool(host.get("CORSCredentials")),
    )


def apply(settings: LocalSettings) -> list[str]:
    """Set every value that the environment does not already hold; returns the names that were skipped."""
    skipped = [name for name in settings.values if name in os.environ]
    for name, value in settings.values.items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("FUNCTIONS_WORKER_RUNTIME", "python")
    os.environ.setdefault("AZURE_FUNCTIONS_ENVIRONMENT", "Development")
    return skipped


def _texts(path: Path, values: dict[str, Any]) -> dict[str, str]:
    for name, value in values.items():
        if not isinstance(value, str):
            raise HostError(f"{path}: Values.{name} must be a string, as Core Tools want it.")
    return dict(values)


def _connection_strings(found: dict[str, Any]) -> dict[str, str]:
    named = found.get("ConnectionStrings") or {}
    texts = {name: value["ConnectionString"] if isinstance(value, dict) else value for name, value in named.items()}
    return {f"ConnectionStrings:{name}": str(text) for name, text in texts.items()}


def _port(path: Path, host: dict[str, Any]) -> int | None:
    port = host.get("LocalHttpPort")
    if port is None:
        return None
    try:
        return int(port)
    except (TypeError, ValueError) as error:
        raise HostError(f"{path}: Host.LocalHttpPort must be a number, not {port!r}.") from error
