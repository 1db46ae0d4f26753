"""Into a plan that is there: only what the list says otherwise changes; comments, order and style stay."""

import json

import pytest

from shared.plan.reader import read_plan
from shared.problems import UnreadablePlan
from tests.shared.lists.conftest import TARGET, as_file, found, machines, plan_for

PLAN = f"""\
# The ledger moves first.
name: finance
source: {{aws: {{region: eu-west-1}}}}   # Dublin
{TARGET}waves:
  # the first
  - name: wave-7
    gates: {{test: manual, cutover: manual}}
    machines:
      # holds the books
      - name: led-sql1
        source: {{privateIp: 10.0.2.15}} # fixed
        target:
          size: "Standard_D2s_v5" # as measured
          tags:
            owner: finance
        scripts:
          stopServices: |
            systemctl stop ledger

            sync
      - {{name: led-web1, source: {{instanceId: i-0aaa1111}}, bootGroup: 2}}

  - {{name: wave-8, machines: [{{name: shop1, source: {{privateIp: 10.0.3.1}}}}, {{name: shop2, source: {{privateIp: 10.0.3.2}}}}]}}
# the end
"""
HEAD = "name,wave,privateIp,application,size,tag:owner,bootGroup\n"


def difference(before, after):
    kept = set(before.splitlines())
    return [line.strip() for line in after.splitlines() if line not in kept], [
        line.strip() for line in before.splitlines() if line not in set(after.splitlines())
    ]


def test_the_plan_of_these_tests_is_valid():
    read_plan(PLAN.encode(), "application/yaml")


def test_what_the_plan_says_already_changes_nothing(into):
    body = HEAD + "led-sql1,Wave 7,10.0.2.15,,Standard_D2s_v5,finance,1\nled-web1,wave-7,,,,,2\n"
    result = into(body, PLAN)

    assert ((), False, PLAN) == (result.changes, result.changed, result.plan)
    assert [] == found(result)


def test_a_value_changes_where_it_stands_and_a_new_one_is_put_beside(into):
    result = into(HEAD + "led-sql1,,10.0.2.16,Ledger,Standard_D4s_v5,audit,3\n", PLAN)

    assert (
        [
            "source: {privateIp: 10.0.2.16} # fixed",
            "size: Standard_D4s_v5 # as measured",
            "owner: audit",
            "application: Ledger",
            "bootGroup: 3",
        ],
        ["source: {privateIp: 10.0.2.15} # fixed", 'size: "Standard_D2s_v5" # as measured', "owner: finance"],
    ) == difference(PLAN, result.plan)
    assert ("target.size", "Standard_D2s_v5", "Standard_D4s_v5") in {
        (each.field, each.before, each.after) for each in result.changes
    }
    assert () == result.errors
    assert (
        "systemctl stop ledger\n\nsync"
        in read_plan(result.plan.encode(), "").waves[0].machines[0].scripts.stop_services
    )


def test_machines_on_one_line_stay_on_it(into):
    result = into(HEAD + "led-web1,,,Ledger,Standard_D2s_v5,web,\nshop2,,,Shop,,,\n", PLAN)

    lines = result.plan.splitlines()
    assert (
        "      - {name: led-web1, source: {instanceId: i-0aaa1111}, bootGroup: 2, application: Ledger, "
        "target: {size: Standard_D2s_v5, tags: {owner: web}}}"
    ) in lines
    assert any("{name: shop2, source: {privateIp: 10.0.3.2}, application: Shop}]}" in each for each in lines)
    assert 2 == len(difference(PLAN, result.plan)[0])


def test_a_machine_moves_with_its_comments_where_the_list_names_another_wave(into):
    result = into(HEAD + "led-sql1,wave 9,,,,,\nshop1,wave-7,,,,,\n", PLAN)
    plan = read_plan(result.plan.encode(), "")

    assert [("wave-7", ["led-web1", "shop1"]), ("wave-8", ["shop2"]), ("wave-9", ["led-sql1"])] == [
        (wave.name, [each.name for each in wave.machines]) for wave in plan.waves
    ]
    assert (
        "      # holds the books\n      - name: led-sql1\n        source: {privateIp: 10.0.2.15} # fixed\n"
        in result.plan
    )
    assert ("moved", "wave-7", "wave-9") in {(each.kind, each.before, each.after) for each in result.changes}
    assert not into(HEAD + "led-sql1,wave 9,,,,,\nshop1,wave-7,,,,,\n", result.plan).changed


