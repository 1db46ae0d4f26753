"""A forecast for an assistant: the command plays the plan in a process of its own, so that its output is none of the protocol's."""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from cli.failing import Exit, Failing
from cli.problem import Document

COMMAND: Final = (sys.executable, "-P", "-m", "cli", "--output", "json", "forecast")
FOLDER: Final = str(Path(__file__).parents[1])  # where this package lies, whatever folder the assistant stands in


def foretold(plan: str) -> dict[str, Any]:
    """Play a plan, given as its text. Raises `Failing` where it cannot be played, or no local stack is here."""
    with TemporaryDirectory(prefix="azferry-") as folder:
        file = Path(folder) / "plan.yaml"
        file.write_text(plan, encoding="utf-8")
        ended = subprocess.run(  # noqa: S603 - our own command, without a shell
            [*COMMAND, str(file)],
            env=os.environ | {"PYTHONPATH": FOLDER},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    return _answered(ended.stdout, ended.stderr)


def _answered(output: str, errors: str) -> dict[str, Any]:
    """Give the forecast. Raises `Failing` where the command gave a problem, or no answer."""
    try:
        answer: dict[str, Any] = json.loads(output)
    except json.JSONDecodeError:
        raise Failing(Document(title="The plan was not played", detail=errors.strip()), Exit.NO) from None
    if "verdict" not in answer:
        raise Failing(Document.model_validate(answer), Exit.NO)
    return answer
