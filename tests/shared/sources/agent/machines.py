"""Machines for the agent scripts: a folder each, with stub installers in the place of Microsoft's."""

import io
import os
import re
import subprocess
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests import powershell

AGENT = Path(__file__).parents[4] / "shared" / "sources" / "agent"
IDENTITY = "identity-of-this-machine"

# Each stub writes down what it was asked; what it does besides is told by the environment.
CONFIGURATOR = '#!/usr/bin/env bash\necho "configure $*" >>"$JOURNAL"\nexit "${CONFIGURATOR_ENDS:-0}"\n'
CLI = f'#!/usr/bin/env bash\necho "{IDENTITY}"\nexit "${{CLI_ENDS:-0}}"\n'
DIES = 'if [[ ${INSTALLER_DIES:-} ]]; then touch "$JOURNAL.midway"; kill -9 "$PPID"; exit 9; fi\n'
LINUX_INSTALLER = (
    """#!/usr/bin/env bash
echo "install $*" >>"$JOURNAL"
[[ ${INSTALLER_WAITS:-} ]] && { touch "$JOURNAL.waits"; read -r _ <"$INSTALLER_WAITS"; }
while [[ $1 != -d ]]; do shift; done
mkdir -p "$2/Vx/bin"
cp configurator "$2/Vx/bin/UnifiedAgentConfigurator.sh"
cp cli "$2/Vx/bin/AzureRcmCli"
"""
    + DIES
    + 'exit "${INSTALLER_ENDS:-0}"\n'
)
WINDOWS_INSTALLER = (
    """#!/usr/bin/env bash
echo "install $*" >>"$JOURNAL"
[[ ${INSTALLER_WAITS:-} ]] && { touch "$JOURNAL.waits"; read -r _ <"$INSTALLER_WAITS"; }
while [[ $1 != /InstallLocation ]]; do shift; done
mkdir -p "$2/agent"
cp "$(dirname "$0")/configurator" "$2/agent/UnifiedAgentConfigurator.exe"
cp "$(dirname "$0")/cli" "$2/agent/AzureRcmCli.exe"
"""
    + DIES
    + 'exit "${INSTALLER_ENDS:-0}"\n'
)
SETUP = """#!/usr/bin/env bash
mkdir -p "${{2#/x:}}"; cd "${{2#/x:}}"
cat >UnifiedAgentInstaller.exe <<'END-OF-FILE'
{installer}END-OF-FILE
cat >configurator <<'END-OF-FILE'
{configurator}END-OF-FILE
cat >cli <<'END-OF-FILE'
{cli}END-OF-FILE
chmod 755 ./*
"""


def archive(path: Path) -> None:
    """Write what the Linux agent comes as."""
    with tarfile.open(path, "w:gz") as tar:
        for name, text in {"install": LINUX_INSTALLER, "configurator": CONFIGURATOR, "cli": CLI}.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(text), 0o755
            tar.addfile(info, io.BytesIO(text.encode()))


