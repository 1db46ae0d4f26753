"""An API with prepared answers: a ledger in memory, rows in the product's own form, and a list of what was asked."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from shared.coordination.gate_row import GateRow
from shared.coordination.pauses import Pauses
from shared.ledger.events import Event
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_row import MigrationRow
from shared.ledger.serving import Outage, Service, Serving
from shared.plan.schema import EXAMPLE
from shared.problems import NotFound, Problem, ProblemData
from shared.reporting.assessment import Assessment
from shared.reporting.inventory import Inventory
from shared.reporting.ledger_views import view_of
from shared.reporting.problem_documents import to_document
from shared.reporting.selection_views import SelectionPreview
from shared.reporting.views import WaveView
from shared.states import MachineState, MigrationStatus, Outcome, WaveState

AT = datetime(2026, 11, 21, 14, 5, 9, tzinfo=UTC)
S = MachineState


def machine(name, wave="shop", state=S.INITIAL_SYNC, **more):
    return MachineRow(migration="finance.1", name=name, wave=wave, state=state, **more)


FAILED = ProblemData(
    kind="CloudRefused",
    id="cloud-refused",
    title="The cloud refused",
    detail="Site Recovery could not replicate the machine",
    code="539",
    causes="The processor is not supported",
    advice="Check the operating system, then retry",
)


@dataclass
class Prepared:
    """What the API answers next, and what it was asked so far."""

    migrations: dict = field(default_factory=dict)
    machines: list = field(default_factory=list)
    waves: list = field(default_factory=list)
    gates: list = field(default_factory=list)
    events: list = field(default_factory=list)
    concerns: list = field(default_factory=list)
    refusal: Problem | None = None
    later: list = field(default_factory=list)  # one thing to do before each look at a migration
    answered: list = field(default_factory=list)  # the machines as each look was told of them
    now: datetime = AT
    page: int = 2
    requests: list = field(default_factory=list)
    decision: dict = field(default_factory=dict)  # what a command came to
    inbox: dict = field(default_factory=dict)
    group: dict = field(default_factory=dict)
    diagnosis: dict = field(default_factory=dict)
    backups: list = field(default_factory=list)
    assessment: Assessment | None = None
    inventory: Inventory | None = None
    selections: SelectionPreview | None = None
    notifications: list = field(default_factory=list)
    profiles: dict = field(default_factory=dict)  # by name, as the API shows them
    pack: bytes = b""  # of evidence
    record: bytes = b""
    sign_in: str = ""  # where a browser is led to sign in; empty = nobody signs in

    def add(self, **more):
        first = {"id": "finance.1", "plan": "finance", "scenario": "aws-to-azure", "mode": "appliance"}
        row = MigrationRow(**first | {"started_at": AT, "started_by": "ann", "stamp": AT} | more)
        self.migrations[row.id] = row

    def end(self, outcome=Outcome.SUCCEEDED):
        ended = {"status": MigrationStatus.ENDED, "outcome": outcome, "ended_at": AT + timedelta(hours=3)}
        self.migrations["finance.1"] = self.migrations["finance.1"].replace(**ended)
        self.gates = []


def wire(row):
    return row.model_dump(mode="json", by_alias=True)


def application(prepared):  # noqa: C901, PLR0915 - one small function for each route
    async def note(request):
        body = await request.body()
        prepared.requests.append(
            (request.method, str(request.url.path), dict(request.headers), body, request.query_params)
        )
        if prepared.refusal is not None:
            raise prepared.refusal
        return body

    def found(request):
        row = prepared.migrations.get(request.path_params["id"])
        if row is None:
            raise NotFound(f"there is no migration {request.path_params['id']}", advice="`azferry list` shows all")
        return row

    def paged(request, rows, **more):
        start = int(request.query_params.get("token") or 0)
        page = {
            "value": rows[start : start + prepared.page],
            "token": str(min(start + prepared.page, len(rows))),
        } | more
        if start + prepared.page < len(rows):
            page["nextLink"] = str(request.url.include_query_params(token=start + prepared.page))
        return JSONResponse(page)

    async def start(request):
        await note(request)
        fresh = "finance.1" not in prepared.migrations
        if fresh:
            prepared.add()
        return JSONResponse(wire(prepared.migrations["finance.1"]), 202 if fresh else 200)

    async def judge(request):
        await note(request)
        return JSONResponse({"valid": True, "concerns": [wire(each) for each in prepared.concerns], "errors": []})

    async def assess(request):
        await note(request)
        return JSONResponse({"id": "finance-1a2b", "status": "Running"}, 202)

    async def assessment(request):
        await note(request)
        if form := request.query_params.get("format"):
            return Response(f"an assessment as {form}", media_type="text/plain")
        if prepared.later:
            prepared.later.pop(0)()
            return JSONResponse({"id": "finance-1a2b", "status": "Running"}, 202)
        return JSONResponse(prepared.assessment.model_dump(mode="json", by_alias=True, exclude_none=True))

    async def take_inventory(request):
        await note(request)
        return JSONResponse({"id": "inventory-1a2b", "status": "Running"}, 202)

    async def inventory(request):
        await note(request)
        if form := request.query_params.get("format"):
            return Response(f"an inventory as {form}", media_type="text/plain")
        return JSONResponse(prepared.inventory.model_dump(mode="json", by_alias=True, exclude_none=True))

    async def select(request):
        await note(request)
        return JSONResponse(prepared.selections.model_dump(mode="json", by_alias=True))

    async def every(request):
        await note(request)
        ended = {"true": True, "false": False}.get(request.query_params.get("ended"))
        rows = [row for row in prepared.migrations.values() if ended in (None, row.status == MigrationStatus.ENDED)]
        return paged(request, [wire(row) for row in rows], **({"kept": "All stays."} if ended else {}))

    async def group(request):
        await note(request)
        return JSONResponse(prepared.group)

    async def migration(request):
        await note(request)
        if prepared.later:
            prepared.later.pop(0)()
        row = found(request)
        counts = Counter(str(each.state) for each in prepared.machines)
        waves, gates = [wire(each) for each in prepared.waves], [wire(each) for each in prepared.gates]
        road = {"road": f"{row.scenario} ({row.mode})"}
        return JSONResponse(wire(row) | road | {"counts": counts, "waves": waves, "gates": gates})

    async def plan(request):
        await note(request)
        found(request)
        return JSONResponse(EXAMPLE)

    async def change(request):
        await note(request)
        found(request)
        window = [{"start": "+PT2H", "length": "PT4H"}]
        at = {"path": "waves/shop/cutover/windows", "pointer": "/waves/0/cutover/windows"}
        changes, is_dry = [at | {"after": window}], request.query_params.get("dryRun") == "true"
        document = {"migration": "finance.1", "version": 1 if is_dry else 2, "changes": changes, "applied": not is_dry}
        return JSONResponse(document, headers={"ETag": '"plan-1"' if is_dry else '"plan-2"'})

    async def machines(request):
        await note(request)
        found(request)
        since = request.query_params.get("since", "")
        known = prepared.answered[int(since)] if since else []
        prepared.answered.append(list(prepared.machines))
        rows = [wire(viewed(row)) for row in prepared.machines if row not in known]
        answer = paged(request, rows, since=str(len(prepared.answered) - 1))
        answer.headers["X-Azferry-Now"] = prepared.now.isoformat()
        return answer

    async def events(request):
        await note(request)
        found(request)
        wanted = request.query_params.get("machine")
        return paged(
            request, [wire(row) | {"id": row.what} for row in prepared.events if wanted in (None, row.machine)]
        )

    async def notifications(request):
        await note(request)
        found(request)
        return paged(request, prepared.notifications)

    async def report(request):
        await note(request)
        return Response(f"a report as {request.query_params['format']}", media_type="text/plain")

    async def evidence(request):
        await note(request)
        return Response(prepared.pack, media_type="application/zip")

    async def record(request):
        await note(request)
        return Response(prepared.record, media_type="application/x-ndjson")

    async def command(request):
        await note(request)
        return JSONResponse(wire(found(request)) | {"decision": prepared.decision}, 202)

    async def key(request):
        await note(request)
        found(request)
        return Response("<RSVaultAsrCreds/>", media_type="application/xml")

    async def lead(_request):
        return RedirectResponse(prepared.sign_in) if prepared.sign_in else Response(status_code=404)

    async def refused(_request, problem):
        return JSONResponse(to_document(problem), problem.status, media_type="application/problem+json")

    async def inbox(request):
        await note(request)
        return JSONResponse(prepared.inbox)

    async def doctor(request):
        await note(request)
        return JSONResponse(prepared.diagnosis)

    async def backups(request):
        await note(request)
        return JSONResponse({"value": prepared.backups})

    async def begin(request):
        await note(request)
        last = "" if "backup" in request.path_params else f"/{prepared.backups[0]['name']}"
        return JSONResponse({"name": "x", "status": "Running", "place": f"{request.url.path}{last}"}, 202)

    async def backup(request):
        await note(request)
        if prepared.later:
            prepared.later.pop(0)()
            return JSONResponse({"name": "x", "status": "Running"}, 202)
        return JSONResponse(prepared.backups[0])

    async def profiles(request):
        await note(request)
        return JSONResponse({"value": list(prepared.profiles.values())})

    async def profile(request):
        body, name = await note(request), request.path_params["name"]
        if request.method == "GET" and name not in prepared.profiles:
            raise NotFound(f"there is no profile {name}")
        if request.method != "GET":
            version = prepared.profiles.get(name, {"version": 0})["version"] + 1
            settings = json.loads(body) if body else {}
            prepared.profiles[name] = {"name": name, "version": version, "settings": settings, "versions": []}
        return JSONResponse(prepared.profiles[name])

    routes = [
        Route("/api/target-profiles", profiles),
        Route("/api/target-profiles/{name}", profile, methods=["GET", "PUT", "DELETE"]),
        Route("/api/backups", backups),
        Route("/api/backups", begin, methods=["POST"]),
        Route("/api/backups/{backup}", backup),
        Route("/api/backups/{backup}/restore", backup),
        Route("/api/backups/{backup}/restore", begin, methods=["POST"]),
        Route("/api/inbox", inbox),
        Route("/api/doctor", doctor, methods=["GET", "POST"]),
        Route("/.auth/login/aad", lead),
        Route("/api/migrations", start, methods=["POST"]),
        Route("/api/migrations", every),
        Route("/api/plans/validate", judge, methods=["POST"]),
        Route("/api/plans/assess", assess, methods=["POST"]),
        Route("/api/assessments/finance-1a2b", assessment),
        Route("/api/plans/select", select, methods=["POST"]),
        Route("/api/inventory", take_inventory, methods=["POST"]),
        Route("/api/inventories/inventory-1a2b", inventory),
        Route("/api/migrations/{id}", change, methods=["PATCH"]),
        Route("/api/migrations/{id}", migration),
        Route("/api/migrations/{id}/plan", plan),
        Route("/api/migrations/{id}/waves/{name}", group),
        Route("/api/migrations/{id}/applications/{name:path}", group),
        Route("/api/migrations/{id}/machines", machines),
        Route("/api/migrations/{id}/events", events),
        Route("/api/migrations/{id}/notifications", notifications),
        Route("/api/migrations/{id}/report", report),
        Route("/api/migrations/{id}/evidence", evidence),
        Route("/api/migrations/{id}/record", record),
        Route("/api/migrations/{id}/registration-key", key, methods=["POST"]),
        Route("/api/migrations/{id}/{verb}", command, methods=["POST"]),
    ]
    return Starlette(routes=routes, exception_handlers={Problem: refused})


def body_of(request):
    return json.loads(request[3])


def in_the_middle(prepared):
    """A migration at its most talkative: waves, a gate, progress, a failure."""
    prepared.add(machines=4, phase="set_replication_policy")
    release = "azferry approve finance.1 --wave shop --gate cutover"
    text = "an approval of the cutover of wave shop"
    prepared.machines = [
        machine(
            "shop-db1", state=S.READY_FOR_CUTOVER, phase="clean_up_test_failover", waiting_for=text, release=release
        ),
        machine("shop-web1", phase="initial_sync", percent=41.7, lag_seconds=90, eta=AT + timedelta(minutes=25)),
        machine(
            "rep-sql1",
            "reporting",
            S.FAILED,
            phase="enable_replication",
            failed_in="enable_replication",
            problem=FAILED,
            waiting_for="Check the operating system, then retry",
            release="azferry retry finance.1 --machine rep-sql1",
        ),
        machine("rep1", "reporting", S.NOT_READY, phase="install_agent", waiting_for="a free place to replicate"),
    ]
    prepared.waves = [
        WaveView(wave="shop", state=WaveState.AWAITING_APPROVAL, road="aws-to-azure (appliance)"),
        WaveView(wave="reporting", state=WaveState.REPLICATING, road="physical-to-azure (appliance)"),
    ]
    pending = ("shop-db1",)
    prepared.gates = [
        GateRow(
            migration="finance.1", name="cutover", wave="shop", text=text, release=release, since=AT, pending=pending
        )
    ]


def viewed(row):
    """A machine as the API shows it; no plan is kept here that could ask for comments everywhere."""
    return view_of(row.replace(release=""), Pauses({}), AT).replace(release=row.release)


def served_after(seconds):
    """In Azure, after one outage."""
    began = AT - timedelta(seconds=seconds)
    outage = Outage(began=began, ended=AT, served_by=Serving.TARGET)
    return Service(at=Serving.TARGET, since=AT, outages=(outage,))


def at_the_end(prepared, outcome=Outcome.SUCCEEDED):
    prepared.add(machines=2)
    prepared.machines = [
        machine("shop-db1", state=S.FINALIZED, service=served_after(754)),
        machine("shop-web1", state=S.FINALIZED, service=served_after(61)),
    ]
    prepared.end(outcome)


def event(minute, what, text, machine="", by=""):
    at = AT + timedelta(minutes=minute)
    return Event(
        at=at, migration="finance.1", wave="shop" if machine else "", machine=machine, what=what, text=text, by=by
    )