def test_a_machine_that_changes_and_moves_does_both(into):
    result = into(HEAD + "led-sql1,wave-8,10.0.2.99,Ledger,,,\n", PLAN)
    machine = read_plan(result.plan.encode(), "").waves[1].machines[-1]

    assert ("led-sql1", "10.0.2.99", "Ledger") == (machine.name, machine.source.private_ip, machine.application)


def test_a_wave_that_loses_its_last_machine_is_told_as_what_the_plan_lacks(into):
    result = into(HEAD + "shop1,wave-7,,,,,\nshop2,wave-7,,,,,\n", PLAN)

    assert ["/waves/1/machines"] == [each.pointer for each in result.errors]


def test_without_a_wave_machines_stay_where_they_are_and_new_ones_come_last(into):
    result = into(HEAD + "shop1,,,Shop,,,\nnew1,,10.0.4.1,,,,\n", PLAN, wave="later")
    plan = read_plan(result.plan.encode(), "")

    assert ["wave-7", "wave-8", "later"] == [wave.name for wave in plan.waves]
    assert "Shop" == plan.waves[1].machines[0].application
    assert result.plan.startswith(PLAN.removesuffix("# the end\n").rpartition("shop1")[0])
    assert result.plan.endswith("# the end\n")


def test_new_machines_are_written_behind_the_last_of_their_wave(into):
    result = into(HEAD + "new1,wave-7,10.0.4.1,,,,\nnew2,wave-8,10.0.4.2,,,,\n", PLAN)

    assert (
        "bootGroup: 2}\n      - name: new1\n        source: {privateIp: 10.0.4.1}\n\n  - {name: wave-8" in result.plan
    )
    assert "{name: new2, source: {privateIp: 10.0.4.2}}]}\n# the end\n" in result.plan


def test_a_machine_is_found_by_its_source_under_whatever_name(into):
    body = "mgn:server:user-provided-id,mgn:app:name\ni-0aaa1111,Ledger\n"
    result = into(body, PLAN)

    assert [("changed", "led-web1", "application")] == [
        (each.kind, each.machine, each.field) for each in result.changes
    ]


def test_a_source_of_another_kind_stays(into):
    assert not into("name,privateIp\nled-web1,10.0.2.77\n", PLAN).changed


def test_two_rows_that_are_one_machine_of_the_plan_are_told(into):
    result = into("name,privateIp,application\nled-sql1,10.0.2.15,A\nother,10.0.2.15,B\n", PLAN)

    assert [(3, "other")] == [(each.row, each.read) for each in found(result)]


def test_names_that_would_be_one_are_told_with_both_rows(into):
    body = "name,privateIp\nvery-long-name-of-a-machine-number-1,10.0.0.1\nvery-long-name-of-a-machine-number-2,10.0.0.2\nÄÖ,10.0.0.3\n"
    result = into(body, PLAN)

    assert [3, 4] == [each.row for each in found(result)]
    assert "row 2" in found(result)[0].message
    assert {} == machines(result)


def test_rows_of_one_machine_are_one_and_contradictions_name_both_rows(into):
    body = HEAD + "a,w,10.0.0.1,Ledger,,,\nA,w,10.0.0.1,,Standard_D2s_v5,,\nb,w,10.0.0.2,x,,,\nb,w,10.0.0.2,y,,,\n"
    result = into(body, PLAN)

    assert {"a": ("Ledger", "Standard_D2s_v5")} == {
        name: (each["application"], each["target"]["size"]) for name, each in machines(result).items()
    }
    assert [(5, "application", "y")] == [(each.row, each.column, each.read) for each in found(result)]
    assert "row 4" in found(result)[0].message


def test_waves_whose_names_would_be_one_are_told(into):
    body = 'name,privateIp,wave\na,10.0.0.1,"Finance, Europe and the Middle East"\nb,10.0.0.2,"Finance, Europe and the Middle Earth"\n'

    assert [(3, "wave")] == [(each.row, each.column) for each in found(into(body, PLAN))]


