"""Waves proposed for a plan: each machine once, applications together, in order, within limits, and the same each time."""

import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.lists.waves.proposing import propose_waves
from shared.plan.plan_yaml import flow
from shared.plan.reader import read_plan
from shared.problems import InvalidPlan
from shared.reporting.assessment import AssessedMachine, Assessment
from tests.architecture import ROOT
from tests.shared.lists.conftest import TARGET

HEAD = f"name: finance\nsource: {{aws: {{region: eu-west-1}}}}\n{TARGET}"
WINDOW = {"start": "2030-01-01T22:00", "length": "PT4H"}


def address(number):
    return f"10.{number // 250}.{number % 250}.1"


def machine(name, number, application="", **more):
    tags = {key: value for key in ("env", "dependsOn", "tier") if (value := more.pop(key, ""))}
    document = {"name": name, "source": {"privateIp": address(number)}, **more}
    return (
        document | ({"application": application} if application else {}) | ({"target": {"tags": tags}} if tags else {})
    )


def plan_of(*waves, head=HEAD):
    """A plan with its waves as blocks, a comment above each machine."""
    lines = []
    for wave in waves:
        own = {key: value for key, value in wave.items() if key != "machines"}
        lines += [f"{'  - ' if at == 0 else '    '}{key}: {flow(value)}" for at, (key, value) in enumerate(own.items())]
        lines += ["    machines:"]
        lines += [f"      # ours: {each.get('name', '')}\n      - {flow(each)}" for each in wave["machines"]]
    return f"{head}waves:\n" + "\n".join(lines) + "\n"


def imported(*machines, **more):
    return plan_of({"name": "imported", **more, "machines": list(machines)})


def waves_in(proposal):
    return {wave.name: [each.name for each in wave.machines] for wave in proposal.waves}


def waits_in(proposal):
    return {wave.name: wave.depends_on for wave in proposal.waves if wave.depends_on}


def after(text):
    return read_plan(text.encode(), "application/yaml")


@pytest.mark.parametrize("name", ["aws-to-azure", "mixed", "vmware-to-azure", "hyperv-to-azure"])
def test_a_plan_that_people_ordered_well_stays_as_it_is(name):
    proposal = propose_waves((ROOT / "examples" / f"{name}.yaml").read_text())

    assert ((), False, True) == (proposal.changes, proposal.changed, proposal.valid)


def test_an_application_is_brought_together_where_most_of_it_is():
    text = plan_of(
        {"name": "first", "machines": [machine("a1", 1, "Ledger"), machine("x", 2)]},
        {"name": "second", "machines": [machine("a2", 3, "ledger"), machine("a3", 4, "Ledger")]},
    )
    proposal = propose_waves(text)

    assert {"first": ["x"], "second": ["a1", "a2", "a3"]} == waves_in(proposal)
    assert "most of application Ledger, ledger is in second" == proposal.waves[1].machines[0].reason
    assert text.count("# ours") == proposal.plan.count("# ours"), "comments go along"
    assert ["x"] == [each.name for each in after(proposal.plan).wave("first").machines]


def test_what_is_depended_on_goes_before_and_the_reason_is_told():
    proposal = propose_waves(imported(machine("w", 1, "Web", dependsOn="ledger; Mail"), machine("l", 2, "Ledger")))

    assert {"imported": ["l"], "web": ["w"]} == waves_in(proposal)
    assert {"web": ("imported",)} == waits_in(proposal)
    assert "after imported: application Web depends on application Ledger" in proposal.waves[1].reasons
    assert ("Web depends on mail, which is no application of the plan",) == proposal.notes


def test_applications_that_depend_on_each_other_go_together():
    proposal = propose_waves(
        imported(
            machine("a", 1, "A", dependsOn="B"),
            machine("b", 2, "B", dependsOn="C"),
            machine("c", 3, "C", dependsOn="A"),
        )
    )

    assert {"imported": ["a", "b", "c"]} == waves_in(proposal)
    assert "applications that depend on each other in a circle go together" in proposal.waves[0].reasons


