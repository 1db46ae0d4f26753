"""What the agents that run scripts in machines make of them: nothing is run here, but told as they would tell it.

The app wraps each script so that the last line of its output says what it came to (`azferry-end`, a nonce, the exit code):
of a wrapped script an agent sees only whether it failed, of any other its own exit code.
"""

import re
from dataclasses import dataclass

RESTARTS = {"Linux": 194, "Windows": 3010}  # Systems Manager's agent restarts the machine and runs the script again
_MARK = re.compile(r"azferry-end \w+")


@dataclass(frozen=True)
class Ran:
    """What a script left behind: what an agent reads of its output, and the exit code that it sees."""

    stdout: str
    exit_code: int


def ran(script: str, stdout: str, exit_code: int, *, ended: bool = True) -> Ran:
    """Let a script print this and end so; one that did not end leaves no mark."""
    mark = _MARK.search(script)
    if mark is None:
        return Ran(stdout, exit_code if ended else -1)
    output = f"{stdout}\n{mark[0]} {exit_code}\n" if ended else stdout
    left = re.search(r"^exit (\d+)$", script.rsplit("\n", 1)[-1])  # by the wrapper, for a script that failed
    return Ran(output, exit_code and int(left[1] if left else 1) if ended else -1)


def plain(script: str) -> str:
    """Give the text that a machine gets to run: of a wrapped PowerShell script the literals are opened."""
    if _MARK.search(script) is None:
        return script
    return "\n".join(_opened(line) for line in script.split("\n"))


def _opened(line: str) -> str:
    """Open a PowerShell literal that fills its line."""
    literal = re.fullmatch(r"'(?P<text>.*)'", line)
    if literal:
        return literal["text"].replace("''", "'")
    escaped = re.fullmatch(r"\(\[Regex\]::Unescape\('(?P<text>.*)'\)\)", line)
    if escaped is None:
        return line
    units = re.sub(
        r"\\u([0-9a-f]{4})|\\(\\)", lambda found: chr(int(found[1], 16)) if found[1] else "\\", escaped["text"]
    )
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("''", "'")
