"""Migrations to look at: one with six open gates and failures, and one of a thousand machines."""

from datetime import UTC, datetime, timedelta

from shared.concerns.registry import Concern
from shared.concerns.source_facts import DiskFacts, SourceFacts
from shared.coordination import gates
from shared.coordination.gate_row import GateRow
from shared.decisions.people import played
from shared.intake.register import take_in
from shared.ledger import events, machines
from shared.ledger.evidence import Checked, Evidence
from shared.ledger.machine_row import MachineRow, Mark
from shared.ledger.serving import Outage, Service, Serving
from shared.models import Scope
from shared.notifications.outbox_row import TABLE as OUTBOX
from shared.notifications.outbox_row import Dispatch, Notice, OutboxRow, dispatch_key
from shared.notifications.topics import Topic
from shared.plan.model import Plan
from shared.plan.schema import EXAMPLE
from shared.problems import ProblemData
from shared.states import MachineState

S = MachineState
HOSTILE = '<img src=x onerror=alert(1)> & "quotes" </script><script>alert(2)</script>'
QUOTA = ProblemData(
    kind="CloudRefused",
    id="quota-exceeded",
    title="The subscription has no room for the size",
    detail="Standard_D8s_v5 takes 8 cores of family standardDSv5Family; 4 of 350 are left in westeurope",
    code="28031",
    advice="Ask for more quota, or name another size; then retry.",
)
BOOT = ProblemData(
    kind="Refused",
    id="never-booted",
    title="The machine does not boot in Azure",
    detail="nothing answered within 10 minutes of its start",
    advice="Look at its console.",
)


def now():
    return datetime.now(UTC).replace(microsecond=0)