def test_test_goes_before_production_and_takes_along_what_it_depends_on():
    proposal = propose_waves(
        imported(
            machine("shop-p", 1, "Shop", env="Production"),
            machine("shop-t", 2, "Shop", env="TST", dependsOn="Names"),
            machine("dc", 3, "Names"),
            machine("old", 4),
        )
    )

    assert [["dc"], ["shop-t"], ["old", "shop-p"]] == [sorted(names) for names in waves_in(proposal).values()]
    assert ("names-test", "shop-test") == tuple(waves_in(proposal))[:2]
    assert {"shop-test": ("names-test",), "imported": ("names-test", "shop-test")} == waits_in(proposal)
    assert "Names goes early: machines of test depend on it" in proposal.waves[0].reasons
    assert "machines without an environment go as production" in proposal.waves[2].reasons


def test_an_application_depends_on_that_of_its_own_environment():
    proposal = propose_waves(
        imported(
            machine("shop-t", 1, "Shop", env="test", dependsOn="Ledger"),
            machine("led-t", 2, "Ledger", env="test"),
            machine("led-p", 3, "Ledger", env="production"),
        )
    )

    assert [["led-t"], ["shop-t"], ["led-p"]] == list(waves_in(proposal).values())


@pytest.mark.parametrize(
    ("more", "sizes", "reason"),
    [
        ({}, [40, 5], "limits.replicating lets 40 copy at once"),
        ({"cutover": {"windows": [{**WINDOW, "capacity": 30}]}}, [30, 15], "takes 30 (capacity)"),
        (
            {"cutover": {"windows": [{**WINDOW, "lockout": "PT3H"}], "expectedDuration": "PT30M"}},
            [30, 15],
            "bears 30: 3 times 10 at once",
        ),
        ({"cutover": {"windows": [{"start": "2030-01-01T22:00", "end": "2030-01-01T23:00"}]}}, [20, 20, 5], "bears 20"),
    ],
    ids=["replicating", "capacity", "turns", "end"],
)
def test_a_wave_has_what_an_opening_bears(more, sizes, reason):
    proposal = propose_waves(imported(*(machine(f"m{number:02}", number) for number in range(45)), **more))

    assert sizes == [len(wave.machines) for wave in proposal.waves]
    assert any(reason in each for each in proposal.waves[0].reasons)
    assert proposal.waves[1].name == "imported-2"
    assert after(proposal.plan).wave("imported-2").cutover == after(proposal.plan).wave("imported").cutover


def test_only_what_is_larger_than_a_wave_is_divided_by_its_boot_groups():
    servers = [machine(f"web{number}", number, "Shop") for number in range(4)]
    proposal = propose_waves(imported(*servers, machine("z-db1", 9, "Shop"), machine("y", 10)), largest=3)

    assert {"imported": ["z-db1", "web0", "web1"], "shop-2": ["web2", "web3"]}.items() <= waves_in(proposal).items()
    assert {"shop-2": ("imported",)} == waits_in(proposal)
    assert [1, 2, 2] == [each.boot_group for each in proposal.waves[1].machines]


def test_boot_groups_are_told_by_tags_checks_and_names_unless_the_plan_has_them():
    shop = [
        machine("one", 1, "Shop", verify=[{"service": "postgresql"}]),
        machine("two", 2, "Shop", tier="Presentation"),
        machine("three", 3, "Shop"),
    ]
    own = [machine("own-db", 4, "Own", bootGroup=2), machine("own-web", 5, "Own")]
    proposal = propose_waves(imported(*shop, *own))
    places = {each.name: (each.boot_group, each.boot_reason) for each in proposal.waves[0].machines}

    assert (1, "database (service postgresql)") == places["one"]
    assert (2, "application (nothing tells what it does)") == places["three"]
    assert (3, "web (tag Presentation)") == places["two"]
    assert (2, 1) == (places["own-db"][0], places["own-web"][0])


