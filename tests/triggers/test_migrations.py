"""Plans come in over HTTP: once, whole, or not at all."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.ledger import migrations
from shared.models import Scope
from shared.states import MigrationStatus, Outcome
from tests.triggers.conftest import principal, with_settings


def test_a_plan_starts_one_migration_and_the_same_plan_while_it_runs_is_the_same(ask, client, plan):
    first, second = ask("POST", "/api/migrations", plan), ask("POST", "/api/migrations", plan)

    assert (202, 200) == (first.status, second.status)
    assert "/api/migrations/finance.1" == first.headers["Location"]
    assert "5" == first.headers["Retry-After"]
    assert "Running" == first.body["status"]
    assert ["finance.1.migrate.1"] == list(client.started)
    assert 1 == len(client.started["finance.1.migrate.1"])


def test_another_plan_of_the_same_name_is_refused_while_the_first_runs(ask, plan):
    ask("POST", "/api/migrations", plan)
    refused = ask("POST", "/api/migrations", plan | {"description": "another"})

    assert (409, "finance.1") == (refused.status, refused.body["migration"])
    assert "application/problem+json" == refused.headers.get("content-type", "application/problem+json")


def test_yaml_is_read_too(ask, plan):
    assert 202 == ask("POST", "/api/migrations", plan, {"content-type": "application/yaml"}).status


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"a: [", "application/yaml", 400),
        (b"a: !!python/object:os.system {}", "application/yaml", 400),
        (b"{}", "text/csv", 415),
        (b" " * (16 * 1024 * 1024 + 1), "application/json", 413),
        (b'{"name": "X y"}', "application/json", 422),
    ],
)
def test_bad_input_is_one_problem_document_and_creates_nothing(ask, client, body, kind, status):
    refused = ask("POST", "/api/migrations", body, {"content-type": kind})

    assert (status, status) == (refused.status, refused.body["status"])
    assert [] == ask("GET", "/api/migrations").body["value"]
    assert {} == client.started


def test_every_fault_of_a_plan_is_listed_with_its_pointer(ask, plan):
    plan["waves"].append({"name": "shop", "dependsOn": ["nowhere"], "machines": [], "extra": 1})
    pointers = {fault["pointer"] for fault in ask("POST", "/api/migrations", plan).body["errors"]}

    assert {"/waves/1/machines", "/waves/1/extra"} <= pointers


def test_an_idempotency_key_is_the_same_migration_for_ever(ask, plan):
    key = {"idempotency-key": "monday"}
    first, second = ask("POST", "/api/migrations", plan, key), ask("POST", "/api/migrations", plan, key)

    assert (202, 200, first.body["id"]) == (first.status, second.status, second.body["id"])
    assert 409 == ask("POST", "/api/migrations", plan | {"description": "x"}, key).status
    assert 400 == ask("POST", "/api/migrations", plan, {"idempotency-key": "k" * 257}).status


def test_who_starts_is_the_signed_in_principal_and_a_name_in_the_query_counts_on_the_local_stack_only(ask, plan, local):
    assert "ada" == ask("POST", "/api/migrations?by=ada", plan).body["startedBy"]
    with_settings(local, AZFERRY_SIGN_IN="true")
    signed = ask("POST", "/api/migrations?by=ada", plan | {"name": "two"}, principal("eve@x", "operator"))
    assert "eve@x" == signed.body["startedBy"]

    with_settings(local, AZFERRY_LOCAL="false", AZFERRY_SIGN_IN="false")
    assert "" == ask("POST", "/api/migrations?by=ada", plan | {"name": "three"}).body["startedBy"]


def test_migrations_are_paged_the_newest_first(ask, plan):
    for name in ("one", "two", "three"):
        ask("POST", "/api/migrations", plan | {"name": name})
    page = ask("GET", "/api/migrations?top=2").body
    later = ask("GET", page["nextLink"]).body

    assert ["three.1", "two.1", "one.1"] == [each["id"] for each in page["value"] + later["value"]]
    assert "nextLink" not in later


@pytest.mark.parametrize("top", ["0", "1001", "x", "-1", "%C2%B2"])
def test_a_page_size_that_is_no_number_is_refused(ask, top):
    assert 400 == ask("GET", f"/api/migrations?top={top}").status


def test_a_machine_of_another_running_migration_is_refused_with_its_place(ask, plan):
    from shared.ledger import source_claims  # noqa: PLC0415

    ask("POST", "/api/migrations", plan)
    source_claims.claim("finance.1", ["i-0aaa1111"])
    refused = ask("POST", "/api/migrations", plan | {"name": "other"})

    assert (409, "/waves/0/machines/0/source/instanceId") == (refused.status, refused.body["errors"][0]["pointer"])
    assert ["finance.1"] == [each["id"] for each in ask("GET", "/api/migrations").body["value"]]


@pytest.fixture
def archived(ask, plan):
    """One that runs, and two that ended at different times."""
    given = (("runs", None, 0), ("spring", Outcome.SUCCEEDED, 1), ("autumn", Outcome.FAILED, 200))
    for number, (name, outcome, day) in enumerate(given):
        machine = plan["waves"][0]["machines"][0] | {
            "name": f"{name}-vm",
            "source": {"instanceId": f"i-0bbb111{number}"},
        }
        waves = [plan["waves"][0] | {"machines": [machine]}]
        assert 202 == ask("POST", f"/api/migrations?by={name}-ops", plan | {"name": name, "waves": waves}).status
        if outcome:
            at = datetime(2026, 1, 10, tzinfo=UTC) + timedelta(days=day)
            place = Scope(migration=f"{name}.1", now=datetime(2099, 1, 1, tzinfo=UTC))
            migrations.change(place, status=MigrationStatus.ENDED, outcome=outcome, ended_at=at)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ended=false", {"runs.1"}),
        ("ended=true", {"spring.1", "autumn.1"}),
        ("ended=true&outcome=Failed,RolledBack", {"autumn.1"}),
        ("ended=true&find=SPRING-OPS", {"spring.1"}),
        ("ended=true&after=2026-02-01", {"autumn.1"}),
        ("ended=true&before=2026-02-01", {"spring.1"}),
        ("", {"runs.1", "spring.1", "autumn.1"}),
    ],
)
def test_the_archive_is_searched_by_name_outcome_and_time(ask, archived, query, found):
    assert found == {each["id"] for each in ask("GET", f"/api/migrations?{query}").body["value"]}


def test_a_page_of_the_archive_leads_to_the_next_of_the_same_search(ask, archived):
    first = ask("GET", "/api/migrations?ended=true&top=1").body
    second = ask("GET", first["nextLink"]).body

    assert {"spring.1", "autumn.1"} == {each["id"] for page in (first, second) for each in page["value"]}
    assert "until somebody deletes the app's storage" in first["kept"]
    assert "for 30 days" in first["kept"]


@pytest.mark.parametrize("query", ["ended=maybe", "outcome=Fine", "after=tomorrow", f"find={'x' * 201}"])
def test_a_search_that_says_nothing_is_refused(ask, query):
    assert 400 == ask("GET", f"/api/migrations?{query}").status
