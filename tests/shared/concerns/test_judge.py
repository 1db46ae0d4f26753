"""Judging: unknown facts are warnings, acknowledgements count only where they may, and fleets are judged quickly."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.concerns.judge import CATALOGUE, judge, judge_machine, judge_plan, judged_machine, not_judged
from shared.concerns.registry import Acknowledged, MachineCase, plan_rule
from shared.concerns.server_facts import ApplianceFacts
from shared.concerns.source_facts import SourceFacts
from shared.concerns.target_facts import TargetFacts

MakeCase = Callable[..., MachineCase]


@pytest.mark.parametrize("fact", ["state", "architecture", "disks", "nics", "public_ips", "ssm_online", "boot_mode"])
def test_a_fact_that_could_not_be_read_is_a_warning_and_never_a_pass(
    case: MakeCase, sound: SourceFacts, fact: str
) -> None:
    found = judge(case(sound.replace(**{fact: None})))

    assert any(each.id == "fact-unknown" and f"judged: {fact} is not known of web1" in each.evidence for each in found)


def test_of_a_machine_of_which_nothing_is_known_nothing_is_said_but_that(case: MakeCase) -> None:
    found = judged_machine(case(SourceFacts(), target=TargetFacts(), appliance=ApplianceFacts()))

    assert found.concerns == ()
    assert len(found.unjudged) > 15


def test_of_a_target_of_which_nothing_is_known_warnings_are_said(case: MakeCase) -> None:
    found = judge_plan(case(target=TargetFacts(), appliance=ApplianceFacts()))

    assert {each.id for each in found} == {"fact-unknown", "failback-impossible", "server-not-located"}


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sets(st.sampled_from(sorted(SourceFacts.model_fields))),
    st.sets(st.sampled_from(sorted(TargetFacts.model_fields))),
)
def test_whatever_could_not_be_read_judging_ends_and_never_says_less_of_it(
    case: MakeCase, sound: SourceFacts, target: TargetFacts, source_gaps: set[str], target_gaps: set[str]
) -> None:
    holes = SourceFacts.model_validate({**sound.model_dump(exclude=source_gaps), "found": True})
    found = judge(case(holes, target=TargetFacts.model_validate(target.model_dump(exclude=target_gaps))))

    all_ids = {each.id for each in judge(case())}
    assert all_ids - {each.id for each in found} <= {"private-ip-changes"}  # it needs the address


def test_what_is_not_known_is_one_line_for_each_rule_that_needed_it(case: MakeCase, sound: SourceFacts) -> None:
    found = judge(case(sound.replace(state=None)))

    assert [each.evidence for each in found if each.id == "fact-unknown"] == [
        f"{rule} was not judged: state is not known of web1"
        for rule in ("machine-terminated", "machine-not-running", "running-without-address")
    ]


def test_a_rule_is_one_line_whatever_facts_of_however_many_machines_it_lacked() -> None:
    unjudged = {f"m{number}": {"too-many-disks": "disks"} for number in range(1, 7)}
    unjudged["m7"] = {"too-many-disks": "sizes", "not-64-bit": "architecture"}

    assert [(each.machine, each.evidence) for each in not_judged(unjudged)] == [
        ("", "too-many-disks was not judged: disks, sizes are not known of 7 machines (m1, m2, m3, m4, m5 and 2 more)"),
        ("", "not-64-bit was not judged: architecture is not known of m7"),
    ]


def test_what_is_not_known_is_accepted_where_it_is_of_every_machine() -> None:
    unjudged = {"m1": {"not-64-bit": "architecture"}, "m2": {"not-64-bit": "architecture"}}
    of = [Acknowledged("fact-unknown", "eve", "seen", each) for each in ("m1", "m2", "*")]

    by = [
        [each.acknowledged_by for each in not_judged(unjudged, acknowledgements)]
        for acknowledgements in ((), of[:1], of[:2], of[2:])
    ]

    assert by == [[""], [""], ["eve"], ["eve"]]


def test_of_a_machine_that_was_not_found_nothing_else_is_said(case: MakeCase) -> None:
    assert [each.id for each in judge_machine(case(SourceFacts(found=False)))] == ["machine-not-found"]


def test_an_acknowledged_concern_no_longer_blocks_and_says_who_and_why(case: MakeCase, sound: SourceFacts) -> None:
    scaled = case(sound.replace(auto_scaling_group="asg"))

    found = judge_machine(
        scaled, [Acknowledged("auto-scaling-group", "eve@example.com", "processes suspended", "web1")]
    )

    concern = next(each for each in found if each.id == "auto-scaling-group")
    assert not concern.blocks
    assert (concern.acknowledged_by, concern.acknowledged_reason) == ("eve@example.com", "processes suspended")


def test_an_acknowledgement_of_another_machine_does_not_count(case: MakeCase, sound: SourceFacts) -> None:
    found = judge_machine(
        case(sound.replace(auto_scaling_group="asg")), [Acknowledged("auto-scaling-group", "eve", "x", "db1")]
    )

    assert next(each for each in found if each.id == "auto-scaling-group").blocks


def test_what_must_be_put_right_cannot_be_acknowledged(case: MakeCase, sound: SourceFacts) -> None:
    found = judge_machine(
        case(sound.replace(architecture="arm64")), [Acknowledged("arm64-not-supported", "eve", "please")]
    )

    assert next(each for each in found if each.id == "arm64-not-supported").blocks


def test_the_plan_itself_can_acknowledge(case: MakeCase) -> None:
    acknowledge = [{"concern": "replication-mode-retired", "reason": "we still have one"}]

    found = judge(case(plan={"replication": {"mode": "configurationServer"}, "acknowledge": acknowledge}))

    retired = next(each for each in found if each.id == "replication-mode-retired")
    assert (retired.acknowledged_by, retired.acknowledged_reason) == ("plan", "we still have one")


def test_plan_and_machines_are_judged_together(case: MakeCase, sound: SourceFacts) -> None:
    found = judge(case(sound.replace(state="stopped")))

    assert {(each.id, each.machine) for each in found if each.category != "information"} == {
        ("machine-not-running", "web1")
    }


def test_two_rules_cannot_have_one_id() -> None:
    with pytest.raises(ValueError, match="two rules"):
        plan_rule("retention-too-long", "warning", "x", "y")(lambda _: iter(()))


def test_there_are_at_least_forty_rules_each_with_title_and_advice() -> None:
    assert len(CATALOGUE) >= 40
    assert [rule.id for rule in CATALOGUE.values() if not rule.advice.endswith(".") or not rule.title] == []
