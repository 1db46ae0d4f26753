"""`backups` and `restore`: what is kept, and put back."""

import json

import pytest

ONE = {"name": "20261121T051700Z", "rows": {"migrations": 1, "machines": 12}, "blobs": 2}


@pytest.fixture
def kept(prepared):
    prepared.backups = [ONE]
    return prepared


def test_backups_are_listed_with_what_they_hold(ask, kept):
    assert "20261121T051700Z  1 migration, 12 machines, 13 rows, 2 blobs\n" == ask("backups").stdout


def test_no_backup_is_said_with_what_makes_one(ask):
    assert "azferry backups --now" in ask("backups").stdout


def test_a_backup_is_begun_once_and_waited_for(ask, kept):
    kept.later = [lambda: None, lambda: None]
    answer = ask("backups", "--now", "--every", "0.1", "-o", "json")

    assert ONE == json.loads(answer.stdout)
    assert [("POST", "/api/backups"), *[("GET", f"/api/backups/{ONE['name']}")] * 3] == [
        each[:2] for each in kept.requests
    ]


def test_a_backup_is_put_back_once_that_was_said(ask, kept):
    assert 2 == ask("restore", ONE["name"]).exit_code
    assert [] == kept.requests

    answer = ask("restore", ONE["name"], "--yes")

    place = f"/api/backups/{ONE['name']}/restore"
    assert [("POST", place), ("GET", place)] == [each[:2] for each in kept.requests]
    assert answer.stdout.startswith("Restored 20261121T051700Z  1 migration")
