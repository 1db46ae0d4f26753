"""One migration per run of a plan, however often, from wherever and by however many callers it arrives."""

import json

import pytest

from shared.decisions.people import played
from shared.intake import register
from shared.ledger import events, migrations, plans, source_claims
from shared.ledger.migration_rounds import close_round
from shared.plan.reader import to_plan
from shared.plan.schema import EXAMPLE
from shared.problems import AlreadyRunning, MachineBusy, UnreadableRequest
from shared.reporting import ledger_views

pytestmark = pytest.mark.usefixtures("store")
PLAN = to_plan(EXAMPLE)
OTHER = to_plan(EXAMPLE | {"description": "another"})


def test_many_callers_at_once_make_one_migration(together, at):
    taken = together(lambda n: register.take_in(PLAN, played(f"caller-{n}"), at(0)), list(range(12)))

    assert {"finance.1"} == {each.migration for each in taken}
    assert 1 == sum(each.fresh for each in taken)
    assert ["plan-accepted"] == [each.what for each in events.page("finance.1")[0]]


def test_a_plan_runs_again_under_a_new_id_once_it_has_ended(at):
    register.take_in(PLAN, played("ada"), at(0))
    close_round("finance.1", 1, at(1))

    assert ("finance.2", True) == ((again := register.take_in(OTHER, played("ada"), at(2))).migration, again.fresh)


def test_a_key_means_the_same_run_even_after_it_has_ended(at):
    first = register.take_in(PLAN, played("ada"), at(0), "monday")
    close_round(first.migration, 1, at(1))

    assert (first.migration, False) == (
        (again := register.take_in(PLAN, played("ada"), at(2), "monday")).migration,
        again.fresh,
    )
    with pytest.raises(AlreadyRunning):
        register.take_in(OTHER, played("ada"), at(3), "monday")


def test_who_died_before_the_plan_was_kept_is_finished_by_the_next(at, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(plans, "save", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            register.take_in(PLAN, played("ada"), at(0))
    again = register.take_in(PLAN, played("ada"), at(1))

    assert ("finance.1", False, "finance") == (again.migration, again.fresh, plans.plan_of("finance.1").name)


def test_machines_of_another_running_migration_are_refused_and_free_again_when_it_ends(at):
    register.take_in(PLAN, played("ada"), at(0))
    source_claims.claim("finance.1", ["i-0aaa1111"])
    rival = to_plan(EXAMPLE | {"name": "rival"})

    with pytest.raises(MachineBusy) as refused:
        register.take_in(rival, played("eve"), at(1))
    assert ["/waves/0/machines/0/source/instanceId"] == [fault.pointer for fault in refused.value.facts.errors]
    assert [] == list(migrations.all_of("rival"))
    close_round("finance.1", 1, at(2))
    assert register.take_in(rival, played("eve"), at(3)).fresh


@pytest.mark.parametrize("key", ["k" * 257, "a\nb"])
def test_a_key_that_nobody_would_send_is_refused(key):
    with pytest.raises(UnreadableRequest):
        register.check_key(key)


def test_a_name_in_azure_that_a_running_migration_has_promised_is_refused_whatever_its_letters(at):
    register.take_in(PLAN, played("ada"), at(0))
    wave, target = EXAMPLE["waves"][0], EXAMPLE["target"]
    source_claims.claim(
        "finance.1", [source_claims.name_in_azure(target["subscriptionId"], target["resourceGroup"], "Shop-Web9")]
    )
    machine = {"name": "w", "source": {"instanceId": "i-0ccc3333"}, "target": {"name": "shop-WEB9"}}
    rival = to_plan(EXAMPLE | {"name": "rival", "waves": [wave | {"machines": [machine]}]})

    with pytest.raises(MachineBusy) as refused:
        register.take_in(rival, played("eve"), at(1))
    assert ["/waves/0/machines/0/target/name"] == [fault.pointer for fault in refused.value.facts.errors]


def test_machines_of_other_strategies_are_kept_counted_out_and_told(at):
    """Whoever reads the plan for work sees none of them; the plan as it was sent has them."""
    document = json.loads(json.dumps(EXAMPLE))
    listed = document["waves"][0]["machines"]
    listed.append({"name": "old1", "source": {"instanceId": "i-0bbb9999"}, "strategy": "retire"})

    taken = register.take_in(to_plan(document), played("ada"), at(0)).migration
    register.take_in(
        to_plan(
            {**EXAMPLE, "name": "other", "waves": [{"name": "w", "machines": [listed[1] | {"strategy": "rehost"}]}]}
        ),
        played("ada"),
        at(1),
    )

    assert 1 == migrations.existing(taken).machines
    written = {each.what: each.text for each in events.page(taken)[0]}
    assert {"plan-accepted", "machines-left-out"} == set(written)
    assert "left out of the work by their strategy: old1 (retire)" == written["machines-left-out"]
    assert ["shop-web1"] == [machine.name for _, machine in plans.plan_of(taken).entries()]
    assert b"old1" in plans.load(taken)
    assert {"old1": "retire"} == ledger_views.migration(taken, at(2)).left_out
