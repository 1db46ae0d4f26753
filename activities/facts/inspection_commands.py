"""Sending the commands of an inspection: once each, and in halves where AWS refuses one for a single one of its instances."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from shared import ids
from shared.contracts.inspections import SentInspection
from shared.contracts.requests import Poll
from shared.guest_scripts.wrapper import Channel, GuestScript, wrap
from shared.ledger import events
from shared.models import Model
from shared.problems import CloudRefused, ProblemData
from shared.sources.aws import ssm
from shared.sources.aws.session import AwsPlace
from shared.sources.aws.ssm import SsmScript

RUNS_FOR = 300  # seconds
# ListCommandInvocations keeps the first 2,500 characters of an output (documented), errors behind it.
IN_A_LIST = Channel(shown=1_000, failed=1)
# One bad instance in 50 is found with 7 refusals. A role that may send nothing at all must not cost many.
HALVED_AT_MOST = 40


class Wanted(Model):
    """One command: what it is called, on which instances, the script, and whether it runs on a road's server."""

    name: str
    instances: tuple[str, ...]
    script: GuestScript
    server: bool = False

    @property
    def halves(self) -> tuple["Wanted", "Wanted"]:
        """Give the same for each half of the instances; a repeated attempt gives the same halves the same names."""
        middle = (len(self.instances) + 1) // 2
        first, second = self.instances[:middle], self.instances[middle:]
        return self.replace(name=f"{self.name}a", instances=first), self.replace(name=f"{self.name}b", instances=second)


@dataclass(frozen=True)
class InspectionSender:
    """Where the commands of one road are sent, and those that an earlier attempt sent, by their tokens."""

    look: Poll
    place: AwsPlace
    section: str
    known: Mapping[str, str]

    def send(self, wanted: Iterable[Wanted]) -> Iterator[SentInspection]:
        """Send each once. SendCommand is refused whole for one bad instance, so a refused one is sent in halves.

        Instances that are left stay unknown, and one event for each command names them. Raises `Busy`.
        """
        waiting, left = deque(wanted), HALVED_AT_MOST
        refused: list[tuple[Wanted, ProblemData]] = []
        while waiting:
            command = waiting.popleft()
            try:
                yield self._send(command)
            except CloudRefused as refusal:
                if len(command.instances) > 1 and left > 0:
                    left -= 1
                    waiting.extend(command.halves)
                else:
                    refused.append((command, refusal.facts))
        self._tell(refused)

    def _send(self, wanted: Wanted) -> SentInspection:
        token = ids.command_token(self.look.key, wanted.name)
        nonce = ids.short_hash(token)
        made = SsmScript(
            instance="",
            windows=True,
            lines=wrap(wanted.script, IN_A_LIST, nonce, windows=True),
            token=token,
            since=self.look.since,
            timeout=RUNS_FOR,
        )
        command = self.known.get(token) or ssm.send_to_many(self.place, wanted.instances, made)
        return SentInspection(section=self.section, command=command, nonce=nonce, server=wanted.server)

    def _tell(self, refused: Iterable[tuple[Wanted, ProblemData]]) -> None:
        for command, facts in refused:
            text = f"{', '.join(command.instances)}: no command could be run: {facts.detail}"
            events.write(self.look, f"{command.name}-refused", text)
