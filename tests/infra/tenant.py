"""A tenant that remembers what `az` told it, and an environment of azd: both as far as the scripts know them.

What stands on the path are shells that hand their words to this process: the scripts call hundreds, and a Python for each took
most of their tests' time.
"""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Outcome = tuple[int, list[str]]  # exit code, lines
# Its words go out with their number, each ended by NUL; what comes back is the exit code and what it prints.
COMMAND = """#!/usr/bin/env bash
exec 3<>/dev/tcp/127.0.0.1/{port}
printf '%s\\0' "$#" "${{0##*/}}" "$@" >&3
IFS= read -r code <&3
IFS= read -r -d '' printed <&3
printf '%s' "$printed"
exit "$code"
"""
FRESH = {"apps": 0, "sp": 0, "uris": [], "calls": []}


def kept(at: Path, fresh: dict[str, Any]) -> dict[str, Any]:
    """Give what stands in a file."""
    return json.loads(at.read_text()) if at.exists() else json.loads(json.dumps(fresh))


def after(words: list[str], option: str) -> list[str]:
    """Give the words after an option."""
    return words[words.index(option) + 1 :]


def az(at: Path, words: list[str]) -> Outcome:
    """Do what one call of `az` asks; its state stands in a file, with what it refuses and where it dies."""
    state, line = kept(at, FRESH), " ".join(words)
    state["calls"].append(line)
    try:
        if any(each in line for each in state.get("refuses", ())):
            return 1, []
        if line.startswith("ad sp show") and not state["sp"]:
            return 3, []
        lines = next((answer(state, line, words) for start, answer in ANSWERS if line.startswith(start)), [])
        if state.get("dies_at", "nothing") in line:  # its answer is lost, and what it did stays
            state["dies_at"] = "nothing"
            return 1, []
        return 0, lines
    finally:
        at.write_text(json.dumps(state))


def _account(_: Any, line: str, words: list[str]) -> list[str]:
    return ["11111111-1111-1111-1111-111111111111"] if words[1] == "show" else []


def _app(state: Any, line: str, words: list[str]) -> list[str]:
    match words[2]:
        case "list":
            return ["app-id"] * state["apps"]
        case "create":
            state["apps"] += 1
            return ["app-id"]
        case "show":
            return state.get("leads" if "redirectUris" in line else "uris") or []
        case "update" if "--identifier-uris" in words:
            state["uris"] = after(words, "--identifier-uris")
        case "update" if "--web-redirect-uris" in words:
            state["leads"] = after(words, "--web-redirect-uris")
    return []


def _principal(state: Any, line: str, words: list[str]) -> list[str]:
    state["sp"] += words[2] == "create"
    return ["sp-id"] if words[2] == "show" else []


def _person(state: Any, line: str, words: list[str]) -> list[str]:
    return ["ada-id"]


def _graph(state: Any, line: str, words: list[str]) -> list[str]:
    if "appRoleAssignedTo" not in line:
        return []
    if "--method POST" not in line:
        return state.get("assigned", [])
    state["assigned"] = [json.loads(after(words, "--body")[0])["principalId"]]
    return []


def _provider(state: Any, line: str, words: list[str]) -> list[str]:
    if words[1] == "show":
        return [state.get("provider", "NotRegistered")]
    state["provider"] = "Registered"
    return []


def _assignments(state: Any, line: str, words: list[str]) -> list[str]:
    if words[2] == "list":
        return state.get("given", {}).get(after(words, "--subscription")[0], [])
    gone = after(words, "--ids")
    state["given"] = {name: [each for each in ids if each not in gone] for name, ids in state["given"].items()}
    return []


def _definitions(state: Any, line: str, words: list[str]) -> list[str]:
    if words[2] == "list":
        return state.get("roles", [])
    state["roles"].remove(words[-1])
    return []


ANSWERS: tuple[tuple[str, Callable[[Any, str, list[str]], list[str]]], ...] = (
    ("account ", _account),
    ("ad app ", _app),
    ("ad sp ", _principal),
    ("ad signed-in-user show", _person),
    ("rest ", _graph),
    ("provider ", _provider),
    ("role assignment ", _assignments),
    ("role definition ", _definitions),
)


def azd(at: Path, words: list[str]) -> Outcome:
    """Set a value, or give it: what a hook sets is what the next one is given."""
    values = kept(at, {})
    if words[:2] == ["env", "set"]:
        at.write_text(json.dumps(values | {words[2]: words[3]}))
    elif words[:2] == ["env", "get-value"]:
        found = values.get(words[2])
        return (0, [found]) if words[2] in values else (1, ["ERROR: key not found in the environment values"])
    return 0, []


class _Call(socketserver.StreamRequestHandler):
    """One call of a command."""

    def handle(self) -> None:
        count = int(self._word())
        name, *words = [self._word() for _ in range(count + 1)]
        code, lines = self.server.commands[name](words)
        self.wfile.write("".join(f"{line}\n" for line in (code, *lines)).encode())

    def _word(self) -> str:
        word = b""
        while not word.endswith(b"\0"):
            word += self.rfile.read(1) or b"\0"
        return word[:-1].decode()


@contextmanager
def on_path(folder: Path) -> Iterator[Path]:
    """Answer `az` and `azd` in `folder/bin` until the block ends; gives the file of the tenant's state."""
    state = folder / "tenant.json"
    (folder / "bin").mkdir()
    with socketserver.TCPServer(("127.0.0.1", 0), _Call) as server:
        server.commands = {
            "az": lambda words: az(state, words),
            "azd": lambda words: azd(folder / "azd.json", words),
        }
        for name in server.commands:
            command = folder / "bin" / name
            command.write_text(COMMAND.format(port=server.server_address[1]))
            command.chmod(0o755)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