def begin(names, waves, name="finance"):
    """Start a migration of that many waves; gives its id."""
    first = {key: value for key, value in EXAMPLE["waves"][0].items() if key not in ("machines", "dependsOn")}
    windows = [
        {
            "start": (now() + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M"),
            "length": "PT4H",
            "timeZone": "Asia/Tokyo",
            "every": "daily",
            "capacity": 20,
            "blackouts": [
                {
                    "start": (now() + timedelta(hours=34)).strftime("%Y-%m-%dT%H:%M"),
                    "end": (now() + timedelta(hours=40)).strftime("%Y-%m-%dT%H:%M"),
                    "reason": "month end",
                }
            ],
        }
    ]
    gates_ = {"test": "manual", "cutover": "manual", "fourEyes": True, "expires": "P2D"}
    made = [
        first
        | {
            "name": wave,
            "gates": gates_,
            "verify": [{"tcp": 443}, {"http": "http://{machine}/health"}],
            "cutover": {"windows": windows},
            "machines": [{"name": each, "source": {"instanceId": f"i-{at:08x}"}} for at, each in names(wave)],
        }
        for wave in waves
    ]
    taken = take_in(Plan.model_validate(EXAMPLE | {"name": name, "waves": made}), played("ada"), now())
    return taken.migration


def wait_at(migration, wave, name, pending, text, **more):
    gates.open_gate(
        GateRow(
            migration=migration, wave=wave, name=name, pending=tuple(pending), text=text,
            since=now() - timedelta(hours=3), release=f"azferry approve {migration} --wave {wave} --gate {name}", **more,
        )
    )  # fmt: skip


def six_gates(words=""):
    """A migration with six open gates, failures of two causes, an outage and concerns; `words` stand in what is told."""
    number = iter(range(1, 100))
    waves = ("shop", "billing")
    names = {wave: [f"{wave}-{part}{at}" for part in ("web", "app", "db") for at in range(1, 5)] for wave in waves}
    migration = begin(lambda wave: [(next(number), each) for each in names[wave]], waves)
    began = now() - timedelta(minutes=12)
    ready = {"state": S.READY_FOR_CUTOVER, "phase": "approval", "lag_seconds": 35, "health": "Normal"}
    row = MachineRow(
        migration=migration, name="x", stamp=now(), since=now() - timedelta(hours=1), private_ip="10.0.2.15",
        service=Service(at=Serving.SOURCE, since=now() - timedelta(days=9)),
    )  # fmt: skip
    made = []
    for wave in waves:
        for at, name in enumerate(names[wave]):
            machine = row.replace(name=name, wave=wave, application=name.split("-")[1][:-1], source_id=f"i-{at:08x}")
            if wave == "shop":
                made.append(
                    machine.replace(
                        **ready | ({"phase": "accept_test_vm"} if at < 2 else {}),
                        evidence=Evidence(verification_test=Checked.PASSED, test_address=f"10.9.0.{at + 4}"),
                        test_vm_id=f"/vms/{name}-test",
                        source=SourceFacts(disks=(DiskFacts(device="xvda", size_gib=64.0),)),
                        marks={Mark.TEST_UP: began - timedelta(hours=20)},
                    )
                )
            elif at < 3:
                made.append(
                    machine.replace(
                        state=S.FAILED, phase="fail_over", failed_in="fail_over", problem=QUOTA,
                        release=f"azferry retry {migration} --machine {name}",
                    )
                )  # fmt: skip
            elif at == 4:
                gone = {
                    Mark.STOP_REQUESTED: began + timedelta(minutes=1),
                    Mark.FAILED_OVER: began + timedelta(minutes=5),
                    Mark.UP: began + timedelta(minutes=8),
                }
                was = Outage(
                    began=began + timedelta(minutes=1), ended=began + timedelta(minutes=8), served_by=Serving.TARGET
                )
                made.append(
                    machine.replace(
                        state=S.CUT_OVER, phase="accept", marks=gone,
                        service=Service(at=Serving.TARGET, since=now(), outages=(was,)),
                    )
                )  # fmt: skip
            elif at == 3:
                made.append(
                    machine.replace(
                        state=S.FAILED, phase="verify", failed_in="verify", problem=BOOT,
                        marks={Mark.READY: began - timedelta(hours=2), Mark.STOP_REQUESTED: began, Mark.STOPPED: began + timedelta(minutes=1)},
                        service=Service(at=Serving.NOWHERE, since=began, outages=(Outage(began=began),)),
                        release=f"azferry retry {migration} --machine {name}",
                    )
                )  # fmt: skip
            else:
                made.append(
                    machine.replace(
                        state=S.INITIAL_SYNC, phase="initial_sync", percent=8.0 * at, lag_seconds=120 * at,
                        eta=now() + timedelta(hours=at), health="Warning" if at == 5 else "Normal",
                        concerns=(Concern(id="fact-unknown", category="warning", title="A fact is not known", evidence=words or "the size of its swap file", machine=name, acknowledgeable=True),) if at == 6 else (),
                    )
                )  # fmt: skip
    machines.create_many(made)
    shop = names["shop"]
    until = {"expires": now() + timedelta(hours=5), "then": "their cutover counts as rejected; a retry asks again"}
    wait_at(migration, "shop", "cutover", shop, f"an approval of the cutover of wave shop {words}".rstrip(), **until)
    wait_at(migration, "shop", "test", shop[:2], "a person to look at the test machines of wave shop in vnet-test")
    wait_at(
        migration,
        "billing",
        "accept",
        ["billing-db3"],
        "a person to look at billing-db3 in Azure and accept it",
        machine="billing-db3",
    )
    wait_at(
        migration,
        "billing",
        "shut-down-source",
        ["billing-db4"],
        "a person to shut down billing-db4 at its source and confirm",
        machine="billing-db4",
    )
    wait_at(migration, "billing", "decommission", ["billing-app4", "billing-db1"], "the end of two source machines")
    wait_at(
        migration,
        "",
        "register-appliance",
        [],
        "1. open the vault rsv-ferry\n2. download the key\n3. register the appliance",
    )
    for minute in range(8):
        scope = Scope(migration=migration, wave="shop", machine=shop[minute], now=now() - timedelta(minutes=minute))
        events.write(scope, "verified", "3 checks passed")
    return migration


def thousand(count=1_000, name="large"):
    """A migration of a thousand machines in ten waves, forty of them failed."""
    each = max(1, count // 10)
    waves = [f"wave{at}" for at in range(10)]
    names = {wave: [f"{wave}-vm{at:03}" for at in range(each)] for wave in waves}
    number = iter(range(1, count + 1))
    migration = begin(lambda wave: [(next(number), name) for name in names[wave]], waves, name)
    row = MachineRow(migration=migration, name="x", stamp=now(), phase="initial_sync", state=S.INITIAL_SYNC)
    machines.create_many(
        row.replace(
            name=name, wave=wave, application=f"app{at % 7}", percent=float(at * 7 % 100), lag_seconds=at, since=now(),
            service=Service(at=Serving.SOURCE, since=now()), source_id=f"i-{at:08x}", private_ip=f"10.0.{at // 250}.{at % 250}",
            **({"state": S.FAILED, "problem": QUOTA, "failed_in": "fail_over", "phase": "fail_over"} if count >= 100 and at % 25 == 0 else {}),
        )
        for wave in waves
        for at, name in enumerate(names[wave])
    )  # fmt: skip
    return migration


def at(migration, name, minute):
    """A place from which a machine's row is changed, later than all before."""
    return Scope(migration=migration, machine=name, now=now() + timedelta(minutes=minute + 1))


def undelivered(migration):
    """A message to a channel that was given up."""
    notice = Notice(topic=Topic.FAILED, migration=migration, machine="billing-web4", at=now())
    dispatch = Dispatch(receiver="ops", message="1", notices=(notice,), given_up=now(), failure="it answered with 422")
    row = OutboxRow(migration=migration, waits=False, dead=True, dispatch=dispatch)
    OUTBOX.put(migration, dispatch_key(dispatch), row)
