"""Faults of a plan that came as text have its lines and columns."""

import json

import pytest

from shared.plan import locating
from shared.plan.reader import read_plan
from shared.problems import InvalidPlan

PLAN = """\
# ours
name: Finance!
source: {aws: {region: eu-west-1}}
target:
  subscriptionId: 00000000-0000-0000-0000-000000000001
  region: westeurope
  network: {vnet: vnet-prod, testVnet: vnet-test}
  cacheStorageAccount: stferrycache
  vault: {name: rsv-ferry}
waves:
  - name: shop

    machines:
      - {name: web1, source: {privateIp: 10.0.0.1}, bootGrup: 1}
      - name: web2
        source: {privateIp: 10.0.0.1}
"""


def places(body, kind="application/yaml"):
    with pytest.raises(InvalidPlan) as refused:
        read_plan(body.encode(), kind)
    return {each.pointer: (each.line, each.column) for each in refused.value.facts.errors}


def test_a_fault_of_yaml_has_the_line_and_column_of_its_field():
    assert places(PLAN) == {
        "/name": (2, 1),
        "/target/resourceGroup": (4, 1),  # it is missing: shown where it is missing from
        "/waves/0/machines/0/bootGrup": (14, 53),
        "/waves/0/machines/1/source/privateIp": (16, 18),
    }


def test_a_fault_of_json_has_them_too():
    body = json.dumps({"name": "x", "waves": [{"name": "w", "machines": [{"name": 5}]}]}, indent=1)

    assert (8, 6) == places(body, "application/json")["/waves/0/machines/0/name"]
    assert (1, 1) == places(body, "application/json")["/target"]


def test_a_mark_at_the_beginning_counts_for_nothing():
    assert (2, 1) == places("\ufeff" + PLAN)["/name"]


def test_of_a_very_long_text_the_pointers_have_to_do(monkeypatch):
    monkeypatch.setattr(locating, "LONGEST", 10)

    assert (0, 0) == places(PLAN)["/name"]
