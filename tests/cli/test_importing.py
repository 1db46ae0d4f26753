"""`import`: lists become machines of a plan on this machine; no app is asked."""

import json

import pytest

from tests.architecture import ROOT

PLAN = (ROOT / "examples" / "aws-to-azure.yaml").read_text()
LIST = "name,wave,privateIp,application\nled-sql1,Ledger,10.0.4.1,Ledger\n,Ledger,10.0.4.2,Ledger\nshop-web1,,,Web\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN)
    (tmp_path / "list.csv").write_text(LIST)
    return tmp_path


@pytest.fixture
def bring(run, folder):
    """Import list.csv into plan.yaml."""
    return lambda *more: run("import", folder / "list.csv", "--into", folder / "plan.yaml", *more)


def test_a_list_goes_into_the_plan_and_everything_is_told(bring, folder):
    answer = bring()

    assert answer.exit_code == 1, "a row was not taken over"
    assert answer.stdout.splitlines() == [
        "list.csv: azferry, 3 rows, 2 machines",
        "+ led-sql1 in wave ledger",
        "~ shop-web1: application shop → Web",
        "error list.csv, row 3: names no machine",
        "  what to do: Give the machine a name, or delete the row.",
        f"{folder}/plan.yaml: written; 1 added, 1 changed; 1 row not taken over",
        "the plan is valid",
    ]
    assert "      - name: led-sql1\n        source: {privateIp: 10.0.4.1}\n" in (folder / "plan.yaml").read_text()


def test_a_second_time_nothing_changes(bring, folder):
    (folder / "list.csv").write_text(LIST.replace(",Ledger,10.0.4.2,Ledger\n", ""))
    bring()
    before = (folder / "plan.yaml").stat()
    answer = bring()
    after = (folder / "plan.yaml").stat()

    assert answer.exit_code == 0
    assert "unchanged; nothing to change" in answer.stdout
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


def test_a_dry_run_shows_the_difference_and_writes_nothing(bring, folder):
    answer = bring("--dry-run")

    assert "+      - name: led-sql1\n" in answer.stdout
    assert "would be changed" in answer.stdout
    assert PLAN == (folder / "plan.yaml").read_text()


def test_a_plan_that_is_not_there_is_begun(run, folder):
    answer = run("import", folder / "list.csv", "--into", folder / "new.yaml", "--scenario", "vmware-to-azure")

    assert "new.yaml: written, new; " in answer.stdout
    assert "  line 3, column 1, /target/subscriptionId: is required\n" in answer.stdout
    assert (folder / "new.yaml").read_text().startswith("name: new\nscenario: vmware-to-azure\n")


def test_as_json_it_is_one_document(bring):
    document = json.loads(bring("-o", "json").stdout)

    assert (True, True, 3) == (document["written"], document["valid"], document["findings"][0]["row"])


def test_a_folder_is_all_the_lists_in_it(run, folder):
    (folder / "lists").mkdir()
    (folder / "lists" / "a.csv").write_text(LIST)
    (folder / "lists" / "b.csv").write_text("Machine name,Wave Name\nled-sql1,Ledger\n")

    answer = run("import", folder / "lists", "--into", folder / "plan.yaml")

    assert answer.stdout.startswith("a.csv: azferry, 3 rows, 2 machines\nb.csv: azure-wave-plan, 1 row, 1 machine\n")


def test_what_is_said_in_the_same_words_is_said_once_with_all_its_places(bring, folder):
    rows = "".join(f"m{number},10.0.5.{number},ann,x,=1+{number}\n" for number in range(1, 31))
    (folder / "list.csv").write_text("name,privateIp,Owner,Floor,application\n" + rows)

    output = bring().stdout

    assert "information list.csv, row 2, columns Owner, Floor: the column is not taken over" in output
    rows = ", ".join(map(str, range(2, 22)))
    assert f"warning list.csv, rows {rows} and 10 more, column application: is a formula" in output


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (("--format", "excel"), 1, "no format 'excel'"),
        (("--format", "mgn"), 1, "no column mgn:server:user-provided-id"),
        (("--encoding", "klingon"), 2, "no such encoding"),
    ],
)
def test_what_cannot_be_is_told(bring, folder, line, code, words):
    answer = bring(*line)

    assert (code, PLAN) == (answer.exit_code, (folder / "plan.yaml").read_text())
    assert words in answer.stderr


def test_a_file_that_is_not_there_is_told(run, folder):
    answer = run("import", folder / "none.csv", "--into", folder / "plan.yaml")

    assert answer.exit_code == 2
    assert not (folder / "none.csv").exists()


@pytest.mark.parametrize("place", [".", "nowhere/plan.yaml"])
def test_a_place_that_cannot_hold_a_plan_is_told(run, folder, place):
    assert run("import", folder / "list.csv", "--into", folder / place).exit_code == 2


def test_a_link_to_the_plan_stays_one_and_its_rights_too(run, folder):
    (folder / "plan.yaml").chmod(0o640)
    (folder / "link.yaml").symlink_to(folder / "plan.yaml")

    run("import", folder / "list.csv", "--into", folder / "link.yaml")

    assert (folder / "link.yaml").is_symlink()
    assert "led-sql1" in (folder / "plan.yaml").read_text()
    assert (folder / "plan.yaml").stat().st_mode & 0o777 == 0o640


def test_what_stands_in_a_list_cannot_steer_the_terminal(bring, folder):
    (folder / "list.csv").write_text("name,privateIp,application\nx\x1b[2J,10.0.4.1,\x1b]0;title\x07\n")

    assert "\x1b" not in bring().stdout


def test_only_who_imports_workbooks_waits_for_their_reader():
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    code = "import cli.app, function_app, sys; print([m for m in ('openpyxl', 'defusedxml', 'shared.lists.importing') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert answer.stdout == "[]\n"
