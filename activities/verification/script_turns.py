"""The plan's own scripts on a VM in Azure: whose turn it is, what a run is called there, and what is sent."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shared import ids
from shared.azure import managed_commands
from shared.azure.compute import Vm
from shared.contracts.requests import Verification
from shared.guest_scripts.wrapper import RUN_COMMAND, GuestScript, wrap
from shared.ledger.evidence import ScriptRun, ScriptState
from shared.ledger.machine_context import MachineContext
from shared.ledger.machine_row import MachineRow
from shared.plan.target_scripts import TargetScript, due

LATER: Final = timedelta(seconds=60)  # that Azure gives a script beyond what the plan does: its wrapper ends it before


@dataclass(frozen=True)
class Turn:
    """A script whose turn it is on a VM."""

    poll: Verification
    machine: MachineContext
    vm: Vm
    script: TargetScript
    number: str

    @property
    def stage(self) -> str:
        """Where it runs, as the script finds it in its environment."""
        return "rehearsal" if self.poll.test else "cutover"

    @property
    def key(self) -> str:
        """Under which the ledger keeps how it ran."""
        return f"{self.stage}.{self.script.name}"

    @property
    def command(self) -> str:
        """What its run is called in Azure: another one in each round."""
        return f"azferry-{self.script.name}-{ids.short_hash(f'{self.poll.key}.{self.script.name}')}"

    @property
    def label(self) -> str:
        """What people call it."""
        where = "the test copy of " if self.poll.test else ""
        return f"script {self.script.name} ({self.number}) on {where}{self.poll.machine}"

    @property
    def first_run(self) -> ScriptRun:
        """Give its run of this round, as it is written down before Azure hears of it."""
        return ScriptRun(
            name=self.script.name,
            test=self.poll.test,
            vm=self.vm.vm_id,
            command=self.command,
            since=self.poll.now,
        )

    def latest(self, row: MachineRow) -> ScriptRun | None:
        """Give how it ran on this very VM the last time; None where it did not."""
        known = row.evidence.target_scripts.get(self.key)
        return known if known is not None and known.vm == self.vm.vm_id else None

    def is_over(self, run: ScriptRun) -> bool:
        """Whether it is through in this round: a retry runs again what failed."""
        return run.state == ScriptState.SUCCEEDED or (run.state == ScriptState.FAILED and run.command == self.command)

    def put(self, run: ScriptRun) -> None:
        """Have Azure run it under the run's name; putting it again runs it no second time."""
        windows = self.vm.os_type.lower() == "windows"
        lines = wrap(self._guest_script(), RUN_COMMAND, nonce_of(run), windows=windows)
        seconds = int((self.script.timeout + LATER).total_seconds())
        managed_commands.put_command(self.vm, run.command, lines, seconds)

    def _guest_script(self) -> GuestScript:
        return GuestScript(
            name=f"target-{self.script.name}",
            text=self.script.script,
            timeout=int(self.script.timeout.total_seconds()),
            environment={"AZFERRY_MACHINE": self.poll.machine, "AZFERRY_RUN": self.stage},
        )


def turns_of(poll: Verification, machine: MachineContext, vm: Vm) -> tuple[Turn, ...]:
    """Give the scripts that are to run on a VM, in the plan's order."""
    scripts = due(machine.wave.target_scripts_of(machine.entry), vm.os_type.lower(), test=poll.test)
    return tuple(Turn(poll, machine, vm, each, f"{number} of {len(scripts)}") for number, each in enumerate(scripts, 1))


def nonce_of(run: ScriptRun) -> str:
    """Give what the mark of a run carries."""
    return ids.short_hash(run.command)
