"""Freezes what a build leaves behind, for later builds to read: `python -m tests.upgrade.recording NAME`, in a checkout of that build.

It plays real migrations on the local stack with that build's code, and stops in the middle of one. Kept are the backup that
the build itself writes then (every table and blob), and the histories of all its instances, those that run and those that
have ended. An older checkout borrows this file: `cd OLD && PYTHONPATH=OLD python NEW/tests/upgrade/recording.py NAME`.
"""

import json
import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

EARLIEST = (1980, 1, 1, 0, 0, 0)
SETS = Path(__file__).parent / "sets"
MOST_EVENTS = 400  # of an instance: longer ones show nothing that shorter ones do not
ENOUGH = 3  # instances of an orchestrator


def main(name: str) -> None:
    """Play, and keep what was written."""
    from tests.e2e.stack_harness import field_in, nobody, plan, waits_at, wave  # noqa: PLC0415 - of the build that is recorded

    with tempfile.TemporaryDirectory() as folder, field_in(Path(folder)) as field:
        manual = {"test": "manual", "cutover": "manual"}
        field.play(field.start(plan("arrived", wave("first", "m1", gates=manual))))
        returning = field.start(plan("returned", wave("only", "m3", gates={"test": "skip", "cutover": "manual"})))
        field.play(returning, nobody("cutover"), until=waits_at("cutover"))
        field.door.command(returning, "cancel")
        field.play(returning)
        planned = {"mode": "recoveryPlan"}
        halfway = field.start(plan("halfway", wave("one", "m4", "m5", gates=manual, test=planned, cutover=planned)))
        field.play(halfway, nobody("cutover"), until=waits_at("cutover"))
        keep(name, Path(folder, "host", "durable.sqlite"), field.stack.places.storage)


def keep(name: str, database: Path, storage: str) -> None:
    """Write the set: the same names and bytes for the same contents."""
    SETS.mkdir(exist_ok=True)
    with ZipFile(SETS / f"{name}.zip", "w") as archive:
        for path, body in sorted({**backup_of(storage), **histories_of(database)}.items()):
            archive.writestr(ZipInfo(path, EARLIEST), body, ZIP_DEFLATED, 9)


def backup_of(storage: str) -> dict[str, bytes]:
    """Give the files of the backup that the build writes."""
    os.environ["AZFERRY_STORAGE"] = storage
    from shared import clock  # noqa: PLC0415 - of the build that is recorded
    from shared.backup.exporting import export  # noqa: PLC0415 - see above
    from shared.storage.tables import backup_container  # noqa: PLC0415 - see above

    made = export(clock.now())
    container = backup_container()
    names = [each for each in container.list_blob_names() if each.startswith(f"{made.name}/")]
    return {f"backup/{each}": container.download_blob(each).readall() for each in names}


def histories_of(database: Path) -> dict[str, bytes]:
    """Give what happened to some instances of each orchestrator, the running ones first, and what they asked for."""
    from tests.orchestrators.histories.recording import History  # noqa: PLC0415 - of the build that is recorded

    found: dict[str, bytes] = {}
    query = "SELECT name,id,version,input,seq FROM instances WHERE status IN ('Completed','Running') ORDER BY status DESC,seq"
    with closing(sqlite3.connect(database)) as opened:
        for orchestrator, instance, version, given, seq in opened.execute(query).fetchall():
            rows = opened.execute("SELECT text FROM history WHERE instance=? ORDER BY position", (seq,))
            events = [json.loads(text) for (text,) in rows]
            number = sum(each.startswith(f"histories/{orchestrator}.") for each in found)
            if events and len(events) <= MOST_EVENTS and number < ENOUGH:
                bare = History(orchestrator, instance, version, given, events, [])
                whole = {**vars(bare), "actions": bare.replayed()}
                found[f"histories/{orchestrator}.{number}.json"] = json.dumps(whole, separators=(",", ":")).encode()
    return found


if __name__ == "__main__":
    main(sys.argv[1])
