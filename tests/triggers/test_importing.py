"""Lists of other tools become a plan over HTTP; nothing is created."""

import base64

import pytest

from tests.shared.lists.conftest import plan_for, workbook
from tests.triggers.conftest import principal, with_settings

PLAN = plan_for("aws-to-azure")
CSV = "name,wave,privateIp\nled-sql1,Ledger,10.0.2.15\n,x,\n"


@pytest.fixture
def bring(ask):
    return lambda **body: ask("POST", "/api/plans/import", body)


def test_a_list_is_read_into_a_plan_that_is_given_back(bring, ask, client):
    answer = bring(files=[{"name": "l.csv", "text": CSV}], plan=PLAN)

    assert 200 == answer.status
    assert (True, True, []) == (answer.body["valid"], answer.body["changed"], answer.body["errors"])
    assert [("error", "l.csv", 3)] == [
        (each["severity"], each["file"], each["row"]) for each in answer.body["findings"]
    ]
    assert 200 == ask("POST", "/api/plans/validate", answer.body["plan"].encode()).status
    assert not bring(files=[{"name": "l.csv", "text": CSV}], plan=answer.body["plan"]).body["changed"]
    assert ([], {}) == (ask("GET", "/api/migrations").body["value"], client.started)


def test_workbooks_come_as_base64_and_options_are_obeyed(bring):
    body = base64.b64encode(workbook({"l": [("name", "privateIp", "Team"), ("a", "10.0.0.1", "Blue")]})).decode()
    answer = bring(files=[{"name": "l.xlsx", "base64": body}], name="fleet", options={"waveColumn": "Team"})

    assert ("fleet", "blue") == (answer.body["plan"].split()[1], answer.body["changes"][0]["wave"])


def test_a_form_may_hold_the_files(ask):
    mark = "----mark"
    parts = (("files", "l.csv", CSV), ("plan", "plan.yaml", PLAN), ("wave", "", "later"))
    body = "".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"'
        + (f'; filename="{file}"' if file else "")
        + f"\r\n\r\n{text}\r\n"
        for name, file, text in parts
    )
    sent = f"{body}--{mark}--\r\n".encode()
    answer = ask("POST", "/api/plans/import", sent, {"content-type": f"multipart/form-data; boundary={mark}"})

    assert 200 == answer.status, answer.body
    assert answer.body["valid"]
    assert ["l.csv"] == [each["file"] for each in answer.body["lists"]]


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"files": [{"name": "l.csv", "text": "Colour\nred\n"}]}, 422, "unknown-list"),
        ({"files": [{"name": "l.xlsx", "base64": "UEsDBGJyb2tlbg=="}]}, 400, "unreadable-list"),
        ({"files": []}, 422, "invalid-request"),
        ({"files": [{"name": "l.csv", "text": CSV}], "options": {"encoding": "klingon"}}, 422, "invalid-request"),
        ({"files": [{"name": "l.csv", "text": CSV}], "plan": "- no plan"}, 400, "unreadable-plan"),
    ],
)
def test_what_cannot_be_read_is_a_problem_in_words(bring, body, status, kind):
    refused = bring(**body)

    assert (status, kind) == (refused.status, refused.body["type"].rpartition("/")[2])


def test_who_may_only_read_may_import(ask, local):
    with_settings(local, AZFERRY_SIGN_IN="true", AZFERRY_LOCAL="false")
    body = {"files": [{"name": "l.csv", "text": CSV}]}

    assert 200 == ask("POST", "/api/plans/import", body, principal("ann", "reader")).status
    assert 401 == ask("POST", "/api/plans/import", body).status
