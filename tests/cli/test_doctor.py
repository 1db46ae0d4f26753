"""`doctor`: what app and machine lack, with remedies; its exit code by the worst."""

import json

import pytest

from shared.doctor import kinds
from shared.doctor.finding import diagnosis_of
from shared.problems import NotPermitted
from shared.version import VERSION

WELL = [kinds.STORAGE.seen("tables answer")]
WARNED = [*WELL, kinds.CLOCK_OFF.seen("70 s behind", sync="sync it")]
WRONG = [*WARNED, kinds.STORAGE_UNNAMED.seen("no storage")]


@pytest.fixture
def diagnosed(prepared):
    """Let the app answer with findings."""

    def answer(findings, version=VERSION):
        prepared.diagnosis = diagnosis_of(findings, version).model_dump(mode="json", by_alias=True)

    return answer


@pytest.mark.parametrize(("findings", "code"), [(WELL, 0), (WARNED, 6), (WRONG, 1)])
def test_the_worst_finding_is_the_exit_code(ask, diagnosed, findings, code):
    diagnosed(findings)
    assert ask("doctor").exit_code == code


def test_each_finding_is_told_with_what_it_means_and_its_remedy(ask, diagnosed):
    diagnosed(WRONG)

    output = ask("doctor").stdout

    assert output.index("storage-not-named: no storage") < output.index("clock-off: 70 s behind")
    assert kinds.STORAGE_UNNAMED.meaning in output
    assert f"$ {kinds.STORAGE_UNNAMED.remedy}" in output
    assert "tables answer" not in output
    assert "--all tells them" in output


def test_all_tells_what_is_well_on_the_app_and_on_this_machine(ask, diagnosed):
    diagnosed(WELL)

    output = ask("doctor", "--all").stdout

    assert "storage: tables answer" in output
    assert f"runtime: this machine has azferry {VERSION}" in output
    assert "zones: this machine: tzdata" in output
    assert "clock: this machine: " in output
    assert "connected: http://127.0.0.1" in output


def test_it_gives_data_for_scripts(ask, diagnosed):
    diagnosed(WARNED)

    answer = ask("doctor", "-o", "json")

    assert 6 == answer.exit_code
    assert "warning" == json.loads(answer.stdout)["severity"]
    assert {"id", "area", "severity", "seen", "meaning", "remedy"} == set(json.loads(answer.stdout)["findings"][0])


def test_a_plan_is_sent_to_be_looked_at(ask, diagnosed, prepared, tmp_path):
    diagnosed(WELL)
    (tmp_path / "plan.yaml").write_text("name: finance\n")

    ask("doctor", tmp_path / "plan.yaml")

    assert ("POST", "/api/doctor") == prepared.requests[-1][:2]


def test_an_app_out_of_reach_is_a_finding_and_this_machine_is_looked_at_all_the_same(run, unreachable):
    answer = run("--url", unreachable, "doctor", "--all")

    assert 1 == answer.exit_code
    assert "app-not-reached" in answer.stdout
    assert "zones: this machine" in answer.stdout


def test_an_app_that_lets_nobody_look_is_a_finding_with_its_advice(ask, prepared):
    prepared.refusal = NotPermitted("ada may not", advice="Ask for the role.", extra={})

    document = json.loads(ask("doctor", "-o", "json").stdout)

    assert ("app-refused", "Ask for the role.") == (document["findings"][0]["id"], document["findings"][0]["remedy"])


def test_an_app_of_another_release_is_a_warning(ask, diagnosed):
    diagnosed(WELL, "0.0.1")

    answer = ask("doctor")

    assert 6 == answer.exit_code
    assert "versions-differ: the app is 0.0.1" in answer.stdout
