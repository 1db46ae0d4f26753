"""`waves`: a proposal is printed; the plan changes only where that is asked for."""

import json

import pytest

from shared.reporting.assessment import AssessedMachine, Assessment
from tests.architecture import ROOT

PLAN = (
    (ROOT / "examples" / "aws-to-azure.yaml")
    .read_text()
    .replace("name: rep1,", "name: bo-web9,")
    .replace("instanceId: i-0bbb2222}, application: reporting", "instanceId: i-0bbb2222}, application: back-office")
)


@pytest.fixture
def path(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN)
    return tmp_path / "plan.yaml"


def test_a_proposal_is_yaml_with_its_reasons_and_changes_nothing(run, path):
    answer = run("waves", path)

    assert answer.exit_code == 0
    assert "  # each application together: back-office\n" in answer.stdout
    assert "      # from reporting: most of application back-office is in back-office\n" in answer.stdout
    assert PLAN == path.read_text()


def test_what_is_printed_can_be_pasted(run, path):
    (path.parent / "pasted.yaml").write_text(PLAN[: PLAN.index("waves:")] + run("waves", path).stdout)

    answer = run("validate", path.parent / "pasted.yaml", "--local")
    assert answer.exit_code == 0, answer.stderr


def test_it_is_written_where_that_is_asked_for_and_keeps_the_rest(run, path):
    answer = run("waves", path, "--into", path)

    assert answer.stdout.splitlines() == [
        "> bo-web9: wave reporting → back-office",
        f"{path}: written; 3 waves",
        "the plan is valid",
    ]
    kept = path.read_text()
    assert kept.startswith("# A small web shop")
    assert set(PLAN.splitlines()) - set(kept.splitlines()) == set()
    assert f"{path}: unchanged; 3 waves" in run("waves", path, "--into", path).stdout


def test_what_a_wave_waits_for_is_told_in_words(run, path):
    path.write_text(
        PLAN.replace(
            "application: shop\n        bootGroup: 1",
            "application: shop\n        bootGroup: 1\n        target: {tags: {dependsOn: reporting}}",
        )
    )
    answer = run("waves", path, "--into", path)

    assert "~ wave shop: dependsOn nothing → reporting" in answer.stdout
    assert (
        "look at this: wave reporting depends on wave shop, but applications of shop depend on such of reporting: "
        in answer.stdout
    )


def test_what_an_assessment_found_is_told(run, path):
    report = path.parent / "found.json"
    found = Assessment(machines=(AssessedMachine(name="rep-sql1", disks_gb=(100.0, 28.0), os_family="windows"),))
    report.write_text(found.model_dump_json(by_alias=True))

    assert "  # 1 machine, 1 windows, 128 GB of disks\n" in run("waves", path, "--assessment", report).stdout
    report.write_text("{}")
    assert run("waves", path, "--assessment", report).exit_code == 2


def test_as_json_it_is_one_document(run, path):
    document = json.loads(run("waves", path, "--largest", "2", "-o", "json").stdout)

    assert (False, True) == (document["written"], document["changed"])
    assert all(len(wave["machines"]) <= 2 and wave["reasons"] for wave in document["waves"])


def test_a_plan_with_faulty_waves_is_refused_with_the_place(run, path):
    path.write_text(PLAN.replace("dependsOn: [shop]", "dependsOn: [nowhere]", 1))

    answer = run("waves", path)
    assert answer.exit_code == 1
    assert "/waves/1/dependsOn/0: there is no wave nowhere in the plan" in answer.stderr.replace("'", "").replace(
        '"', ""
    )
