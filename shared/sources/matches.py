"""What selections look at, from the facts of a machine that was read."""

from shared.concerns.source_facts import SourceFacts
from shared.plan.selection import SourceMatch


def match_of(facts: SourceFacts) -> SourceMatch:
    """Give what an entry of a plan may select a machine by."""
    cards = facts.nics or ()
    return SourceMatch(
        instance_id=facts.instance_id,
        name=facts.name or "",
        private_ip=facts.private_ip or "",
        tags=facts.tags or {},
        more_ips=tuple(each for card in cards for each in (card.ip or "", *card.other_ips) if each),
    )