@dataclass
class Machine:
    """A folder that is the machine's root, with commands of our own first in the path."""

    root: Path
    port: int
    around: dict[str, str] = field(default_factory=dict)

    def stub(self, name: str, text: str) -> None:
        path = self.root / "bin" / name
        path.write_text(f"#!/usr/bin/env bash\n{text}\n")
        path.chmod(0o755)

    @property
    def agent(self) -> Path:
        """Where its installer lies."""
        return self.root / "installer"

    @property
    def config(self) -> Path:
        return self.root / "web1.json"

    @property
    def journal(self) -> list[str]:
        path = self.root / "journal"
        return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def words(self) -> str:
        return (self.root / "journal").read_text()

    def env(self, **more: str) -> dict[str, str]:
        path = f"{self.root / 'bin'}:{os.environ['PATH']}"
        return os.environ | self.around | {"PATH": path, "JOURNAL": str(self.root / "journal")} | more

    def command(self, **options: object) -> list[str]:
        given = {"appliance": "127.0.0.1", "ports": self.port, "min_free_mb": 1, "installer": self.agent} | options
        return self.called(
            [word for name, value in given.items() if value is not None for word in self.option(name, value)]
        )

    def option(self, name: str, value: object) -> Sequence[str]:
        raise NotImplementedError

    def fitted(self, text: str) -> str:
        """Give the script with what this system cannot tell; ports of the appliance are those of the test's."""
        return text.replace("ports='443 9443'", f"ports='{self.port}'")

    def called(self, words: list[str]) -> list[str]:
        raise NotImplementedError

    def run(self, env: dict[str, str] | None = None, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(**options), env=self.env(**env or {}), capture_output=True, text=True, check=False, timeout=90
        )

    def begin(self, env: dict[str, str] | None = None, **options: object) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.command(**options),
            env=self.env(**env or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def configured(self, env: dict[str, str] | None = None, **options: object) -> subprocess.CompletedProcess[str]:
        return self.run(env, config=self.config, **options)

    def left(self) -> set[str]:
        """The names in the script's own folder."""
        return {path.name for path in self.own.iterdir()} if self.own.exists() else set()

    @property
    def own(self) -> Path:
        raise NotImplementedError

    @property
    def installed(self) -> Path:
        raise NotImplementedError


class Linux(Machine):
    """Bash; a root folder and stubs for who and what runs."""

    def prepare(self) -> None:
        (self.root / "etc").mkdir()
        (self.root / "etc" / "os-release").write_text('NAME="Red Hat"\nID="rhel"\nVERSION_ID="8.8"\n')
        archive(self.agent)
        self.stub("id", "echo 0")
        self.stub("uname", "echo x86_64")
        self.around["AZFERRY_ROOT"] = str(self.root)

    def option(self, name: str, value: object) -> Sequence[str]:
        return f"--{name.replace('_', '-')}", str(value)

    def called(self, words: list[str]) -> list[str]:
        return ["bash", str(AGENT / "install.sh"), *words]

    @property
    def own(self) -> Path:
        return self.root / "var" / "lib" / "azferry"

    @property
    def installed(self) -> Path:
        return self.root / "usr" / "local" / "ASR" / "Vx" / "bin" / "UnifiedAgentConfigurator.sh"


class Windows(Machine):
    """PowerShell, here on another system: only the questions who runs it and on which Windows are left out."""

    def prepare(self) -> None:
        script = self.fitted((AGENT / "install.ps1").read_text())
        (self.root / "install.ps1").write_text(script)
        self.agent.write_text(SETUP.format(installer=WINDOWS_INSTALLER, configurator=CONFIGURATOR, cli=CLI))
        self.around |= {"ProgramFiles": str(self.root / "Program Files"), "ProgramFiles(x86)": str(self.root / "x86")}
        self.around |= {"POWERSHELL_TELEMETRY_OPTOUT": "1", "POWERSHELL_UPDATECHECK": "Off"}
        self.agent.chmod(0o755)
        self.shell = powershell.needed()
        (self.root / "bin" / "pwsh").symlink_to(self.shell)

    def fitted(self, text: str) -> str:
        text, replaced = re.subn(
            r"function Test-System \{.*?\n\}",
            "function Test-System { Write-Step 'system: ours' }",
            text,
            flags=re.DOTALL,
        )
        # what is downloaded has no mode here that lets it run; on Windows none is needed
        text, ran = re.subn(r"(function Invoke-Program\(.*?\{)", r"\1 & chmod u+x $Path;", text)
        assert (replaced, ran) == (1, 1)
        return text.replace("'443', '9443'", f"'{self.port}'").replace(
            r"${env:ProgramFiles(x86)}\Microsoft Azure", str(self.root / "x86")
        )

    def option(self, name: str, value: object) -> Sequence[str]:
        return "-" + "".join(part.capitalize() for part in name.split("_")), str(value)

    def called(self, words: list[str]) -> list[str]:
        where = ["-InstallDir", str(self.root / "x86" / "Site Recovery")] if "-InstallDir" not in words else []
        return [self.shell, "-NoProfile", "-NonInteractive", "-File", str(self.root / "install.ps1"), *where, *words]

    @property
    def own(self) -> Path:
        return self.root / "Program Files" / "azferry"

    @property
    def installed(self) -> Path:
        return self.root / "x86" / "Site Recovery" / "agent" / "UnifiedAgentConfigurator.exe"


OWN_DIR = r"${env:ProgramFiles(x86)}\Microsoft Azure Site Recovery"
KINDS = {"linux": Linux, "windows": Windows}
