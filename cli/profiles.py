"""Profiles: which app is meant and how one signs in there, in a file that only its owner can read. No secret is in it."""

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Final

import platformdirs
from pydantic import Field, ValidationError

from cli.arguments import usage
from shared.models import Model

FOLDER: Final = "AZFERRY_CONFIG_DIR"
ONLY_MINE, MY_FOLDER = 0o600, 0o700
DEFAULT: Final = "default"


class Method(StrEnum):
    """How a person, or a machine, signs in; `none` where nobody does."""

    NONE = "none"
    BROWSER = "browser"
    DEVICE_CODE = "device-code"
    MANAGED_IDENTITY = "managed-identity"
    AZURE_CLI = "azure-cli"


class Profile(Model):
    """An app, and how one signs in there."""

    url: str
    method: Method = Method.NONE
    tenant: str = ""
    authority: str = Field(default="", description="host of Entra; empty = that of the public cloud")
    audience: str = Field(default="", description="what tokens are for, e.g. api://… of the app")
    client_id: str = Field(default="", description="app or identity that signs in; empty = the library's own")
    record: str = Field(default="", description="the library's note of who signed in; no token")
    remembers: bool = Field(default=False, description="the platform keeps tokens for us, encrypted")

    @property
    def who(self) -> str:
        """Give who signed in, as far as it is known."""
        return str(json.loads(self.record).get("username", "")) if self.record else ""


class Profiles(Model):
    """All profiles of this user."""

    current: str = DEFAULT
    profiles: dict[str, Profile] = Field(default={})

    def named(self, name: str) -> Profile:
        """Give a profile. Raises `BadParameter` when there is none of that name."""
        if name not in self.profiles:
            names = ", ".join(self.profiles) or "none yet: sign in with `login --url …`"
            raise usage(f"there is no profile {name}; there are: {names}", "--profile")
        return self.profiles[name]

    def choice(self, name: str, url: str) -> tuple[str, Profile] | None:
        """Give the profile that is asked for, else the current one; none where another URL is meant.

        A token goes to the URL of its profile and nowhere else. Raises `BadParameter`.
        """
        wanted = name or (self.current if self.current in self.profiles else "")
        if not wanted:
            return None
        profile = self.named(wanted)
        if not url or url.rstrip("/") == profile.url:
            return wanted, profile
        if name:
            raise usage(f"profile {name} is for {profile.url}", "--url")
        return None

    def having(self, name: str, profile: Profile) -> "Profiles":
        """Give the profiles with one more, which becomes the current one."""
        return Profiles(current=name, profiles={**self.profiles, name: profile})

    def without(self, name: str) -> "Profiles":
        """Give the profiles without one."""
        left = {other: profile for other, profile in self.profiles.items() if other != name}
        current = self.current if self.current in left else next(iter(left), DEFAULT)
        return Profiles(current=current, profiles=left)


def place() -> Path:
    """Give the file: below AZFERRY_CONFIG_DIR, else in the platform's own folder for such files."""
    folder = os.environ.get(FOLDER)
    return (Path(folder) if folder else platformdirs.user_config_path("azferry", appauthor=False)) / "profiles.json"


def load() -> Profiles:
    """Read the profiles; there are none where there is no file. Raises `BadParameter` for a file that is none of ours."""
    path = place()
    try:
        return Profiles.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Profiles()
    except (ValidationError, OSError) as error:
        raise usage(f"{path} cannot be read ({type(error).__name__}); mend or delete it", "--profile") from None


def save(profiles: Profiles) -> None:
    """Write the profiles, whole or not at all."""
    path = place()
    path.parent.mkdir(mode=MY_FOLDER, parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, ONLY_MINE), "w", encoding="utf-8") as file:
        file.write(profiles.model_dump_json(by_alias=True, indent=2))
    draft.replace(path)