def test_what_an_assessment_found_puts_small_machines_first():
    text = imported(machine("a", 1), machine("b", 2), machine("c", 3))
    sizes = {"a": 900.0, "b": 30.0, "c": 64.0}
    found = Assessment(
        machines=tuple(AssessedMachine(name=name, disks_gb=(size,), os_family="linux") for name, size in sizes.items())
    )
    proposal = propose_waves(text, found, largest=2)

    assert [["b", "c"], ["a"]] == list(waves_in(proposal).values())
    assert "2 machines, 2 linux, 94 GB of disks" == proposal.waves[0].reasons[0]
    assert [["a", "b"], ["c"]] == list(waves_in(propose_waves(text, largest=2)).values())


def test_waves_of_the_same_settings_are_taken_as_one_only_where_that_is_wanted():
    text = plan_of(
        {"name": "one", "machines": [machine("a", 1)]},
        {"name": "two", "machines": [machine("b", 2)]},
        {"name": "three", "gates": {"test": "manual"}, "machines": [machine("c", 3)]},
    )

    assert {"one", "two", "three"} == set(waves_in(propose_waves(text)))
    proposal = propose_waves(text, anew=True)
    assert {"one": ["a", "b"], "three": ["c"]} == waves_in(proposal)
    assert ["one", "three"] == [wave.name for wave in after(proposal.plan).waves], "an empty wave is gone"


def test_a_wave_whose_recovery_plan_has_actions_stays_whole():
    action = {"name": "look", "manual": "Look.", "bootGroup": 1}
    first = {
        "name": "first",
        "cutover": {"mode": "recoveryPlan", "actions": [action]},
        "machines": [machine("a-db", 1, "A"), machine("b-web", 2, "B", dependsOn="A")],
    }
    second = {"name": "second", "machines": [machine("a2", 3, "A"), machine("a3", 4, "A")]}
    proposal = propose_waves(plan_of(first, second), largest=1)

    assert ["a-db", "b-web"] == waves_in(proposal)["first"]
    assert "bootGroup" not in [each.field for each in proposal.changes]
    assert proposal.valid


def test_what_is_not_migrated_stays_and_is_shown():
    text = plan_of(
        {"name": "old", "machines": [machine("gone", 1, "A", strategy="retire")]},
        {"name": "new", "dependsOn": ["old"], "machines": [machine("a", 2, "A")]},
    )
    proposal = propose_waves(text)

    assert {"new": ["a"]} == waves_in(proposal)
    assert "  # nothing in it is migrated\n  - name: old\n" in proposal.part


def test_faulty_waves_are_refused_with_their_place_and_what_else_is_missing_is_told():
    with pytest.raises(InvalidPlan) as refused:
        propose_waves(imported({"name": "a"}))
    assert "/waves/0/machines/0/source" == refused.value.facts.errors[0].pointer

    proposal = propose_waves(plan_of({"name": "w", "machines": [machine("a", 1)]}, head="name: finance\n"))
    assert not proposal.valid
    assert "/target" in [each.pointer for each in proposal.errors]


def test_selections_and_crowded_appliances_are_told():
    many = [machine(f"m{number}", number) for number in range(200)]
    proposal = propose_waves(imported(*many, {"source": {"tags": {"wave": "7"}}}))

    assert ["201 machines go through", "wave=7 in wave imported"] == [
        note[: len(start)]
        for note, start in zip(proposal.notes, ("201 machines go through", "wave=7 in wave imported"), strict=True)
    ]
    assert 201 == sum(len(wave.machines) for wave in proposal.waves)


