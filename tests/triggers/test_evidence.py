"""The evidence pack over HTTP: whole, the same for the same state, and without what may be secret."""

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from shared.ledger import machines, plans
from shared.ledger.expanded_plans import save_expanded
from shared.ledger.machine_row import MachineRow
from shared.ledger.serving import down
from shared.models import Scope
from shared.reporting.evidence_check import check_pack
from shared.reporting.evidence_pack import evidence_of
from tests.triggers.conftest import principal, with_settings

ONE = "/api/migrations/finance.1"
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
SIGNED = "https://u:pw@files.example.com/agent.sh?sig=s3cret"
SAFE = "https://files.example.com/agent.sh"


@pytest.fixture
def migration(ask, plan):
    """A migration with a decision and a machine that serves nowhere for longer and longer."""
    assert ask("POST", "/api/migrations?by=ada", plan).status == 202
    save_expanded("finance.1", plans.plan_of("finance.1"))
    machines.create_many([MachineRow(migration="finance.1", name="shop-web1", wave="shop", stamp=NOW - HOUR)])
    place = Scope(migration="finance.1", machine="shop-web1", now=NOW - HOUR)
    machines.change(place, service=down(NOW - HOUR))
    ask("POST", f"{ONE}/pause", {"by": "eve", "comment": "wait for the bank"})
    return plan


def files_of(pack):
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_pack_has_report_plan_events_and_decisions_and_the_hash_of_each(ask, migration):
    answer = ask("GET", f"{ONE}/evidence")
    files = files_of(answer.raw)
    manifest = json.loads(files.pop("manifest.json"))

    assert (200, 'attachment; filename="finance.1.evidence.zip"') == (
        answer.status,
        answer.headers["Content-Disposition"],
    )
    assert ["decisions.json", "events.jsonl", "plan.json", "report.csv", "report.html", "report.json"] == list(files)
    assert {name: hashlib.sha256(body).hexdigest() for name, body in files.items()} == {
        name: each["sha256"] for name, each in manifest["files"].items()
    }
    assert "wait for the bank" in {
        each.get("decision", {}).get("comment") for each in json.loads(files["decisions.json"])
    }
    assert [each["id"] for each in json.loads(files["report.json"])["events"]] == [
        json.loads(line)["id"] for line in files["events.jsonl"].splitlines()
    ]
    assert plans.digest(plans.load("finance.1")) == manifest["planSha256"]


def test_the_same_state_gives_the_same_bytes_whenever_it_is_fetched(migration):
    pack = evidence_of("finance.1", NOW + HOUR)

    assert pack == evidence_of("finance.1", NOW + 9 * HOUR)
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        assert {(1980, 1, 1, 0, 0, 0)} == {each.date_time for each in archive.infolist()}


def test_another_state_gives_other_bytes_as_of_its_change(ask, migration):
    before = files_of(evidence_of("finance.1", NOW + HOUR))
    ask("POST", f"{ONE}/resume", {"by": "eve"})
    after = files_of(evidence_of("finance.1", NOW + HOUR))

    then, since = (json.loads(each["manifest.json"])["asOf"] for each in (before, after))
    assert datetime.fromisoformat(then) < datetime.fromisoformat(since)


def test_a_pack_matches_its_own_manifest(ask, migration, tmp_path):
    (tmp_path / "pack.zip").write_bytes(ask("GET", f"{ONE}/evidence").raw)

    assert check_pack(tmp_path / "pack.zip").matches


def test_passwords_and_signatures_of_addresses_stay_out_of_it(ask, plan):
    plan["description"] = f"the agent lies at {SIGNED}"
    assert ask("POST", "/api/migrations?by=ada", plan).status == 202

    files = files_of(ask("GET", f"{ONE}/evidence").raw)

    assert f"the agent lies at {SAFE}" == json.loads(files["plan.json"])["description"]
    assert not [name for name, body in files.items() if b"s3cret" in body or b"u:pw" in body]


def test_a_changed_plan_stands_beside_the_first(ask, migration):
    migration["waves"][0]["cutover"] = {"windows": [{"start": "+PT2H", "length": "PT4H"}]}
    judged = ask("PATCH", f"{ONE}?dryRun=true&by=ann", migration)
    assert ask("PATCH", f"{ONE}?by=ann", migration, {"if-match": judged.headers["ETag"]}).status == 200

    files = files_of(ask("GET", f"{ONE}/evidence").raw)

    assert "windows" in json.loads(files["plan.json"])["waves"][0]["cutover"]
    assert "windows" not in json.loads(files["plan-at-start.json"])["waves"][0].get("cutover", {})


def test_a_migration_that_is_not_there_has_no_pack(ask):
    assert 404 == ask("GET", f"{ONE}/evidence").status


def test_who_may_not_see_the_plan_may_not_see_the_pack(ask, local):
    with_settings(local, AZFERRY_SIGN_IN="true", AZFERRY_LOCAL="false")

    assert 403 == ask("GET", f"{ONE}/evidence", headers=principal("ann", "reader")).status
    assert 404 == ask("GET", f"{ONE}/evidence", headers=principal("ann", "approver")).status
