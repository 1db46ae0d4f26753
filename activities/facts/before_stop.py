"""Before the stop: the proof can take an hour, so what stands by itself at the target is looked at a last time behind it.

Room (quota, addresses) is not counted here: machines of the same cohort are on their way, and Azure counts some of them already.
"""

from typing import Final

from activities.facts.before_cutover import case_of_cohort, in_words, refusals
from activities.facts.target_facts import read_for_cutover
from shared.concerns.target_facts import TargetFacts
from shared.contracts.cohorts import Cohort
from shared.contracts.requests import Poll, scoped_as
from shared.ledger.machine_context import MachineContext
from shared.plan.model import Plan
from shared.problems import Refused
from shared.site_recovery.remembered import Remembered

COUNTED: Final = frozenset({"cores-quota", "regional-cores-quota", "subnet-full"})
_READ = Remembered[TargetFacts]()


def refuse_what_would_fail(poll: Poll, machine: MachineContext) -> None:
    """Raise `Refused` where Azure would refuse the machine now: its source is on, and its services are started again.

    Proofs of one minute in one wave share one reading; what cannot be read refuses nobody.
    """
    case = case_of_cohort(scoped_as(poll, Cohort), (), [machine.row], lambda plan: _read(poll, plan))
    found = [
        each for each in refusals(scoped_as(poll, Cohort), case, [machine.row])[poll.machine] if each.id not in COUNTED
    ]
    if found:
        raise Refused(
            f"Azure would refuse {poll.machine} now: {in_words(found)}",
            id="target-would-refuse",
            title="The target changed while the source rested",
            advice="The source was not stopped. Put right what is named, then retry.",
        )


def _read(poll: Poll, plan: Plan) -> TargetFacts:
    """Read the target of one machine, or take what one of its wave with the same target read in this minute."""
    own = [entry.target.resource_group for _, entry in plan.entries()]
    key = f"{poll.migration}/{poll.wave}/{poll.now:%Y%m%dT%H%M}/{own}"
    return _READ.of(key, lambda: read_for_cutover(plan)) or TargetFacts()
