"""Claims: no source belongs to two migrations that run."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from shared.ledger import migrations, source_claims
from shared.ledger.migration_rounds import close_round, open_round
from shared.ledger.migration_row import MigrationRow
from shared.models import Scope

pytestmark = pytest.mark.usefixtures("store")

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def running(*names: str) -> None:
    for name in names:
        migrations.create(MigrationRow(id=name))


def test_a_source_belongs_to_who_claimed_it_first() -> None:
    running("m.1", "m.2")

    assert source_claims.claim("m.1", ["i-1", "i-2"]) == {}
    assert source_claims.claim("m.2", ["i-2", "i-3"]) == {"i-2": "m.1"}

    assert source_claims.busy_elsewhere(["i-1", "i-2", "i-3"], "m.1") == {"i-3": "m.2"}


def test_claiming_twice_is_claiming_once() -> None:
    running("m.1")

    assert source_claims.claim("m.1", ["i-1"]) == {}
    assert source_claims.claim("m.1", ["I-1"]) == {}


def test_a_source_is_free_when_its_migration_has_ended() -> None:
    running("m.1", "m.2")
    source_claims.claim("m.1", ["i-1"])
    close_round("m.1", 1, NOW)

    assert source_claims.busy_elsewhere(["i-1"], "m.2") == {}
    assert source_claims.claim("m.2", ["i-1"]) == {}
    assert source_claims.busy_elsewhere(["i-1"], "m.1") == {"i-1": "m.2"}


def test_freed_sources_can_be_claimed() -> None:
    running("m.1", "m.2")
    source_claims.claim("m.1", ["i-1", "i-2"])
    source_claims.claim("m.2", ["i-3"])

    source_claims.free("m.1")
    source_claims.free("m.1")

    assert source_claims.claim("m.2", ["i-1"]) == {}
    assert source_claims.busy_elsewhere(["i-2", "i-3"], "m.9") == {"i-3": "m.2"}


def test_each_source_has_one_owner_however_many_claim_at_once(together: Callable) -> None:
    names = [f"m.{number}" for number in range(8)]
    running(*names)
    wanted = [f"i-{number}" for number in range(150)]

    busy = together(lambda name: source_claims.claim(name, wanted), names)

    for source in wanted:
        owners = [name for name, taken in zip(names, busy, strict=True) if source not in taken]
        assert len(owners) == 1


def test_who_died_while_claiming_is_repaired_by_running_again(dying: Callable) -> None:
    running("m.1", "m.2")
    wanted = [f"i-{number}" for number in range(250)]
    with dying(2, after=True) as died:
        source_claims.claim("m.1", wanted)
    assert died == [True]

    assert source_claims.claim("m.1", wanted) == {}
    assert len(source_claims.claim("m.2", wanted)) == 250


def test_a_migration_that_runs_again_and_a_rival_never_both_have_a_source(together: Callable) -> None:
    running("m.1", "m.2")
    source_claims.claim("m.1", ["i-1"])
    close_round("m.1", 1, NOW)

    def claim(name: str) -> dict[str, str]:
        if name == "m.1":
            open_round(Scope(migration="m.1", round=2, now=NOW), "m.1.r2")
        return source_claims.claim(name, ["i-1"])

    assert together(claim, ["m.1", "m.2"]).count({}) == 1


def test_a_claim_that_was_renewed_since_it_was_read_is_not_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    running("m.1", "m.2")
    source_claims.claim("m.1", ["i-1"])
    close_round("m.1", 1, NOW)
    real = migrations.get

    def read_then_run_again(migration: str) -> MigrationRow | None:
        row = real(migration)
        monkeypatch.setattr(migrations, "get", real)
        open_round(Scope(migration="m.1", round=2, now=NOW), "m.1.r2")
        assert source_claims.claim("m.1", ["i-1"]) == {}
        return row

    monkeypatch.setattr(migrations, "get", read_then_run_again)

    assert source_claims.claim("m.2", ["i-1"]) == {"i-1": "m.1"}
