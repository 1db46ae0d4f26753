"""One wrapper for every script that runs inside a machine: what it came to is told by the last line of its output.

The agents that run scripts for us do not tell alike: Azure's says success for every script on Linux, AWS's says success for
a PowerShell script whose last program failed and restarts the machine after certain exit codes. So a script is written to a
file in a folder of its own, run as a program (on Linux by its own first line), and the mark with its exit code follows.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from shlex import quote

from pydantic import Field

from shared.guest_scripts.powershell import as_literal, as_strings
from shared.ids import short_hash
from shared.models import Model

FOLDER = Path(__file__).resolve().parent
NOT_STARTED = "not-started"
TIMED_OUT = 124  # the exit code of a script that was ended because its time was up, as `timeout` has it
KILLED_AFTER = 10  # seconds that a script on Linux gets to end by itself then
BYTE_ORDER_MARK = "\ufeff"


class Channel(Model):
    """A way into machines: what its agent takes, and what it brings back."""

    shown: int = Field(description="bytes that it brings back of each output, of which the mark needs some")
    failed: int = Field(description="the exit code that a script which failed may leave for it")
    largest: int = Field(default=64_000, description="bytes of script that it takes, with the wrapper around it")


# GetCommandInvocation keeps the first 24,000 characters of each output, and 194 or 3010 would restart the machine.
SYSTEMS_MANAGER = Channel(shown=20_000, failed=1)
# Run command keeps the last 4,096 bytes of each output; on Windows a script that fails once lost its output.
RUN_COMMAND = Channel(shown=3_500, failed=0)


class GuestScript(Model):
    """A script to run inside a machine."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$", description="what its file is called there, without a suffix")
    text: str
    arguments: Mapping[str, str] = Field(
        default_factory=dict, description="by name, in kebab-case: `--free-mb 9` on Linux, `-FreeMb 9` on Windows"
    )
    files: Mapping[str, str] = Field(
        default_factory=dict, description="texts beside it, by file name; their folder is in AZFERRY_FILES"
    )
    environment: Mapping[str, str] = Field(
        default_factory=dict, description="what it finds in its environment, by name"
    )
    timeout: int = Field(default=0, description="seconds after which it is ended, with all that it started; 0 = never")


class ScriptEnd(Model):
    """What a script came to; no code = it did not come to its end, or never began."""

    code: int | None = None
    started: bool = True
    stdout: str = Field(default="", description="what it printed, without the mark")


def wrap(script: GuestScript, channel: Channel, nonce: str, *, windows: bool) -> tuple[str, ...]:
    """Give the lines to send; `nonce` is what only this run's mark carries."""
    text = (_powershell if windows else _shell)(script, nonce)
    values = {"NAME": script.name, "MARK": _mark(nonce), "SHOWN": str(channel.shown), "FAILED": str(channel.failed)}
    values |= {"LIMIT": str(script.timeout * 1_000 or -1), "TIMEDOUT": str(TIMED_OUT)}
    return tuple(filled(text, values).split("\n"))


def end_of(stdout: str, nonce: str) -> ScriptEnd:
    """Read from the output what the script came to: the last mark counts."""
    found = list(re.finditer(rf"^{_mark(nonce)} (-?[0-9]+|{NOT_STARTED})[ \r]*$", stdout, re.MULTILINE))
    if not found:
        return ScriptEnd(stdout=stdout)
    last = found[-1]
    remaining = (stdout[: last.start()].removesuffix("\n") + stdout[last.end() :]).rstrip("\r\n")
    if last[1] == NOT_STARTED:
        return ScriptEnd(started=False, stdout=remaining)
    return ScriptEnd(code=int(last[1]), stdout=remaining)


def size(lines: tuple[str, ...]) -> int:
    """Give the bytes that lines take on the way to an agent."""
    return sum(len(line.encode("utf-8", "surrogatepass")) + 1 for line in lines)


def _mark(nonce: str) -> str:
    return f"azferry-end {nonce}"


def filled(text: str, values: Mapping[str, str]) -> str:
    """Fill `%NAME%` and its like; what is filled in is not looked at again."""
    return re.sub(r"%([A-Z]+)%", lambda found: values.get(found[1], found[0]), text)


def cleaned(text: str) -> str:
    """Take off what editors on Windows leave: carriage returns and a byte order mark; blank lines before a `#!` line."""
    plain = text.removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n").removesuffix("\r")
    return plain.lstrip() if plain.lstrip().startswith("#!") else plain


def _shell(script: GuestScript, nonce: str) -> str:
    text = cleaned(script.text)
    files = {f"files/{name}": content for name, content in script.files.items()} | {script.name: text}
    folder = ['mkdir "$azferry_folder/files" || azferry_end not-started'] if script.files else []
    parts = [*folder, *(_written(name, content, nonce) for name, content in files.items())]
    parts += [f"export {name}={quote(value)}" for name, value in script.environment.items()]
    arguments = [quote(word) for name, value in script.arguments.items() for word in (f"--{name}", value)]
    limit = ('"$@"',) if script.timeout else ()
    if script.timeout:  # a machine without `timeout` runs the script as long as its agent lets it
        parts.append(f"command -v timeout >/dev/null && set -- timeout -k {KILLED_AFTER} {script.timeout}")
    call = " ".join([*limit, *interpreter(text), f'"$azferry_folder/{script.name}"', *arguments])
    return _template("linux.sh", FILES="\n".join(parts), CALL=call)


def interpreter(text: str) -> tuple[str, ...]:
    """Give the words that run a script, as the kernel reads its first line: a program and at most one argument.

    The program is called by name, so that a script also runs where its folder may hold no programs (noexec).
    """
    first = text.split("\n", 1)[0]
    words = first.removeprefix("#!").strip(" \t").split(None, 1) if first.startswith("#!") else []
    return tuple(quote(word) for word in words) or ("/bin/sh",)


def _written(name: str, text: str, nonce: str) -> str:
    """Write a text as it stands: no line of it can end the here-document."""
    ends = f"AZFERRY-{nonce}"
    while ends in text:
        ends = f"AZFERRY-{short_hash(ends + text)}"
    path = f'"$azferry_folder"/{quote(name)}'
    return f"cat >{path} <<'{ends}' || azferry_end not-started\n{text.removesuffix(chr(10))}\n{ends}"


def _powershell(script: GuestScript, nonce: str) -> str:  # noqa: ARG001 - as `_shell`
    pairs = {_pascal(name): value for name, value in script.arguments.items()}
    hashtable = "; ".join(f"{as_literal(name)} = {as_literal(value)}" for name, value in pairs.items())
    run = _template("run.ps1", NAME=script.name, ARGUMENTS=f"@{{ {hashtable} }}")
    files = {f"files/{name}": content for name, content in script.files.items()}
    files |= {f"{script.name}.ps1": cleaned(script.text), "run.ps1": run}
    parts = [f"Write-File {as_literal(name)} @(\n{as_strings(content)}\n)" for name, content in files.items()]
    parts += [f"$env:{name} = {as_literal(value)}" for name, value in script.environment.items()]
    return _template("windows.ps1", FILES="\n".join(parts))


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


def _template(name: str, **values: str) -> str:
    return filled((FOLDER / name).read_text(encoding="utf-8").removesuffix("\n"), values)
