"""How failures are shown, and the exit codes."""

import json
from contextlib import closing

import pytest
import yaml

from cli.client import Api
from cli.failing import Failing
from shared.problems import Busy, CloudRefused, Fault, InvalidPlan, NotAllowedNow


def test_a_problem_is_told_in_plain_words_with_code_causes_and_advice(ask, prepared, same_as):
    prepared.refusal = CloudRefused("no quota for it", code="539", causes="The quota is used up", advice="Ask for more")

    answer = ask("retry", "finance.1")

    assert (3, "") == (answer.exit_code, answer.stdout)
    same_as("problem", answer.stderr)


def test_every_error_of_an_input_is_shown_with_its_pointer(ask, prepared, same_as):
    faults = [Fault(pointer="/waves/0/machines/3/name", message="comes twice"), Fault(pointer="", message="too small")]
    prepared.refusal = InvalidPlan(faults)

    same_as("problem-errors", ask("pause", "finance.1").stderr)


def test_a_problem_as_json_is_the_document(ask, prepared):
    prepared.refusal = NotAllowedNow("it has ended", advice="Possible in Running.", extra={"migration": "finance.1"})

    answer = ask("pause", "finance.1", "-o", "json")

    document = json.loads(answer.stdout)
    assert (3, "") == (answer.exit_code, answer.stderr)
    assert ("it has ended", "Possible in Running.", 409) == (document["detail"], document["advice"], document["status"])
    assert document["migration"] == "finance.1"


def test_a_problem_as_yaml_is_the_document_too(ask, prepared):
    prepared.refusal = NotAllowedNow("it has ended")

    assert "it has ended" == yaml.safe_load(ask("pause", "finance.1", "-o", "yaml").stdout)["detail"]


@pytest.mark.parametrize("line", [("-o", "tsv"), ("-o", "table"), ("--query", "status")])
def test_where_no_document_is_asked_for_a_problem_is_told_in_words_beside_the_output(ask, prepared, line):
    prepared.refusal = NotAllowedNow("it has ended")

    answer = ask("pause", "finance.1", *line)

    assert ("", True) == (answer.stdout, "it has ended" in answer.stderr)


def test_nobody_there_ends_with_4_and_says_where_it_looked(run, unreachable):
    answer = run("list", "--url", unreachable)

    assert answer.exit_code == 4
    assert unreachable in answer.stderr
    assert "AZFERRY_URL" in answer.stderr


@pytest.mark.parametrize("nonsense", ["not a url", "ftp://x", "http://", "http://[", "http://a\x00b"])
def test_a_url_that_is_none_is_no_crash(run, nonsense):
    answer = run("list", "--url", nonsense)

    assert answer.exit_code == 4
    assert "Traceback" not in answer.output


def test_a_missing_migration_ends_with_3(ask):
    answer = ask("show", "finance.9")

    assert answer.exit_code == 3
    assert "there is no migration finance.9" in answer.stderr


@pytest.fixture
def api(url):
    with closing(Api(url)) as api:
        yield api


def test_a_gateway_without_a_problem_document_is_told_with_advice(api):
    with pytest.raises(Failing) as caught:
        api.get("nothing/here/at/all")

    assert caught.value.document.status == 404
    assert "azferry app" in caught.value.document.advice


def test_an_answer_that_is_not_json_is_told_with_advice(api):
    with pytest.raises(Failing) as caught:
        api.get("migrations/finance.1/report", {"format": "html"})

    assert caught.value.document.title == "Not an azferry API"


@pytest.mark.parametrize(("refusal", "passes"), [(Busy("throttled"), True), (NotAllowedNow("no"), False)])
def test_busy_passes_and_a_refusal_does_not(api, prepared, refusal, passes):
    prepared.refusal = refusal
    with pytest.raises(Failing) as caught:
        api.get("migrations")

    assert caught.value.passes == passes


@pytest.mark.parametrize(
    "line",
    [
        "evidence finance.1 --into",
        "report finance.1 -o",
        "registration-key finance.1 -o",
        "verify-record finance.1 --into",
        "assess plan.yaml --report",
        "forecast plan.yaml --report",
        "waves plan.yaml --into",
        "inventory --csv",
    ],
)
def test_a_file_that_cannot_be_written_is_told_before_anything_is_asked(ask, prepared, tmp_path, line):
    answer = ask(*line.split(), tmp_path / "nowhere" / "file.html")

    assert (2, []) == (answer.exit_code, prepared.requests)
    assert "cannot be written" in answer.stderr
