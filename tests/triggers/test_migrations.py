"""Plans come in over HTTP: once, whole, or not at all."""

import pytest

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
