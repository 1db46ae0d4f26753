"""Before the stop: the proof can take an hour, so what stands by itself at the target is looked at a last time behind it.

Room (quota, addresses) is not counted here: machines of the same cohort are on their way, and Azure counts some of them already.
"""

from typing import Final

from activities.facts.before_cutover import case_of_cohort, in_words, refusals
from activities.planned import Planned
from activities.reading_target import read_for_cutover
from shared.concerns.facts import TargetFacts
from shared.plan.model import Plan
from shared.problems import Refused
from shared.requests import Cohort, Look, at
from shared.site_recovery.remembered import Remembered

COUNTED: Final = frozenset({"cores-quota", "regional-cores-quota", "subnet-full"})
_READ = Remembered[TargetFacts]()


def refuse_what_would_fail(look: Look, machine: Planned) -> None:
    """Raise `Refused` where Azure would refuse the machine now: its source is on, and its services are started again.

    Proofs of one minute in one wave share one reading; what cannot be read refuses nobody.
    """
    case = case_of_cohort(at(look, Cohort), (), [machine.row], lambda plan: _read(look, plan))
    found = [one for one in refusals(at(look, Cohort), case, [machine.row])[look.machine] if one.id not in COUNTED]
    if found:
        raise Refused(
            f"Azure would refuse {look.machine} now: {in_words(found)}",
            id="target-would-refuse",
            title="The target changed while the source rested",
            advice="The source was not stopped. Put right what is named, then retry.",
        )


def _read(look: Look, plan: Plan) -> TargetFacts:
    """Read the target of one machine, or take what one of its wave with the same target read in this minute."""
    own = [entry.target.resource_group for _, entry in plan.entries()]
    key = f"{look.migration}/{look.wave}/{look.now:%Y%m%dT%H%M}/{own}"
    return _READ.of(key, lambda: read_for_cutover(plan)) or TargetFacts()
