"""Records what orchestrators did in a whole run of the AWS road: `make histories`.

One file for each orchestrator, `<name>.json`: the events as the host hands them to the SDK, and the actions that
the orchestrator asked for. After a release, record anew only with a new form in shared/durable/forms.py: a history
stands for every migration that runs with the released code.
"""

import json
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.host.durable.actions import Action, read_answer
from local.host.durable.determinism import mark
from local.host.durable.instance import Instance
from local.host.durable.payload import turn_payload
from local.host.durable.sdk import run_code
from tests.e2e.stack_harness import PROTECTED, StackHarness, field_in, nobody, plan, waits_at, wave
from tests.served import functions

HISTORIES = Path(__file__).parent
LOOK = {"name": "look", "manual": "See that they run.", "during": ["failover", "testFailover"]}
HANDLES = {each.get_function_name(): each.get_user_function() for each in functions()}


@dataclass(frozen=True)
class History:
    """One instance: who it was, what happened to it, and what it asked for."""

    orchestrator: str
    instance: str
    version: str | None
    given: str | None
    events: list[dict[str, Any]]
    actions: list[str]

    def replayed(self) -> list[str]:
        """Give the actions for which today's code asks over the same events."""
        lone = Instance(1, self.instance, self.orchestrator, self.version, "", "Running", "", self.given)
        text = ",".join(json.dumps(event) for event in self.events)
        with warnings.catch_warnings():
            # an event that nobody waits for any more is dropped; the SDK warns of it (the host silences it, too)
            warnings.filterwarnings("ignore", message="Potential duplicate Task completion")
            answer = read_answer(run_code(HANDLES[self.orchestrator], turn_payload(lone, text)))
        assert not answer.is_broken, answer.error
        return [signature(action) for action in answer.actions]

    def write(self) -> None:
        """Keep it as a file."""
        path = HISTORIES / f"{self.orchestrator}.json"
        events = ",\n".join(json.dumps(event, separators=(",", ":")) for event in self.events)
        actions = ",\n".join(json.dumps(action) for action in self.actions)
        about = json.dumps({"instance": self.instance, "version": self.version, "given": self.given})
        path.write_text(f'{about[:-1]},\n"events":[\n{events}],\n"actions":[\n{actions}]}}\n')


def signature(action: Action) -> str:
    """Give what Durable Task compares of an action: kind and name; and the id of a child, which others may wait for."""
    child = action.get("instanceId")
    return f"{mark(action)} as {child}" if child else mark(action)


def kept(folder: Path = HISTORIES) -> list[History]:
    """Give the recorded histories of a folder."""
    return [History(orchestrator=path.stem, **json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))]


def recorded(database: Path) -> Iterator[History]:
    """Give one instance of each orchestrator, an ended one where there is one: the one that saw the most events."""
    with closing(sqlite3.connect(database)) as opened:
        query = (
            "SELECT name,id,version,input,seq,(SELECT COUNT(*) FROM history WHERE instance=seq) AS length FROM instances "
            "WHERE status IN ('Completed', 'Running') ORDER BY status, length DESC, seq"  # the watcher may go on
        )
        seen: set[str] = set()
        for name, instance, version, given, seq, length in opened.execute(query).fetchall():
            if name in seen or not length:  # one that was only just started has nothing to show yet
                continue
            rows = opened.execute("SELECT text FROM history WHERE instance=? ORDER BY position", (seq,))
            events = [json.loads(text) for (text,) in rows]
            if not events:  # the host goes on meanwhile: this one began anew, or was purged
                continue
            seen.add(name)
            bare = History(name, instance, version, given, events, [])
            yield History(**(vars(bare) | {"actions": bare.replayed()}))


def play(field: StackHarness) -> None:
    """Walk the whole road with gates that people answer, and as recovery plans; then take a machine back."""
    manual = {"test": "manual", "cutover": "manual"}
    second = wave("second", "m2", protectTarget=PROTECTED)
    own = {"targetScripts": [{"name": "dns", "when": "both", "script": "exit 0"}], "verify": [{"command": "true"}]}
    field.play(field.start(plan("arriving", wave("first", "m1", gates=manual, **own), second)))
    planned = {"mode": "recoveryPlan"}
    together = wave("one", "m4", "m5", test=planned, cutover=planned | {"actions": [LOOK]})
    field.play(field.start(plan("together", together)))
    returning = field.start(plan("returning", wave("only", "m3", gates={"test": "skip", "cutover": "manual"})))
    field.play(returning, nobody("cutover"), until=waits_at("cutover"))
    field.door.command(returning, "cancel")
    field.play(returning)


def main() -> None:
    """Record everything anew."""
    with tempfile.TemporaryDirectory() as folder, field_in(Path(folder)) as field:
        play(field)
        for history in recorded(Path(folder, "host", "durable.sqlite")):
            history.write()


if __name__ == "__main__":
    main()