def test_cards_of_the_plan_stay_as_they_are(into):
    plan = PLAN.replace("bootGroup: 2}", "target: {nics: [{sourceIp: 10.5.0.4, subnet: web}]}}").replace(
        "privateIp: 10.0.2.15", "privateIp: 10.0.2.15"
    )
    body = (
        "VM,Powerstate,Memory,VM ID\nled-web1,poweredOn,1,vm-1\n",
        "VM,NIC label,IPv4 Address,VM ID\nled-web1,1,10.5.0.4,vm-1\nled-web1,2,10.6.0.4,vm-1\n",
    )
    files = [as_file(text, f"RVTools_tabv{name}.csv") for text, name in zip(body, ("Info", "Network"), strict=True)]
    result = into(files, plan)

    assert not result.changed
    assert ["10.6.0.4" in each.message for each in found(result, "warning")] == [True]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_plan_in_json_stays_json(into, indent):
    import yaml  # noqa: PLC0415

    plan = json.dumps(yaml.safe_load(PLAN), indent=indent)
    result = into(
        HEAD + "led-sql1,,,Ledger,,audit,\nnew1,wave-7,10.0.4.1,,,,\nnew2,w-9,10.0.4.2,,,,\nshop1,wave-7,,,,,\n", plan
    )

    read = json.loads(result.plan)
    assert ["led-sql1", "led-web1", "new1", "shop1"] == [each["name"] for each in read["waves"][0]["machines"]]
    assert ("Ledger", "audit") == (
        read["waves"][0]["machines"][0]["application"],
        read["waves"][0]["machines"][0]["target"]["tags"]["owner"],
    )
    assert () == result.errors


def test_line_ends_of_windows_stay(into):
    plan = PLAN.replace("\n", "\r\n")
    result = into(HEAD + "led-sql1,,,Ledger,,audit,\nnew1,wave-7,10.0.4.1,,,,\n", plan)

    assert result.changed
    assert result.plan.count("\n") == result.plan.count("\r\n")
    assert not into(HEAD + "led-sql1,,,Ledger,,audit,\nnew1,wave-7,10.0.4.1,,,,\n", result.plan).changed


@pytest.mark.parametrize(
    "waves",
    [
        "waves: []\n",
        "waves:\n",
        "",
        "waves:\n  - name: wave-7\n    machines: []\n",
        "waves:\n- name: wave-7\n  machines:\n  - {name: x, source: {privateIp: 10.1.1.1}}\n",
    ],
)
def test_a_plan_may_have_no_machines_yet_or_another_indentation(into, waves):
    plan = f"name: finance\nsource: {{aws: {{region: eu-west-1}}}}\n{TARGET}{waves}"
    result = into(HEAD + "a,wave-7,10.0.0.1,,,,\nb,w-2,10.0.0.2,,,,\n", plan)

    assert () == result.errors
    assert {"wave-7", "w-2"} == {wave.name for wave in read_plan(result.plan.encode(), "").waves}
    assert result.plan.startswith(plan.partition("waves:")[0])


@pytest.mark.parametrize("plan", ["- a\n", "waves: {a: 1}\n", "waves: [{machines: 5}]\n", "{", "a: &x 1\n"])
def test_what_is_no_plan_is_refused(into, plan):
    with pytest.raises(UnreadablePlan):
        into(HEAD + "a,w,10.0.0.1,,,,\n", plan)


def test_a_strategy_that_changes_takes_a_machine_out_of_the_work(into):
    result = into("name,strategy\nled-web1,Retire\nshop1,??\n", PLAN)

    assert {"led-web1": "retire", "shop1": "undecided"} == {
        each.name: each.strategy for each in read_plan(result.plan.encode(), "").left_out
    }
    assert ["??"] == [each.read for each in found(result, "warning")]


def test_a_list_without_rows_changes_nothing_and_is_told(into):
    result = into("name,privateIp\n", plan_for("aws-to-azure"))

    assert not result.changed
    assert [(1, "has no row below its header")] == [(each.row, each.message) for each in found(result, "warning")]


def test_a_mark_at_the_beginning_of_the_plan_counts_for_nothing(into):
    result = into(HEAD + "led-sql1,,,Ledger,,audit,\n", "\ufeff" + PLAN)

    assert () == result.errors
    assert result.plan.startswith("# The ledger")
