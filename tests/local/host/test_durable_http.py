import json

import pytest


def test_a_start_answers_with_urls_that_work(host):
    answer = host.durable("POST", "orchestrators/chain", json={"names": ["x"]})

    urls = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == urls["statusQueryGetUri"]
    assert answer.headers["retry-after"] == "10"
    host.ended(urls["id"])
    status = host.client.get(urls["statusQueryGetUri"])
    assert (status.status_code, status.json()["output"]) == (200, ["hello x"])
    assert host.client.delete(urls["purgeHistoryDeleteUri"]).json() == {"instancesDeleted": 1}
    assert host.client.get(urls["statusQueryGetUri"]).status_code == 404


def test_the_sdks_answer_points_to_where_the_request_came_from(host):
    answer = host.client.post("/api/start/chain", json=["x"])

    assert answer.status_code == 202
    assert answer.json()["statusQueryGetUri"].startswith(f"{host.origin}/runtime/webhooks/durabletask/instances/")
    assert host.client.get(answer.headers["location"]).status_code in (200, 202)


@pytest.mark.parametrize(
    ("name", "given", "output"),
    [
        ("chain", None, ["hello a", "hello b", "hello c"]),
        ("fan_out", {"count": 5}, ["hello n0", "N1", "hello n2", "N3", "hello n4"]),
        ("parent", None, [["hello x"], ["hello y"]]),
        ("nested", None, ["hello a", "hello b"]),
        ("retried", None, 3),
        ("counter", {"at": 1, "to": 5}, {"at": 5, "to": 5}),
        ("versioned", None, "1.0"),
        ("contexts", None, "who_am_i"),
        ("rings_itself", None, {"rung": True}),
        ("echoes", None, [None, "text", '{"a": 1}', {"a": [1]}, [1, 2], 7, 1.5, True, ""]),
        ("approval", {"seconds": 0}, "timed out"),
    ],
)
def test_an_orchestration_completes(host, name, given, output):
    answer = host.client.post(f"/api/start/{name}", json=given)

    status = host.ended(answer.json()["id"])

    assert (status["runtimeStatus"], status["output"]) == ("Completed", output)


def test_a_caught_failure_is_text_only(host):
    status = host.ended(host.start("catching"))

    assert status["output"].startswith("Exception: Activity function 'boom' failed: ValueError: on purpose")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("failing", "Orchestrator function 'failing' failed: Activity function 'boom' failed"),
        ("too_much_status", "16"),
        ("calls_unknown", "nobody_wrote_this"),
        ("changes_its_mind", "say"),
    ],
)
def test_a_failure_is_told(host, name, words):
    status = host.ended(host.start(name))

    assert status["runtimeStatus"] == "Failed"
    assert words.lower() in status["output"].lower()


def test_a_failed_instance_is_500_only_when_asked_for(host):
    made = host.start("failing")
    host.ended(made)

    answers = [
        host.durable("GET", f"instances/{made}", params=more).status_code
        for more in ({}, {"returnInternalServerErrorOnFailure": "true"})
    ]

    assert answers == [200, 500]


def test_input_is_shown_unless_refused(host):
    made = host.start("chain", {"names": ["a"]})
    host.ended(made)

    assert host.status(made)["input"] == {"names": ["a"]}
    assert host.status(made, ShowInput="false")["input"] is None


def test_history_is_shown_when_asked_for(host):
    made = host.start("chain", {"names": ["a"]})
    host.ended(made)

    events = host.status(made, showHistory="true", showHistoryOutput="true")["historyEvents"]

    kinds = [event["EventType"] for event in events]
    assert kinds == ["ExecutionStarted", "TaskCompleted", "ExecutionCompleted"]
    assert events[1]["FunctionName"] == "say"
    assert "historyEvents" not in host.status(made)


def test_a_waiting_instance_is_202_and_shows_its_custom_status(host):
    made = host.start("approval")
    host.until_status(made, "Running")

    answer = host.durable("GET", f"instances/{made}")

    assert (answer.status_code, answer.headers["retry-after"]) == (202, "5")
    assert answer.headers["location"] == str(answer.request.url)


