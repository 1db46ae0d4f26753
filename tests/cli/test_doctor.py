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

    told = ask("doctor").stdout

    assert told.index("storage-not-named: no storage") < told.index("clock-off: 70 s behind")
    assert kinds.STORAGE_UNNAMED.meaning in told
    assert f"$ {kinds.STORAGE_UNNAMED.remedy}" in told
    assert "tables answer" not in told
    assert "--all tells them" in told


def test_all_tells_what_is_well_on_the_app_and_on_this_machine(ask, diagnosed):
    diagnosed(WELL)

    told = ask("doctor", "--all").stdout

    assert "storage: tables answer" in told
    assert f"runtime: this machine: azferry {VERSION}" in told
    assert "zones: this machine: tzdata" in told
    assert "clock: this machine: " in told
    assert "connected: http://127.0.0.1" in told


def test_it_gives_data_for_scripts(ask, diagnosed):
    diagnosed(WARNED)

    said = ask("doctor", "-o", "json")

    assert 6 == said.exit_code
    assert "warning" == json.loads(said.stdout)["severity"]
    assert {"id", "area", "severity", "seen", "meaning", "remedy"} == set(json.loads(said.stdout)["findings"][0])


def test_a_plan_is_sent_to_be_looked_at(ask, diagnosed, prepared, tmp_path):
    diagnosed(WELL)
    (tmp_path / "plan.yaml").write_text("name: finance\n")

    ask("doctor", tmp_path / "plan.yaml")

    assert ("POST", "/api/doctor") == prepared.asked[-1][:2]


def test_an_app_out_of_reach_is_a_finding_and_this_machine_is_looked_at_all_the_same(run, unreachable):
    said = run("--url", unreachable, "doctor", "--all")

    assert 1 == said.exit_code
    assert "app-not-reached" in said.stdout
    assert "zones: this machine" in said.stdout


def test_an_app_that_lets_nobody_look_is_a_finding_with_its_advice(ask, prepared):
    prepared.refusal = NotPermitted("ada may not", advice="Ask for the role.", extra={})

    said = json.loads(ask("doctor", "-o", "json").stdout)

    assert ("app-refused", "Ask for the role.") == (said["findings"][0]["id"], said["findings"][0]["remedy"])


def test_an_app_of_another_release_is_a_warning(ask, diagnosed):
    diagnosed(WELL, "0.0.1")

    said = ask("doctor")

    assert 6 == said.exit_code
    assert "versions-differ: the app is 0.0.1" in said.stdout
