"""What recordings say of agentless migrations: their jobs, their listing, what a failed migration is called."""

import re
from typing import Any

import pytest

from tests.local.simulator.site_recovery.agentless import Agentless, prepared
from tests.local.simulator.site_recovery.hyperv import VAULT_ID

MIGRATE = {"providerSpecificDetails": {"instanceType": "VMwareCbt", "performShutdown": "true"}}


@pytest.fixture
def cbt(bare: Any) -> Agentless:
    return prepared(bare)


def jobs_of(cbt: Agentless, scenario: str) -> dict[str, Any]:
    rows = cbt.stage.arm("GET", f"{VAULT_ID}/replicationJobs").json()["value"]
    name = next(row["name"] for row in rows if row["properties"]["scenarioName"] == scenario)
    return dict(cbt.stage.job(name))


def tasks(job: dict[str, Any]) -> list[tuple[str, str]]:
    return [(task["taskId"], task["state"]) for task in job["tasks"]]


def test_enabling_has_four_tasks(cbt: Agentless) -> None:
    cbt.replicate()
    assert tasks(jobs_of(cbt, "EnableMigration")) == [
        ("EnableProtectionPreflightChecksTask", "Succeeded"),
        ("CreateProtectionTargetTask", "Succeeded"),
        ("StartInitialReplicationTask", "Succeeded"),
        ("UpdateDraStateTask", "Succeeded"),
    ]


def test_a_migration_that_has_just_begun_shows_eight_tasks_that_have_not(cbt: Agentless) -> None:
    cbt.replicate()
    job_id = cbt.submit("migrate", MIGRATE)
    cbt.stage.advance(1)
    job = cbt.stage.job(job_id)
    assert (job["scenarioName"], len(job["tasks"])) == ("Migrate", 8)
    assert {task["state"] for task in job["tasks"]} == {"NotStarted"}


def test_pausing_and_resuming_never_offer_to_be_cancelled(cbt: Agentless) -> None:
    cbt.replicate()
    for action in ("pauseReplication", "resumeReplication"):
        job_id = cbt.submit(action, {"instanceType": "VMwarecbt"})
        cbt.stage.advance(5)
        assert cbt.stage.job(job_id)["state"] == "InProgress"
        assert cbt.stage.job(job_id)["allowedActions"] == []
        cbt.stage.finish(job_id, step=30)
    assert tasks(jobs_of(cbt, "ResumeReplication")) == [
        ("ResumeReplicationPreflightChecksTask", "Succeeded"),
        ("CancelFailoverRecovery", "NotStarted"),
        ("ResumeReplicationTask", "Succeeded"),
    ]


def test_a_failed_migration_is_called_ready_to_migrate_and_its_job_offers_nothing(cbt: Agentless) -> None:
    cbt.replicate(shutdown="fails")
    job = cbt.act("migrate", {"performShutdown": "true"})
    item = cbt.read()
    assert (item["migrationState"], item["migrationStateDescription"]) == ("MigrationFailed", "Ready to migrate")
    assert (job["state"], job["allowedActions"]) == ("Failed", [])


def test_the_call_that_stops_an_item_names_client_and_date(cbt: Agentless) -> None:
    cbt.replicate()
    client_id = "11111111-2222-3333-4444-555555555555"
    answer = cbt.stage.arm("DELETE", cbt.path(), **{"x-ms-client-request-id": client_id})
    assert re.match(rf"^{client_id} \d+/\d+/\d{{4}} ", answer.headers["x-ms-request-id"])


def test_a_listing_has_no_disks_and_no_cards(cbt: Agentless) -> None:
    cbt.replicate()
    (listed,) = cbt.stage.arm("GET", f"{VAULT_ID}/replicationMigrationItems").json()["value"]
    details = listed["properties"]["providerSpecificDetails"]
    assert (details["protectedDisks"], details["vmNics"]) == ([], [])
    assert cbt.read()["providerSpecificDetails"]["protectedDisks"], "one that is read has them"
