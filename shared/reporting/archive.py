"""Which migrations are listed: those that run, the archive of those that ended, and what stays of these for how long."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Self

from shared.ledger.migration_row import MigrationRow
from shared.models import Model
from shared.problems import UnreadableRequest
from shared.settings import settings
from shared.states import MigrationStatus, Outcome

LONGEST: Final = 200  # characters that are searched for
YES_OR_NO: Final = {"": None, "true": True, "false": False}


class MigrationFilter(Model):
    """What is looked for; what is empty holds nothing back."""

    ended: bool | None = None
    outcomes: tuple[Outcome, ...] = ()
    find: str = ""
    after: datetime | None = None
    before: datetime | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """Read it from a query. Raises `UnreadableRequest`."""
        ended, find = query.get("ended", ""), query.get("find", "")
        outcomes = [each for each in query.get("outcome", "").split(",") if each]
        unknown = set(outcomes) - {each.value for each in Outcome if each.value}
        if ended not in YES_OR_NO or unknown or len(find) > LONGEST:
            raise UnreadableRequest(
                f"ended is true or false, outcome one or more of {', '.join(each for each in Outcome if each)}, "
                f"find at most {LONGEST} characters"
            )
        return cls(
            ended=YES_OR_NO[ended],
            outcomes=tuple(Outcome(each) for each in outcomes),
            find=find.casefold(),
            after=_moment(query.get("after", "")),
            before=_moment(query.get("before", "")),
        )

    def fits(self, row: MigrationRow) -> bool:
        """Tell whether a migration is looked for; one that ended counts by its end, another by its start."""
        at = row.ended_at or row.started_at
        return (
            (self.ended is None or self.ended == (row.status == MigrationStatus.ENDED))
            and (not self.outcomes or row.outcome in self.outcomes)
            and (not self.find or any(self.find in text.casefold() for text in (row.id, row.plan, row.started_by)))
            and (self.after is None or (at is not None and at >= self.after))
            and (self.before is None or (at is not None and at < self.before))
        )


def _moment(text: str) -> datetime | None:
    """Read a day or a moment; without a zone it is UTC. Raises `UnreadableRequest`."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UnreadableRequest(f"{text[:40]} is no day or moment such as 2026-11-21 or 2026-11-21T22:00Z") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def kept() -> str:
    """Say what stays of migrations that ended, and for how long."""
    days = settings().keep_histories
    histories = f"for {days} days after a round has closed" if days else "for good"
    return (
        "Machines, events, decisions, plans, reports and evidence packs stay until somebody deletes the app's storage; "
        f"histories of orchestrations, which only repairs read, stay {histories}."
    )
