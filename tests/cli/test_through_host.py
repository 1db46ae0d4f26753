"""The command line against the app itself: real triggers on the local host, the ledger in Azurite."""

import json
import os
from datetime import timedelta

import pytest
from typer.testing import CliRunner
from yaml import safe_load

from cli.app import app
from local.stack.guard import Guard
from local.stack.part import start
from shared.coordination import gates
from shared.ledger import events, machines, migrations, plans
from shared.ledger.migration_rounds import close_round
from shared.models import Scope
from shared.settings import settings
from shared.storage import tables
from tests.architecture import ROOT
from tests.cli.answering import AT, Prepared, event, in_the_middle

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def environment(azurite):
    """The app's settings: a ledger of its own, and clouds that nobody answers for."""
    return {
        "AzureWebJobsStorage": azurite.connection_string,
        "AZFERRY_STORAGE": azurite.connection_string,
        "AZFERRY_TABLE_PREFIX": "throughhost",
        "AZFERRY_PLANS_CONTAINER": "through-host",
        "AZFERRY_QUEUE": "through-host",
        "AZFERRY_BACKUP_CONTAINER": "through-host-backups",
        "AZFERRY_RECORD_CONTAINER": "through-host-record",
        "AZFERRY_ARM_ENDPOINT": NOWHERE,
        "AZFERRY_ARM_TOKEN": "none",
        "AZFERRY_AWS_ENDPOINT": NOWHERE,
        "AZFERRY_LOCAL": "true",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_EC2_METADATA_DISABLED": "true",
        "FUNCTIONS_WORKER_RUNTIME": "python",
    }


