"""How the parts of the stack are started: `python -m …`, by part."""

from collections.abc import Mapping
from pathlib import Path

from .part import HOME


def urls(ports: Mapping[str, int]) -> dict[str, str]:
    """Give where the stand-ins will listen, by their names."""
    return {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}


def stand_ins(ports: Mapping[str, int], clock: str, kept: Path | None) -> dict[str, list[str]]:
    """Give the commands of simulator, aws and ssm; they keep their state in the folder `kept`, if there is one."""
    at = urls(ports)
    simulator = ["--simulator", at["simulator"]]
    options = {
        "simulator": ["--clock", clock],
        "aws": [*simulator, "--ssm", at["ssm"]],
        "ssm": ["--clock", f"{at['simulator']}/control/clock", *simulator, "--aws", at["aws"]],
    }
    return {
        name: [f"local.{name}", "--port", str(ports[name]), *given, *(["--kept", str(kept / name)] if kept else [])]
        for name, given in options.items()
    }


def host(port: str, data: Path, clock: str) -> list[str]:
    """Give the command of the host, with the app in this repository on it."""
    return ["local.host", "--app", str(HOME), "--port", port, "--data", str(data), "--clock", clock]
