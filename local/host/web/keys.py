"""The host's access keys: made on the first start, kept in the data folder, never logged."""

import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

FILE = "keys.json"


@dataclass(frozen=True)
class Keys:
    """The master key, the app's and the functions' own keys, and the system key of the durable API."""

    master: str
    app: str
    durable: str
    functions: dict[str, str] = field(default_factory=dict)

    def opens_function(self, given: str | None, function: str) -> bool:
        """Say whether a key opens a function of level `function`."""
        return _is_one_of(given, (self.app, self.functions[function], self.master))

    def opens_admin(self, given: str | None) -> bool:
        """Say whether a key opens a function of level `admin` and the admin API."""
        return _is_one_of(given, (self.master,))

    def opens_durable(self, given: str | None) -> bool:
        """Say whether a key opens the durable management API."""
        return _is_one_of(given, (self.durable, self.master))


def load_keys(data: Path, functions: list[str]) -> Keys:
    """Read the keys of this data folder, making those that are missing."""
    path = data / FILE
    kept = json.loads(path.read_text()) if path.is_file() else {}
    own = kept.get("functions", {})
    keys = Keys(
        master=kept.get("master") or _new(),
        app=kept.get("app") or _new(),
        durable=kept.get("durable") or _new(),
        functions=own | {name: _new() for name in functions if name not in own},
    )
    _write(path, keys)
    return keys


def _new() -> str:
    # URL-safe, so that `?code=` needs no escaping; as long as Azure's.
    return secrets.token_urlsafe(40)


def _write(path: Path, keys: Keys) -> None:
    """Replace the file in one step: a crash leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(vars(keys), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _is_one_of(given: str | None, keys: tuple[str, ...]) -> bool:
    if given is None:
        return False
    # Every key is compared, so that the time tells nothing.
    return any([hmac.compare_digest(given.encode(), key.encode()) for key in keys])  # noqa: C419 - see above
