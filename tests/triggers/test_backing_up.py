"""Backups over HTTP: who may list, write and restore them; and the timer that writes them."""

import pytest

from activities.backups.backup_jobs import keep_restore_result, prove_backup, put_back_step, write_backup_files
from shared.contracts.backups import BackupRequest
from shared.durable import client_wire
from shared.ledger import migrations
from shared.problems import Problem
from shared.storage import tables
from shared.storage.tables import backup_container
from tests.triggers.conftest import principal, with_settings


@pytest.fixture
def storage(azurite):
    """Azurite's: restored records are append blobs."""
    return azurite.connection_string


@pytest.fixture
def kept(local, unique):
    with_settings(local, AZFERRY_BACKUP_CONTAINER=f"{unique}-backups")


@pytest.fixture
def work(client):
    """Do what was begun, as the hub would."""

    def act():
        for instance, started in list(client.started.items()):
            (name, wire) = started[-1]
            if name in WORK and client.states[instance] == "Running":
                WORK[name](BackupRequest.model_validate(wire))
                client.states[instance] = "Completed"

    return act


def put_back(request):
    problem = None
    try:
        for number in range(prove_backup(request).count):
            put_back_step(request.replace(step=number))
    except Problem as refusal:
        problem = refusal.facts
    keep_restore_result(request.replace(problem=problem))


WORK = {"write_backup": write_backup_files, "restore_backup": put_back}


def written(ask, work):
    begun = ask("POST", "/api/backups")
    assert (202, begun.body["place"]) == (begun.status, begun.headers["Location"])
    assert 202 == ask("GET", begun.body["place"]).status
    work()
    return ask("GET", begun.body["place"]).body


def test_a_backup_is_begun_written_listed_and_put_back(kept, ask, plan, work):
    begun = ask("POST", "/api/migrations", plan)
    made = written(ask, work)

    assert 1 == made["rows"]["migrations"]
    assert [made] == ask("GET", "/api/backups").body["value"]
    place = f"/api/backups/{made['name']}/restore"
    assert 404 == ask("GET", place).status
    answer = ask("POST", place)
    assert (202, place, "2") == (answer.status, answer.headers["Location"], answer.headers["Retry-After"])
    assert 202 == ask("GET", place).status
    migrations.TABLE.drop(migrations.ALL, begun.body["id"])
    work()
    assert (200, made) == (ask("GET", place).status, ask("GET", place).body)
    assert begun.body["id"] == ask("GET", "/api/migrations").body["value"][0]["id"]


def test_who_begins_it_twice_begins_it_once_and_another_one_waits(kept, ask, work, client):
    first = written(ask, work)["name"]
    backup_container().upload_blob("20000101T000000Z/manifest.json", b'{"name": "20000101T000000Z"}')

    assert [202, 202] == [ask("POST", f"/api/backups/{first}/restore").status for _ in range(2)]
    assert 1 == len(client.started["restore-backup"])
    assert 409 == ask("POST", "/api/backups/20000101T000000Z/restore").status
    work()
    assert 202 == ask("POST", f"/api/backups/{first}/restore").status
    assert (2, 202) == (len(client.started["restore-backup"]), ask("GET", f"/api/backups/{first}/restore").status)


def test_why_it_was_not_put_back_is_told_and_one_that_was_lost_too(kept, ask, plan, work, client):
    name = written(ask, work)["name"]
    ask("POST", "/api/migrations", plan)
    place = f"/api/backups/{name}/restore"
    ask("POST", place)
    work()
    assert (409, True) == (ask("GET", place).status, "not in the backup" in ask("GET", place).body["detail"])

    ask("POST", place)
    client.states["restore-backup"] = "Terminated"
    assert "Begin it again" in ask("GET", place).body["advice"]


def test_a_backup_that_is_not_there_is_not_found(kept, ask, monkeypatch):
    async def absent(*_):
        return 404

    monkeypatch.setattr(client_wire, "code_of", absent)
    for method in ("POST", "GET"):
        assert 404 == ask(method, "/api/backups/20000101T000000Z/restore").status
    assert 404 == ask("GET", "/api/backups/20000101T000000Z").status


@pytest.mark.parametrize(
    ("role", "statuses"), [("reader", (403, 403)), ("operator", (202, 403)), ("owner", (202, 404))]
)
def test_operators_write_backups_and_only_owners_put_them_back(kept, ask, role, statuses):
    who = principal("ada@x", role)
    answered = [
        ask("POST", path, headers=who).status for path in ("/api/backups", "/api/backups/20000101T000000Z/restore")
    ]
    assert list(statuses) == answered


def test_the_timer_writes_a_backup_and_not_another_one_before_its_time(kept, call, ask):
    for _ in range(2):
        call("back_up_when_due", None)
    assert 1 == len(ask("GET", "/api/backups").body["value"])
    assert tables.backup_container().exists()
