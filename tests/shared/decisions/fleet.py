"""A small fleet that is really migrated in virtual time: the product's own orchestrators, activities, gates and ledger.

Only what would ask a cloud is played. People, failures, deaths of the host and closing windows come from the test;
`check` says what must hold after each of them.
"""

import asyncio
import json
import shlex
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import cache
from importlib import import_module
from itertools import count
from types import SimpleNamespace
from typing import Any

from shared.contracts.requests import Submitted
from shared.contracts.rounds import Members, Round
from shared.coordination import gates, waits
from shared.coordination.decision import Decision, Verdict
from shared.coordination.gate_row import GateRow
from shared.decisions import rounds
from shared.decisions.change_steps import finish
from shared.decisions.changing import change_plan
from shared.decisions.deciding import cut_over_now, decide, skip
from shared.decisions.pausing import pause, resume
from shared.decisions.people import Role, played
from shared.decisions.steered import CommandOutcome, said_by
from shared.durable.seam import read
from shared.ids import round_of
from shared.intake.register import take_in
from shared.ledger import machines, migrations, plans
from shared.ledger.expanded_plans import save_expanded
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_row import MigrationRow
from shared.models import Done, Scope
from shared.plan.model import Plan
from shared.problems import Busy, Problem, Refused
from shared.states import ASIDE, GIVEN_UP, TERMINAL, MachineState, MigrationStatus, Outcome
from tests.activities.migration_harness import ACTIVITIES, BODY, SERVED, WITH_CLIENT, plan_of
from tests.gate_answers import spoken
from tests.orchestrators.happy_path import bodies, happy_stage
from tests.play import Stage
from tests.storage_in_memory import Died, Tables

S = MachineState
NAMES = ("a", "b", "c")
REAL = (
    "enter", "leave", "begin_round", "list_members", "list_finalized", "list_round", "end_wave", "end_round", "end_road",
    "poll_approval", "poll_gate", "close_gate", "poll_dependencies", "poll_window", "begin_cutover", "take_slots", "free_slots",
    "take_over", "mark_rolled_back", "begin_roll_back", "read_decommission", "hold_cohort", "release_cohort",
)  # fmt: skip
WALKED = (
    "initial_sync",
    "start_test_failover",
    "accept_test_vm",
    "clean_up_test_failover",
)  # the other phases before the approval decide nothing
FAILING = {"initial_sync": "poll_sync", "fail_over": "start_failover", "verify": "poll_boot"}
ADA, BOB = played("ada", [Role.OPERATOR]), played("bob", [Role.OWNER])
GATES = {"test": "manual", "cutover": "manual", "fourEyes": True, "expires": "P9D"}
WINDOW = {"start": "+PT4H", "length": "PT3H", "every": "daily", "overrun": "rollback"}
numbers = count(1)


def plan() -> Plan:
    document = plan_of(*NAMES, name=f"fleet{next(numbers)}", limits={"failureTolerance": "100%"})
    a, b, c = document["waves"][0]["machines"]
    first = {**document["waves"][0], "name": "one", "gates": GATES, "acceptance": {"timer": "PT8H"}, "machines": [a, b]}
    gated = {"test": "auto", "cutover": "manual"}
    second = {**document["waves"][0], "name": "two", "gates": gated, "cutover": {"windows": [WINDOW]}, "machines": [c]}
    finish = {"decommission": {"mode": "terminate", "grace": "P1D", "keepImage": False}}
    return Plan.model_validate(document | {"waves": [first, second], "finish": finish})


@cache
def usual_acts() -> dict[str, Callable[[Any], Any]]:
    """What activities answer when all goes well."""
    return happy_stage()._acts  # noqa: SLF001 - a stage is made for nothing else here


