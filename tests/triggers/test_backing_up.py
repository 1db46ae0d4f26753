"""Backups over HTTP: who may list, write and restore them; and the timer that writes them."""

import pytest

from shared.storage import tables
from tests.triggers.conftest import principal, with_settings


@pytest.fixture
def kept(local, unique):
    with_settings(local, AZFERRY_BACKUP_CONTAINER=f"{unique}-backups")


def test_a_backup_is_written_listed_and_put_back(kept, ask, plan):
    begun = ask("POST", "/api/migrations", plan)
    made = ask("POST", "/api/backups")

    assert (201, 1) == (made.status, made.body["rows"]["migrations"])
    assert [made.body] == ask("GET", "/api/backups").body["value"]
    assert 200 == ask("POST", f"/api/backups/{made.body['name']}/restore").status
    assert begun.body["id"] == ask("GET", "/api/migrations").body["value"][0]["id"]


def test_a_backup_that_is_not_there_is_not_found(kept, ask):
    assert 404 == ask("POST", "/api/backups/20000101T000000Z/restore").status


@pytest.mark.parametrize(
    ("role", "statuses"), [("reader", (403, 403)), ("operator", (201, 403)), ("owner", (201, 404))]
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