def test_a_plan_in_json_and_one_in_flow_style_can_be_changed_too():
    document = json.dumps(
        {
            "name": "finance",
            "waves": [
                {"name": "w", "machines": [machine("a", 1, "A", dependsOn="B"), machine("b", 2, "B")]},
                {"name": "v", "machines": [machine("b2", 3, "B"), machine("b3", 4, "B")]},
            ],
        }
    )
    proposal = propose_waves(document)

    assert ["w", "v"] == [each["name"] for each in json.loads(proposal.plan)["waves"]]
    assert ["v"] == json.loads(proposal.plan)["waves"][0]["dependsOn"]


FLEETS = st.lists(
    st.tuples(
        st.sampled_from(["", "A", "B", "C"]),
        st.sampled_from(["", "dev", "prod"]),
        st.sampled_from(["", "A", "B", "C"]),
        st.sampled_from(["w1", "w2", "w3"]),
        st.sampled_from(["db", "web", "x"]),
    ),
    min_size=1,
    max_size=14,
)


def fleet(rows, order):
    """The waves of a fleet with its machines, and the waves, in an order."""
    waves = {}
    for number in order:
        application, env, needs, wave, kind = rows[number]
        entry = machine(f"{kind}{number}", number + 1, application, env=env, dependsOn=needs)
        waves.setdefault(wave, []).append(entry)
    ordered = {"w2": ["w1"], "w3": ["w1", "w2"]}
    return plan_of(
        *(
            {"name": name, "dependsOn": [each for each in ordered.get(name, []) if each in waves], "machines": entries}
            for name, entries in waves.items()
        )
    )


@settings(max_examples=25, deadline=None)
@given(rows=FLEETS, largest=st.integers(2, 6), anew=st.booleans(), data=st.data())
def test_whatever_the_fleet_is(rows, largest, anew, data):
    order = data.draw(st.permutations(range(len(rows))))
    proposal = propose_waves(fleet(rows, range(len(rows))), largest=largest, anew=anew)
    other = propose_waves(fleet(rows, order), largest=largest, anew=anew)
    plan = after(proposal.plan)
    placed = [each.name for wave in proposal.waves for each in wave.machines]

    assert proposal.valid, "proposals validate"
    assert sorted(placed) == sorted(f"{row[4]}{number}" for number, row in enumerate(rows)), "each machine once"
    assert all(len(wave.machines) <= largest for wave in proposal.waves)
    assert proposal.waves == other.waves, "the order of the plan does not matter"
    assert waves_in(proposal) == {name: names for name, names in waves_in(proposal).items() if plan.wave(name)}
    assert {wave.name: {each.name for each in wave.machines} for wave in plan.waves} == {
        name: set(names) for name, names in waves_in(proposal).items()
    }
    assert [] == list(_split(rows, proposal, largest)), "applications stay together unless they are too large"


def _split(rows, proposal, largest):
    """Yield applications of one environment that are in several waves though they would fit into one."""
    places = {each.name: wave.name for wave in proposal.waves for each in wave.machines}
    groups = {}
    for number, (application, env, _, _, kind) in enumerate(rows):
        stages = {row[1] for row in rows if row[0] == application and row[1]}
        own = env or (stages.copy().pop() if len(stages) == 1 else "")
        if application:
            groups.setdefault((application, own), []).append(f"{kind}{number}")
    circle = any(each.startswith("part") for wave in proposal.waves for each in wave.reasons)
    for key, names in groups.items():
        if len({places[name] for name in names}) > 1 and len(names) <= largest and not circle:
            yield key


@settings(max_examples=25, deadline=None)
@given(rows=FLEETS, largest=st.integers(2, 6))
def test_a_plan_that_was_written_so_is_not_changed_again_where_no_application_was_divided(rows, largest):
    first = propose_waves(fleet(rows, range(len(rows))), largest=largest)
    assume(not any(each.startswith("part ") for wave in first.waves for each in wave.reasons))
    second = propose_waves(first.plan, largest=largest)

    assert ((), first.plan) == (second.changes, second.plan)