class Fleet:
    """Three machines in two waves, and everybody who has to do with them."""

    def __init__(self, storage: Tables) -> None:
        self.storage = storage
        self.failing: set[tuple[str, str]] = set()
        real = {name: self._real(name) for name in REAL}
        fakes = {act: self._failing(where, act) for where, act in FAILING.items()}
        own = {"announce": self._announce, "terminate_source": self._terminate, "list_members": self._members}
        own |= {"poll_sync": self._synced(fakes["poll_sync"]), "set_target": self._target_told}
        self.stage = happy_stage(**(real | fakes | own))
        self.bodies = bodies()
        made = plan()
        self.entries = made.model_dump(mode="json", by_alias=True, exclude_defaults=True)["waves"][0]["machines"]
        taken = take_in(made, ADA, self.stage.now)
        self.id = taken.migration
        save_expanded(self.id, made)
        machines.create_many(
            MachineRow(migration=self.id, name=machine.name, wave=wave.name, item_id="item", since=self.stage.now)
            for wave, machine in made.entries()
        )
        self._begin(taken.first)
        self.later(timedelta())

    # --- time and the cloud --------------------------------------------------------------------------------------------

    def later(self, span: timedelta) -> None:
        self.stage.run_until(self.stage.now + span)

    def _real(self, name: str) -> Callable[[dict[str, Any]], Any]:
        def act(wire: dict[str, Any]) -> Any:
            try:
                return self._answer(name, wire)
            except Died:
                return self._answer(name, wire)  # the host is back, and Azure runs it again

        act.is_real = True  # type: ignore[attr-defined]  # it enters a phase itself
        return act

    def _answer(self, name: str, wire: dict[str, Any]) -> Any:
        if name in WITH_CLIENT:
            body = getattr(import_module(f"activities.{WITH_CLIENT[name]}"), BODY[name])
            return asyncio.run(body(self, ACTIVITIES[name].takes.model_validate(wire)))
        answer = SERVED[name](wire)
        if "later" in answer:
            raise Busy(answer["later"]["detail"], timedelta(seconds=answer["later"]["after"]))
        return read(ACTIVITIES[name].gives, answer)

    def _members(self, wire: dict[str, Any]) -> Members:
        found: Members = self._real("list_members")(wire)
        return found.replace(prepare=tuple(phase for phase in found.prepare if phase in WALKED))

    def _failing(self, where: str, act: str) -> Callable[[dict[str, Any]], Any]:
        usual = usual_acts()[act]

        def answer(wire: dict[str, Any]) -> Any:
            if where == "fail_over":
                self._check_approved(Scope.model_validate(wire))
            if (wire.get("machine", ""), where) in self.failing:
                self.failing.discard((wire["machine"], where))
                raise Refused("the cloud said no", advice="Mend it, then retry.")
            return usual(wire)

        return answer

    def _check_approved(self, place: Scope) -> None:
        gate, row = gates.get(place.migration, place.wave, "cutover"), machines.get(place.migration, place.machine)
        decision = gate.decided(place.machine) if gate else None
        assert decision is not None, f"{place.machine} is failed over, and nobody was asked since it came to the gate"
        assert decision.verdict == "approve", f"{place.machine} is failed over, and somebody said no"
        assert row is not None
        assert row.round == place.round, f"{place.machine} is failed over by round {place.round}, which it left"
        assert row.retarget == 0, f"{place.machine} is failed over under the values of an earlier plan"
        assert row.dropped is None, f"{place.machine} is failed over, and it was dropped"

    def _synced(self, usual: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
        def answer(wire: dict[str, Any]) -> Any:
            seen = usual(wire)
            row = machines.get(wire["migration"], wire["machine"])
            return seen.replace(differs=bool(row and row.retarget)) if seen.settled else seen

        return answer

    def _target_told(self, wire: dict[str, Any]) -> Submitted:
        machines.change(Scope.model_validate(wire), retarget=0)
        return Submitted()

    def _terminate(self, wire: dict[str, Any]) -> Done:
        place = Scope.model_validate(wire)
        gate = gates.get(place.migration, place.wave, "decommission", place.machine)
        decision = gate.decided(place.machine) if gate else None
        assert decision is not None, "a source was terminated that nobody was asked for"
        assert decision.verdict == "approve", "a source was terminated that nobody gave up"
        machines.change(place, state=S.DECOMMISSIONED, waiting_for="")
        return Done()

    # --- the durable client --------------------------------------------------------------------------------------------

    async def start_new(self, name: str, instance_id: str, client_input: Any) -> str:
        if instance_id not in self.stage.instances:
            self.stage.enter(*self.bodies[name], client_input, instance_id)
        return instance_id

    async def get_status(self, instance_id: str) -> Any:
        lives = self.stage.lives(instance_id)
        return SimpleNamespace(runtime_status=SimpleNamespace(name="Running")) if lives else None

    async def raise_event(self, instance_id: str, event_name: str, _data: Any = None) -> None:
        self.stage.tell(instance_id, event_name)

    def _announce(self, wire: dict[str, Any]) -> Done:
        for each in wire.get("announcements", ()):
            self.stage.tell(each["instance"], each["event"])
        return Done()

    def _begin(self, request: Round) -> None:
        purpose = "migrate" if request.purpose == "migrate" else "roll_back"
        root = rounds.root_of(request.migration, request.round, request.purpose)
        if root not in self.stage.instances:
            self.stage.enter(*self.bodies[purpose], request.model_dump(mode="json", by_alias=True), root)

    # --- people --------------------------------------------------------------------------------------------------------

    def command(self, act: Callable[[], CommandOutcome]) -> Problem | None:
        """Give a command; what is refused changes nothing, and `reconcile` takes up what a death left."""
        try:
            steered = act()
        except Died:
            steered = self._tended()
        except Problem as refused:
            return refused
        if steered.begin:
            self._begin(steered.begin)
        for each in steered.announcements:
            self.stage.tell(each.instance, each.event)
        self.later(timedelta(seconds=1))
        return None

    def _tended(self) -> CommandOutcome:
        finish(self.id, self.stage.now)
        row = self.migration
        for root in row.instances:
            purpose, number = round_of(root)
            if number in row.open_rounds and root not in self.stage.instances:
                self._begin(Round(migration=self.id, round=number, purpose=purpose, now=self.stage.now))
        return CommandOutcome(
            announcements=tuple(each.announcement for each in waits.of_migration(self.id) if each.instance)
        )

    def says(self, person: Any = BOB) -> Decision:
        self.stage.now += timedelta(seconds=1)
        return said_by(person, self.stage.now, "because")

    def type(self, line: str) -> Problem | None:
        """Give a command as it is shown, as somebody who may."""
        words = shlex.split(line.removeprefix("azferry "))
        options = dict(zip(words[2::2], words[3::2], strict=True))
        names = tuple(each for each in (options.get("--machine"),) if each)
        act: dict[str, Callable[[], CommandOutcome]] = {
            "retry": lambda: rounds.retry(self.id, names, self.says()),
            "rollback": lambda: rounds.open_roll_back(self.id, "rollback", names, self.says()),
            "cancel": lambda: rounds.open_roll_back(self.id, "cancel", names, self.says()),
            "resume": lambda: resume(self.id, names, self.says()),
            "cutover": lambda: cut_over_now(self.id, options["--wave"], names, self.says()),
        }
        verdicts: dict[str, Any] = {"approve": "approve", "confirm": "confirm"}
        if words[0] in verdicts:
            waves = tuple(each for each in (options.get("--wave"),) if each)
            answer = Decision(gate=options["--gate"], waves=waves, machines=names, verdict=Verdict(verdicts[words[0]]))
            return self.command(lambda: decide(self.id, spoken(answer, self.says())))
        return self.command(act[words[0]])

    def decide(self, gate: GateRow, verdict: str, names: Collection[str], person: Any) -> Problem | None:
        waves = (gate.wave,) if gate.wave else ()
        answer = Decision(gate=gate.name, waves=waves, machines=tuple(names), verdict=Verdict(verdict))
        return self.command(lambda: decide(self.id, spoken(answer, self.says(person))))

    def steer(self, verb: str, names: Collection[str]) -> Problem | None:
        acts: dict[str, Callable[[], CommandOutcome]] = {
            "retry": lambda: rounds.retry(self.id, names, self.says(ADA)),
            "cancel": lambda: rounds.open_roll_back(self.id, "cancel", names, self.says(ADA)),
            "rollback": lambda: rounds.open_roll_back(self.id, "rollback", names, self.says(ADA)),
            "pause": lambda: pause(self.id, names, self.says(ADA)),
            "resume": lambda: resume(self.id, names, self.says(ADA)),
        }
        return self.command(acts[verb])

    def change(self, name: str, how: str) -> Problem | None:
        """Change the plan: a machine gets another size, is dropped, or comes back."""
        try:
            carried = change_plan(self.id, self._wanted(name, how), self.migration.plan_version, self.says())
        except Died:
            self.command(self._tended)
            return None
        except Problem as refused:
            return refused
        for each in carried.begin:
            self._begin(each)
        return self.command(lambda: CommandOutcome(announcements=carried.announcements))

    def _wanted(self, name: str, how: str) -> Plan:
        document = json.loads(plans.load(self.id))
        first = document["waves"][0]
        kept = [each for each in first["machines"] if each["name"] != name or how == "resize"]
        machine = next((each for each in self.entries if each["name"] == name), None)
        if how == "come back" and machine:
            kept.append(machine)
        first["machines"] = kept or first["machines"]
        for each in (each for wave in document["waves"] for each in wave["machines"] if how == "resize"):
            if each["name"] == name:
                each["target"] = {"size": f"Standard_D{2 ** (self.migration.plan_version % 5 + 1)}s_v5"}
        return Plan.model_validate(document)

    def skip(self, machine: str, phase: str) -> Problem | None:
        return self.command(lambda: skip(self.id, machine, phase, self.says()))

    def cutover(self, wave: str) -> Problem | None:
        return self.command(lambda: cut_over_now(self.id, wave, (), self.says()))

    # --- what must hold ------------------------------------------------------------------------------------------------

    @property
    def migration(self) -> MigrationRow:
        found = migrations.get(self.id)
        assert found
        return found

    @property
    def rows(self) -> list[MachineRow]:
        return list(machines.list(self.id))

    @property
    def open(self) -> tuple[GateRow, ...]:
        return gates.of_migration(self.id)

    def check(self) -> None:
        rows, open_gates = {row.name: row for row in self.rows}, self.open
        for gate in open_gates:
            assert gate.pending, f"the gate {gate.name} is open and nobody waits at it"
            for name in gate.pending:
                row = rows[name]
                stands = (gate.name, name, row.state, row.round, gate.ticket(name))
                assert row.state in (S.AWAITING_USER_ACTION, S.READY_FOR_CUTOVER), f"waits for nothing: {stands}"
                assert row.round == gate.ticket(name)[0], f"waits in a round that it left: {stands}"
        for row in rows.values():
            self._check_machine(row, [gate for gate in open_gates if row.name in gate.pending])
        if self.migration.status == MigrationStatus.ENDED:
            self._check_end(rows.values())

    def _check_machine(self, row: MachineRow, at: list[GateRow]) -> None:
        standing = f"{row.name} is {row.state} in {row.phase}, waits for {row.waiting_for!r}, release {row.release!r}"
        if row.state == S.AWAITING_USER_ACTION and row.release:
            assert len(at) == 1, f"waits for a person at no gate: {standing}"
        if row.state == S.READY_FOR_CUTOVER and "an approval" in row.waiting_for:
            assert len(at) == 1, f"waits for an approval at no gate: {standing}"
        if row.state in (S.READY_FOR_CUTOVER, S.AWAITING_USER_ACTION) and not at and row.failed_in != "approval":
            own_waits = [each for each in waits.of_migration(self.id) if self.stage.lives(each.instance)]
            held = [
                each for each in own_waits if row.name == each.machine or (not each.machine and row.wave == each.wave)
            ]
            assert held, f"nobody looks after it: {standing}"
        if row.release and row.state in (*ASIDE, S.READY_FOR_CUTOVER):
            refused = self._tried(row.release)
            assert refused is None, f"the command shown is refused ({refused}): {standing}"

    def _tried(self, line: str) -> Problem | None:
        """Type a command without leaving a trace of it."""
        kept = {name: dict(rows) for name, rows in self.storage.rows.items()}
        stage, self.stage = self.stage, Stage(children=self.bodies, **usual_acts())
        self.stage.now = stage.now
        self.stage.instances = dict.fromkeys(stage.instances, next(iter(stage.instances.values())))
        try:
            return self.type(line)
        finally:
            self.stage = stage
            for name, rows in kept.items():
                self.storage.rows[name].clear()
                self.storage.rows[name].update(rows)

    def _check_end(self, rows: Collection[MachineRow]) -> None:
        assert self.open == (), "an ended migration has an open gate"
        for row in rows:
            rolled_back = row.state == S.READY_FOR_CUTOVER and row.failed_in == "approval"
            assert row.state in TERMINAL or rolled_back, f"left behind: {row.name} is {row.state}"
        came_to = self.migration.outcome
        counting = [row for row in rows if row.dropped is None or row.state not in GIVEN_UP] or rows
        all_moved = all(row.state in (S.FINALIZED, S.DECOMMISSIONED) for row in counting)
        assert (came_to == Outcome.SUCCEEDED) == all_moved, f"{came_to}: {[row.state for row in rows]}"

    def finish(self) -> None:
        """Everybody does what is shown until the migration ends: it must come to that."""
        self.failing.clear()
        for _ in range(40):
            if self.migration.status == MigrationStatus.ENDED:
                break
            self.steer("resume", ())
            for name in NAMES:
                self.steer("resume", (name,))
            for gate in self.open:
                refused = self.type(gate.release)
                assert refused is None, f"{gate.release}: {refused}"
            self.later(timedelta(hours=25))
            self.check()
        assert self.migration.status == MigrationStatus.ENDED, [
            (row.name, row.state, row.waiting_for) for row in self.rows
        ]
