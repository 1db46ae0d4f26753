"""The product's agent script as it is sent, judged as it would judge the machine: nothing is run here.

The words of its programs stand in many a script; only one that is called with its arguments installs anything. Without the
file that registration needs it installs, tells the machine's text and ends with 17, and nothing is registered.
"""

import re
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .machines import Outcome

NEEDS_FILE = 17
UNREACHABLE = 13
_PROGRAM = "UnifiedAgentConfigurator"
_SHELL = re.compile(r"^set -- (?P<words>--.+)$", re.MULTILINE)
_POWERSHELL = re.compile(r"^\$arguments = @\{ (?P<pairs>.+) \}$", re.MULTILINE)
_PAIR = re.compile(r"'(?P<name>[^']+)' = '(?P<value>[^']*)'")


@dataclass(frozen=True)
class Installation:
    """What the script was called with."""

    appliance: str
    place: str = ""  # of the configuration file or passphrase; empty = a file on the machine itself
    classic: bool = False

    def judged(self, *, registered: bool, handed: bool, missing: Collection[str]) -> Outcome | None:
        """Tell how it ends on a machine that has what it needs or has not; None: as a command that succeeds."""
        present = self.place not in missing if self.place else handed
        if present or registered:
            return None
        complaint = f"azferry-agent: error {NEEDS_FILE}: a file is needed: put it to {self.place or 'its folder'} and run this again"
        return Outcome(result="failure", exit_code=NEEDS_FILE, stdout="" if self.classic else TEXT, stderr=complaint)


TEXT = """azferry-agent: installing the Mobility service
azferry-agent: the text of this machine begins
7b2242696f734964223a226563322d30303030227d
azferry-agent: the text of this machine ends
"""


def installation(text: str) -> Installation | None:
    """Read a call of the agent script out of a command; None: it is something else."""
    given = _arguments(text) if _PROGRAM in text else {}
    if not {"appliance", "installer"} <= given.keys():
        return None
    place = given.get("config") or given.get("passphrase") or ""
    return Installation(given["appliance"], place, given.get("kind") == "configurationServer")


def _arguments(text: str) -> Mapping[str, str]:
    """Give the arguments by their names in small letters, from either shell."""
    if found := _SHELL.search(text):
        words = shlex.split(found["words"])
        return dict(zip((word.removeprefix("--") for word in words[::2]), words[1::2], strict=False))
    if found := _POWERSHELL.search(text):
        return {each["name"].lower(): each["value"] for each in _PAIR.finditer(found["pairs"])}
    return {}