@pytest.fixture(scope="module")
def ledger(environment):
    """A ledger with a migration at its most talkative, seen from this process, too."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        settings.cache_clear()
        tables.forget()
        prepared = Prepared()
        in_the_middle(prepared)
        plans.save("finance.1", json.dumps(safe_load((ROOT / "examples" / "aws-to-azure.yaml").read_text())).encode())
        migrations.create(prepared.migrations["finance.1"])
        machines.create_many(prepared.machines)
        gates.open_gate(prepared.gates[0])
        for each in (event(minute, f"step-{minute}", f"step {minute} was done", "shop-db1") for minute in range(5)):
            place = Scope(migration="finance.1", wave=each.wave, machine=each.machine, now=each.at)
            events.write(place, each.what, each.text)
        yield
    settings.cache_clear()
    tables.forget()


@pytest.fixture(scope="module")
def ask(environment, ledger, tmp_path_factory):
    """Call the command line with URL and key of the app."""
    folder, guard = tmp_path_factory.mktemp("host"), Guard()
    command = ["local.host", "--app", str(ROOT), "--port", "0", "--data", str(folder / "data")]
    host = start("host", command, folder, guard, os.environ | environment)
    try:
        url = host.await_ready()
        key = json.loads((folder / "data" / "keys.json").read_text())["app"]
        variables = {"AZFERRY_KEY": key, "AZFERRY_CONFIG_DIR": str(folder)}
        yield lambda *line, **other: CliRunner().invoke(
            app, ["--url", url, "--by", "ann", *map(str, line)], env=variables | other
        )
    finally:
        host.stop()
        guard.close()


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


def compare_with(name, text):
    kept = ROOT / "tests" / "cli" / "snapshots" / f"{name}.txt"
    if not kept.exists():
        kept.write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n")
        pytest.fail(f"{kept.name} was not there and has been written: read it, then run again")
    assert kept.read_text() == "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def test_a_migration_looks_as_it_does_with_prepared_answers(ask):
    shown = ask("show", "finance.1", "--machines")

    assert shown.exit_code == 0, shown.output
    compare_with("host-show-machines", shown.stdout)


def test_it_is_listed(ask):
    assert "finance.1 Running" in ask("list").stdout


def test_its_events_are_told_in_order(ask):
    lines = ask("events", "finance.1", "--machine", "shop-db1").stdout.splitlines()

    assert [f"step {minute} was done" for minute in range(5)] == [line.partition("shop-db1  ")[2] for line in lines]


def test_a_decision_reaches_the_gate_and_is_taken_once(ask):
    approve = ("approve", "finance.1", "--wave", "shop", "--gate", "cutover", "--comment", "go")

    first, second = ask(*approve), ask(*approve)

    assert (0, 3) == (first.exit_code, second.exit_code), first.output
    assert first.stdout.startswith(
        "ann: approve at gate cutover of wave shop for shop-db1: go. What now happens: they "
    )
    assert first.stdout.endswith("; finance.1 is Running\n")
    assert "nothing waits for a decision at cutover of wave shop" in second.stderr
    decision = gates.get("finance.1", "shop", "cutover").batches[0]
    assert ("ann", "go", ("shop-db1",)) == (decision.by, decision.comment, decision.machines)


@pytest.mark.parametrize(
    "line",
    [
        "confirm finance.1 --gate nothing --comment done",
        "acknowledge finance.1 --concern public-ip-lost -m rep1 -r known",
        "cutover finance.1 --wave none",
        "retry none.1",
    ],
)
def test_what_is_not_possible_now_is_a_problem_in_words(ask, line):
    answer = ask(*line.split())

    assert (3, "") == (answer.exit_code, answer.stdout)
    assert len(answer.stderr.splitlines()) >= 1
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("pause finance.1 --machine shop-web1 --comment lunch", "Asked to pause shop-web1; finance.1 is Running\n"),
        ("resume finance.1 --machine shop-web1", "Asked to resume shop-web1; finance.1 is Running\n"),
        (
            "skip finance.1 --machine rep1 --phase verify --comment known",
            "ann: skip of verify of wave reporting for rep1: known; finance.1 is Running\n",
        ),
        ("pause finance.1", "Asked to pause all machines; finance.1 is Paused\n"),
        ("resume finance.1", "Asked to resume all machines; finance.1 is Running\n"),
    ],
)
def test_a_command_is_taken_and_tells_the_new_state(ask, line, words):
    answer = ask(*line.split())

    assert (0, words) == (answer.exit_code, answer.stdout), answer.output


def test_a_plan_is_started_once_and_by_whom(ask, tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text((ROOT / "examples" / "aws-to-azure.yaml").read_text().replace("name: finance", "name: other"))

    first, second = ask("start", plan), ask("start", plan)

    assert first.stdout.startswith("Started other."), first.output
    assert "of the same plan is there already" in second.stdout
    assert migrations.get(first.stdout.split()[1]).started_by == "ann"


def test_a_plan_is_validated_by_the_app(ask):
    answer = ask("validate", ROOT / "examples" / "aws-to-azure.yaml")

    assert answer.exit_code == 0, answer.output
    assert "checked by http://127.0.0.1" in answer.stdout


def test_an_invalid_plan_is_refused_with_every_error(ask, tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text((ROOT / "examples" / "aws-to-azure.yaml").read_text().replace("name: finance", "nam: other"))

    answer = ask("start", plan)

    assert answer.exit_code == 3
    assert "/nam:" in answer.stderr


def test_a_wrong_key_is_told_as_such(ask):
    answer = ask("list", AZFERRY_KEY="wrong")

    assert answer.exit_code == 3
    assert "AZFERRY_KEY" in answer.stderr


def test_what_was_decided_through_the_host_is_in_the_record_as_the_ledger_tells_it(ask):
    assert 0 == ask("pause", "finance.1", "--comment", "for the record").exit_code
    assert 0 == ask("resume", "finance.1").exit_code
    answer = ask("verify-record", "finance.1")

    assert (0, True) == (answer.exit_code, "is whole, and as the ledger tells it" in answer.stdout), answer.output


def test_following_ends_with_the_migration(ask):
    place = Scope(migration="finance.1", round=1, now=AT + timedelta(hours=1))
    close_round("finance.1", 1, place.now)

    assert ask("watch", "finance.1").exit_code == 1
    assert len(ask("events", "finance.1", "--follow").stdout.splitlines()) >= 5


@pytest.mark.parametrize("plan", [(), (ROOT / "examples" / "aws-to-azure.yaml",)])
def test_app_and_machine_are_looked_at_and_each_finding_has_a_remedy_that_can_be_typed(ask, plan):
    answer = ask("doctor", *plan, "--all", "-o", "json")
    seen = json.loads(answer.stdout)
    faulty = [each for each in seen["findings"] if each["severity"] != "ok"]

    assert {"ok": 0, "notice": 0, "warning": 6, "error": 1}[seen["severity"]] == answer.exit_code
    assert {"connection", "versions", "zones", "clock", "storage", "sign-in", "rights", "aws", "channels"} == {
        each["area"] for each in seen["findings"]
    }
    assert {"connected", "storage", "clock-not-compared", "record-not-protected"} <= {
        each["id"] for each in seen["findings"]
    }
    assert [] == [each for each in faulty if not (each["meaning"] and each["remedy"]) or "{" in each["remedy"]]


def test_a_backup_is_written_by_the_host_and_waited_for(ask):
    answer = ask("backups", "--now", "--every", "0.2", "-o", "json")
    listed = json.loads(ask("backups", "-o", "json").stdout)["value"]

    assert (0, True) == (answer.exit_code, json.loads(answer.stdout) in listed), answer.output
    assert 3 == ask("restore", listed[0]["name"], "--yes", "--every", "0.2").exit_code, "nothing was lost"
