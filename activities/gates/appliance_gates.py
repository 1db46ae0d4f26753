"""Gates at which a whole road waits for a person: what is seen of its server, and the machines that wait behind it."""

from activities.gates.texts import release as release_of
from activities.gates.texts import text
from shared.coordination import gates
from shared.coordination.gate_row import GateRow
from shared.ledger import machines, migrations, plans
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_row import MigrationRow
from shared.models import Scope
from shared.roads.registry import road_of
from shared.site_recovery.fabrics import RegisteredAppliance
from shared.site_recovery.vault import vault_of_plan
from shared.states import MachineState, MigrationStatus

REGISTER, CHECK = "register-appliance", "check-appliance"
OF_A_ROAD = (REGISTER, CHECK)
AWAITING = MigrationStatus.AWAITING_USER_ACTION
A_QUARTER = 900  # seconds between looks at a server that a person mends: it may be well before anybody says so


def seen_text(scope: Scope, found: RegisteredAppliance | None) -> tuple[str, str]:
    """Give what is wrong with the server as it is seen now, what to check, and the command that waits once more."""
    plan = plans.plan_at(scope)
    checks, release = text(scope, CHECK)
    name = plan.server
    if found is None:
        seen = f"{name} does not show in the vault {vault_of_plan(plan).name}: nothing is registered under that name"
    else:
        seen = f"{name} is registered but not healthy: {found.ailments}"
    return f"{seen}; {checks}", release


def look_at_server(scope: Scope) -> RegisteredAppliance | None:
    """Give the road's server, or None while it is not registered."""
    plan = plans.plan_at(scope)
    return road_of(plan).find_server(plan)


def hold(scope: Scope, text: str, release: str) -> None:
    """Let a road wait for a person: its machines that have not begun to move, and the migration, say so.

    The migration's row is written last: it tells that the machines were told. A pause by an operator stays one.
    """
    migration, state = migrations.get(scope.migration), MachineState.AWAITING_USER_ACTION
    if migration is not None and (migration.status, migration.waiting_for) == (AWAITING, text):
        return
    waves = plans.section_at(scope).waves

    def waits(row: MachineRow) -> bool:
        before = row.state == MachineState.NOT_READY or (row.state == state and row.release == release)
        return before and _waits_here(scope, row, waves)

    machines.change_all(scope, waits, state=state, waiting_for=text, release=release)
    migrations.change(scope, _not_paused, status=AWAITING, waiting_for=text, release=release)


def go_on(scope: Scope, name: str) -> None:
    """Let a road go on that waited at its gate of this name; the migration runs unless another road waits still."""
    command, waves = release_of(scope, name), plans.section_at(scope).waves

    def waited(row: MachineRow) -> bool:
        held = row.state == MachineState.AWAITING_USER_ACTION and row.release == command
        return held and _waits_here(scope, row, waves)

    machines.change_all(scope, waited, state=MachineState.NOT_READY, waiting_for="", release="")
    other = _other_gate(scope)
    if other is None:
        migrations.change(scope, _not_paused, status=MigrationStatus.RUNNING, waiting_for="", release="")
    else:
        migrations.change(scope, _not_paused, status=AWAITING, waiting_for=other.text, release=other.release)


def _waits_here(scope: Scope, row: MachineRow, waves: tuple[str, ...]) -> bool:
    """Tell whether a machine waits for the preparation of the road of these waves: no flow has it yet."""
    return row.round == scope.round and not row.owner and row.wave in waves


def _not_paused(row: MigrationRow) -> bool:
    return row.status in (MigrationStatus.RUNNING, AWAITING)


def _other_gate(scope: Scope) -> GateRow | None:
    """Give an open gate of another road."""
    others = (gate for gate in gates.of_migration(scope.migration) if gate.name in OF_A_ROAD)
    return next((gate for gate in others if gate.wave != scope.wave), None)
