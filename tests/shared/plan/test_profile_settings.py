"""The settings of a profile are judged as a plan's are, whatever is left out, and two that mean the same are the same."""

import pytest

from shared.plan.profile_settings import KNOWN, read_settings, settings_schema
from shared.plan.profiles import EACH_WAVE
from shared.problems import InvalidRequest, TooLarge


def faults(text):
    with pytest.raises(InvalidRequest) as refused:
        read_settings(text.encode(), "application/yaml")
    return {each.pointer: (each.line, each.message) for each in refused.value.facts.errors}


def test_a_part_may_lack_what_a_plan_has_to_say():
    assert {"target": {"region": "westeurope", "vault": {"create": True}}} == read_settings(
        b"target: {region: westeurope, vault: {create: true}}", ""
    )


def test_settings_that_mean_the_same_are_the_same():
    written = b"policy: {recoveryPointRetention: PT24H}\nlimits: {cuttingOver: 5.0, failureTolerance: 5}"

    assert read_settings(
        b'{"limits": {"cuttingOver": 5, "failureTolerance": "5"}, "policy": {"recoveryPointRetention": "P1D"}}', ""
    ) == (read_settings(written, "application/yaml"))


def test_every_fault_is_told_at_once_with_its_line():
    found = faults(
        "target: {region: West Europe, vault: {nmae: x}}\n"
        "waves: []\n"
        "eachWave:\n"
        "  machines: []\n"
        "  cutover: {windows: [{length: PT1H}]}\n"
        "  gates: {fourEyes: perhaps}\n"
    )

    assert {
        "/target/region": 1,
        "/target/vault/nmae": 1,
        "/waves": 2,
        "/eachWave/machines": 4,
        "/eachWave/cutover/windows/0/start": 5,  # an entry of a list is taken whole
        "/eachWave/gates/fourEyes": 6,
    } == {pointer: line for pointer, (line, _) in found.items()}
    assert "it holds gates, test, cutover" in found["/eachWave/machines"][1]


@pytest.mark.parametrize("text", ["description: only words", "[]", "{}", "eachWave: 5\nlimits: {}"])
def test_what_sets_nothing_is_no_profile(text):
    assert faults(text).keys() & {"", "/eachWave"}


def test_a_book_is_no_profile():
    with pytest.raises(TooLarge, match="131,072 are allowed"):
        read_settings(b"description: " + b"x" * 200_000, "")


def test_the_outline_knows_what_the_reader_knows():
    assert set(KNOWN) == settings_schema()["properties"].keys()
    assert EACH_WAVE in KNOWN
