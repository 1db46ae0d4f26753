"""A plan lies upon the profile that it names: its own words hold, and what the profile gave is known."""

import json

import pytest

from shared.plan.hashing import to_document
from shared.plan.profile_settings import read_settings
from shared.plan.profiles import TargetProfile
from shared.plan.reader import read_plan, to_plan
from shared.plan.underlaying import attributed
from shared.problems import Fault, InvalidPlan

SETTINGS = """
description: Production
target:
  subscriptionId: 00000000-0000-0000-0000-000000000001
  region: westeurope
  network: {vnet: vnet-prod, testVnet: vnet-test}
  cacheStorageAccount: stferrycache
  licence: WindowsServer
  vault: {name: rsv-prod, create: true}
  tags: {environment: production, owner: it}
policy: {recoveryPointRetention: PT72H}
limits: {cuttingOver: 5}
eachWave:
  gates: {test: manual, cutover: manual}
  verify: [{tcp: 22}]
"""
PLAN = {
    "name": "finance",
    "profile": "prod-weu",
    "source": {"aws": {"region": "eu-west-1"}},
    "target": {"resourceGroup": "rg-finance", "licence": "NoLicenseType", "tags": {"owner": "finance"}},
    "waves": [
        {
            "name": "shop",
            "gates": {"test": "auto"},
            "machines": [{"name": "a", "source": {"instanceId": "i-0aaa1111"}}],
        },
        {"name": "mail", "verify": [{"tcp": 25}], "machines": [{"name": "b", "source": {"instanceId": "i-0aaa2222"}}]},
    ],
}


class Kept:
    """Profiles as a test keeps them."""

    def __init__(self, settings=SETTINGS, version=3):
        self.profile = TargetProfile(name="prod-weu", version=version, settings=read_settings(settings.encode(), ""))

    def find(self, used, _plan, /):
        return self.profile.replace(version=used.version or self.profile.version)


@pytest.fixture
def plan():
    return to_plan(PLAN, profiles=Kept())


def test_the_plans_own_words_hold_field_by_field_and_the_rest_is_the_profiles(plan):
    target = plan.target

    assert ("westeurope", "vnet-prod", "rsv-prod", True) == (
        target.region,
        target.network.vnet,
        target.vault.name,
        target.vault.create,
    )
    assert ("rg-finance", "NoLicenseType") == (target.resource_group, target.licence)
    assert {"environment": "production", "owner": "finance"} == target.tags
    assert (3, 5) == (plan.policy.recovery_point_retention.days, plan.limits.cutting_over)
    assert "" == plan.description  # that of the profile is about the profile


def test_each_wave_lies_upon_what_the_profile_says_of_waves_and_lists_are_taken_whole(plan):
    shop, mail = plan.waves

    assert [("auto", "manual"), ("manual", "manual")] == [(each.gates.test, each.gates.cutover) for each in plan.waves]
    assert [[22], [25]] == [[probe.tcp for probe in each.verify] for each in (shop, mail)]


def test_the_plan_names_the_version_and_the_places_that_were_filled(plan):
    gave = set(plan.profile.gave)

    assert ("prod-weu", 3) == (plan.profile.name, plan.profile.version)
    assert {"/target/region", "/target/tags/environment", "/waves/1/gates/test", "/waves/0/verify"} <= gave
    assert set() == gave & {"/target/licence", "/target/tags/owner", "/waves/0/gates/test", "/waves/1/verify"}


def test_a_frozen_plan_is_read_again_as_it_is_whatever_it_says_otherwise_than_the_profile(plan):
    frozen = to_document(plan)
    assert "licence" not in frozen["target"]  # its own word is a default, which is left out

    assert plan == to_plan(frozen, profiles=Kept())


def test_a_value_that_was_changed_in_a_frozen_plan_is_its_own_from_then_on(plan):
    frozen = to_document(plan)
    frozen["target"]["region"] = "northeurope"

    again = to_plan(frozen, profiles=Kept())

    assert "northeurope" == again.target.region
    assert set(plan.profile.gave) - {"/target/region"} == set(again.profile.gave)


def test_a_fault_in_what_a_profile_gave_names_the_profile_and_one_in_the_plan_its_line():
    kept = Kept()
    kept.profile.settings["target"]["region"] = "West Europe"
    kept.profile.settings["eachWave"]["gates"]["cutover"] = "perhaps"
    faulty = PLAN | {"target": {"resourceGroup": "rg.", "tags": {}}}

    with pytest.raises(InvalidPlan) as refused:
        read_plan(json.dumps(faulty, indent=1).encode(), "", profiles=kept)

    faults = {each.pointer: each for each in refused.value.facts.errors}
    assert {"/target/region", "/target/resourceGroup", "/waves/0/gates/cutover", "/waves/1/gates/cutover"} == set(
        faults
    )
    given = faults["/waves/1/gates/cutover"]
    assert ("prod-weu", "/eachWave/gates/cutover", 0) == (given.profile, given.origin, given.line)
    assert "it comes from /target/region of profile prod-weu, version 3" in faults["/target/region"].message
    own = faults["/target/resourceGroup"]
    assert ("", True) == (own.profile, own.line > 1)


def test_a_rule_that_is_broken_by_a_whole_part_of_the_profile_names_it(plan):
    part, own, machine = (
        Fault(pointer=place, message="is wrong")
        for place in ("/waves/0/verify/0", "/target/licence", "/waves/0/machines/0")
    )
    found = attributed(plan, (part, own, machine))

    assert ["/eachWave/verify/0", "", ""] == [each.origin for each in found]


@pytest.mark.parametrize(
    ("written", "pointer"),
    [("Prod WEU", "/profile/name"), ({"version": 2}, "/profile/name"), (7, "/profile"), (None, "/profile")],
)
def test_what_names_no_profile_is_told_alone(written, pointer):
    with pytest.raises(InvalidPlan) as refused:
        to_plan(PLAN | {"profile": written}, profiles=Kept())

    assert [pointer] == [each.pointer for each in refused.value.facts.errors]


def test_where_no_profiles_are_known_a_plan_that_names_one_is_refused():
    with pytest.raises(InvalidPlan, match="1 error") as refused:
        read_plan(json.dumps(PLAN, indent=1).encode(), "")

    (fault,) = refused.value.facts.errors
    assert ("/profile", 3) == (fault.pointer, fault.line)
