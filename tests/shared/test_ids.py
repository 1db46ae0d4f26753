"""Names and ids are stable, short enough, and made of characters that the services accept."""

import re
import uuid
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import ids
from shared.contracts.contracts import MACHINE_PHASES, PLAN_PHASES
from shared.models import Scope

NAMES = st.from_regex(ids.NAME, fullmatch=True)
PLACES = st.builds(
    Scope,
    migration=st.builds(ids.migration_id, NAMES, st.integers(1, 999).map(str)),
    wave=NAMES,
    machine=NAMES,
    phase=st.sampled_from([*PLAN_PHASES, *MACHINE_PHASES]),
    round=st.integers(1, 99),
    attempt=st.integers(1, 99),
)


@dataclass(frozen=True)
class Key:
    key: str
    life: int = 1


@settings(deadline=None)
@given(PLACES)
def test_an_instance_id_is_short_and_plain(place: Scope) -> None:
    assert re.fullmatch(r"[a-z0-9._-]{1,100}", ids.instance_id(place))


@settings(deadline=None)
@given(PLACES, PLACES)
def test_two_places_have_two_instance_ids(scope: Scope, other: Scope) -> None:
    assert (ids.instance_id(scope) == ids.instance_id(other)) == (scope.key == other.key)


def test_a_short_instance_id_reads_as_its_place() -> None:
    place = Scope(migration="finance.1", wave="shop", machine="db1", phase="quiesce", round=2)

    assert ids.instance_id(place) == "finance.1.shop.db1.quiesce.2"


def test_a_hashed_tail_cannot_be_taken_for_a_round() -> None:
    assert re.fullmatch(r"a{83}-[0-9a-f]{16}", ids.instance_id(Key("a" * 200)))


@settings(deadline=None)
@given(st.text(), st.text())
def test_a_request_id_is_the_uuid_that_the_standard_defines(key: str, what: str) -> None:
    expected = uuid.uuid5(uuid.UUID(bytes=ids.NAMESPACE), f"{key}|{what}")

    assert ids.request_id(key, what) == str(expected)


@settings(deadline=None)
@given(st.text(), st.text())
def test_a_client_token_is_ascii_and_at_most_64_long(key: str, what: str) -> None:
    token = ids.client_token(key, what)

    assert token.isascii()
    assert len(token) <= 64


@settings(deadline=None)
@given(st.text(), st.text())
def test_a_command_token_fits_a_comment(key: str, what: str) -> None:
    assert len(ids.command_token(key, what)) <= 100


@settings(deadline=None)
@given(NAMES, NAMES, st.integers(1, 64), st.integers(1, 99))
def test_names_in_site_recovery_are_letters_digits_and_hyphens(plan: str, wave: str, cohort: int, run: int) -> None:
    migration = ids.migration_id(plan, str(run))
    names = [
        ids.recovery_plan_name(migration, wave, cohort),
        ids.protected_item_name(migration, wave),
        ids.policy_name(plan, "PT24H"),
        ids.mapping_name(ids.policy_name(plan, "PT24H"), "/Subscriptions/1/cloud_1"),
    ]

    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{1,62}", name) for name in names)


@settings(deadline=None)
@given(st.text())
def test_a_name_made_from_any_text_is_a_name_or_empty(text: str) -> None:
    name = ids.name_from(text)

    assert name == "" or re.fullmatch(ids.NAME, name)


@pytest.mark.parametrize(
    ("text", "name"),
    [("Shop Web 01", "shop-web-01"), ("__db__", "db"), ("Ünïcode", "n-code"), ("—", ""), ("x" * 50, "x" * 31)],
)
def test_a_name_tag_becomes_a_name(text: str, name: str) -> None:
    assert ids.name_from(text) == name


def test_the_next_run_is_after_the_last_even_if_runs_with_keys_lie_between() -> None:
    assert ids.next_run(["finance.1", "finance.k0123456789abcdef", "finance.7"]) == "8"


def test_the_same_key_means_the_same_run() -> None:
    assert ids.run_of("order 66") == ids.run_of("order 66") != ids.run_of("order 67")


def test_a_later_life_has_other_instance_ids_and_the_same_keys_for_its_effects() -> None:
    first = Scope(migration="finance.1", wave="shop", machine="web1", phase="quiesce")
    second = first.replace(life=2)

    assert "finance.1.shop.web1.quiesce.1" == ids.instance_id(first) == first.key == second.key
    assert "finance.1.shop.web1.quiesce.1.life-2" == ids.instance_id(second)