def test_an_event_ends_the_wait(host):
    made = host.start("approval")

    answer = host.durable("POST", f"instances/{made}/raiseEvent/approved", json={"by": "me"})

    assert (answer.status_code, answer.content) == (202, b"")
    assert host.ended(made)["output"] == {"approved": {"by": "me"}}
    late = host.durable("POST", f"instances/{made}/raiseEvent/approved", json={"by": "me"})
    assert late.status_code == 410


def test_an_event_raised_by_the_sdk_ends_the_wait(host):
    made = host.start("approval")

    host.client.post(f"/api/manage/event/{made}", params={"name": "approved"}, json={"by": "sdk"}).raise_for_status()

    assert host.ended(made)["output"] == {"approved": {"by": "sdk"}}


def test_events_must_be_json_for_an_instance_that_exists(host):
    made = host.start("approval")
    path = f"instances/{made}/raiseEvent/approved"

    answers = [
        host.durable("POST", path, content=b"text", headers={"content-type": "text/plain"}),
        host.durable("POST", path, content=b"{", headers={"content-type": "application/json"}),
        host.durable("POST", "instances/nobody/raiseEvent/approved", json=1),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 404]


def test_names_are_matched_without_case(host):
    assert host.ended(host.start("CHAIN", {"names": ["x"]}))["output"] == ["hello x"]


def test_a_version_is_passed_on(host):
    answer = host.client.post("/api/start/versioned", params={"version": "0.9"})

    assert host.ended(answer.json()["id"])["output"] == "0.9"


def test_a_suspended_instance_waits_for_its_resumption(host):
    made = host.start("approval")
    host.until_status(made, "Running")
    host.durable("POST", f"instances/{made}/suspend", params={"reason": "wait"}).raise_for_status()
    host.until_status(made, "Suspended")
    host.durable("POST", f"instances/{made}/raiseEvent/approved", json=1).raise_for_status()

    assert host.status(made)["runtimeStatus"] == "Suspended"
    host.durable("POST", f"instances/{made}/resume", params={"reason": "go"}).raise_for_status()

    assert host.ended(made)["output"] == {"approved": 1}


def test_listings_filter_and_page(host):
    made = [host.start("chain", {"names": ["a"]}, f"list-{n}") for n in range(5)]
    for instance in made:
        host.ended(instance)
    parameters = {"instanceIdPrefix": "list-", "runtimeStatus": "Completed", "top": "2", "showInput": "false"}

    pages, token = [], None
    while token is not None or not pages:
        headers = {"x-ms-continuation-token": token} if token else {}
        answer = host.durable("GET", "instances/", params=parameters, headers=headers)
        pages.append([item["instanceId"] for item in answer.json()])
        token = answer.headers["x-ms-continuation-token"] or None

    assert [each for page in pages for each in page] == made
    assert all(len(page) <= 2 for page in pages)
    none = host.durable("GET", "instances", params={"instanceIdPrefix": "list-", "runtimeStatus": "Failed,Running"})
    assert none.json() == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "orchestrators/chain"),
        ("GET", "orchestrators/chain"),
        ("POST", "instances/x/dance"),
        ("GET", "instances/x/terminate"),
        ("GET", "nothing"),
        ("GET", ""),
    ],
)
def test_wrong_verbs_and_paths_are_404(host, method, path):
    answer = host.durable(method, path)

    assert (answer.status_code, answer.content) == (404, b"")


def test_the_sdks_client_manages_instances(host):
    made = host.start("approval", None, "by-the-sdk")
    host.until_status(made, "Running")

    def call(verb):
        return host.client.post(f"/api/manage/{verb}/{made}").raise_for_status().text

    assert call("status").endswith("Running")
    call("suspend")
    host.until_status(made, "Suspended")
    call("resume")
    host.until_status(made, "Running")
    call("terminate")
    host.until_status(made, "Terminated")
    assert call("restart") == made
    host.until_status(made, "Running")
    call("terminate")
    host.until_status(made, "Terminated")
    assert call("purge") == "1"


def test_waiting_for_the_end_in_a_request_gives_the_output(host):
    answer = host.client.post("/api/wait/chain", json=["w"])

    assert (answer.status_code, json.loads(answer.text)) == (200, ["hello w"])
