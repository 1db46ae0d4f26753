"""Whether an activity outlives every death: it dies around each of its writes in turn and is called again."""

import json
import re
from collections.abc import Callable
from difflib import unified_diff
from itertools import count
from typing import Any

from shared.coordination import gates, waits
from shared.ledger import events, machines, migrations, waves
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness

MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T[0-9:.]+(Z|\+00:00)?| \d\d:\d\d UTC)")


def ledger_text(ferry: MigrationHarness) -> str:
    """Everything that the ledger says of a migration, without its moments and its name."""
    rows = [
        migrations.get(ferry.migration),
        *machines.list(ferry.migration),
        *waves.list(ferry.migration),
        *gates.TABLE.of(ferry.migration),
        *waits.of_migration(ferry.migration),
    ]
    happened = [each.model_dump(mode="json", exclude={"at"}) for each in events.TABLE.of(ferry.migration)]
    text = json.dumps([row.model_dump(mode="json", exclude={"plan_hash"}) for row in rows if row], indent=1)
    text += "\n" + "\n".join(sorted(json.dumps(each) for each in happened))
    for name, instance in ferry.instances.items():
        text = text.replace(instance, f"i-{name}")
    return MOMENT.sub(
        "then", text.replace(ferry.migration, "migration").replace(ferry.migration.partition(".")[0], "plan")
    )


def outlives_every_death(
    dying: Callable[..., Dying], fresh: Callable[[], Callable[[], Any]], seen: Callable[[], str]
) -> None:
    """Call what `fresh` gives, undisturbed first, then dying behind each write and called again: what is seen
    afterwards is the same.

    Whoever dies before a write leaves what one leaves who died behind the write before it, so each place is tried once.
    """
    fresh()()
    wanted = seen()
    for write in count(1):
        act = fresh()
        with dying(write, after=True) as death:
            act()
        if not death.came:
            assert write > 1, "it wrote nothing at all"
            break
        act()
        assert not difference(wanted, seen()), f"died after {death.writes[-1]}"


def difference(wanted: str, found: str) -> list[str]:
    """The lines that differ."""
    changes = unified_diff(wanted.splitlines(), found.splitlines(), "undisturbed", "died", n=0, lineterm="")
    return [line for line in changes if not line.startswith("@@")]
