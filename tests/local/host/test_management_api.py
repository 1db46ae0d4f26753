"""The durable management API answers as Azure's own extension did when it was run."""

from concurrent.futures import ThreadPoolExecutor

import pytest

JSON = {"content-type": "application/json"}
TOKEN = "x-ms-continuation-token"
LINKS = ["statusQueryGetUri", "sendEventPostUri", "terminatePostUri", "purgeHistoryDeleteUri", "restartPostUri"]
LINKS += ["suspendPostUri", "resumePostUri"]


def waiting(host, instance_id=None):
    made = host.start("approval", None, instance_id)
    host.until_status(made, "Running")
    return made


def failed(host):
    made = host.start("failing")
    host.ended(made)
    return made


def post(host, path, **more):
    return host.durable("POST", path, **more)


def test_an_unknown_orchestrator_is_started_and_fails(host):
    made = host.start("nobody_wrote_this", None)

    status = host.ended(made)

    assert status["runtimeStatus"] == "Failed"
    assert status["output"].startswith(
        "Orchestrator function 'nobody_wrote_this' failed: The function 'nobody_wrote_this' doesn't exist, is disabled, "
        "or is not an orchestrator function. Additional info: The following are the known orchestrator functions: '"
    )


def test_an_id_in_use_is_a_conflict_with_its_message_alone(host):
    waiting(host, "in-use")

    answer = post(host, "orchestrators/approval/in-use")

    assert answer.status_code == 409
    assert answer.json() == {"Message": "An Orchestration instance with the status Running already exists."}


def test_an_ended_instance_is_replaced_by_a_start_of_its_id(host):
    for name in ("a", "b"):
        host.start("chain", {"names": [name]}, "again")
        assert host.ended("again")["output"] == [f"hello {name}"]


def test_of_starts_of_one_id_at_the_same_moment_all_are_accepted_and_one_runs(host):
    with ThreadPoolExecutor(6) as threads:
        answers = [
            threads.submit(post, host, "orchestrators/approval/at-once", json={"seconds": 3600 + n}) for n in range(6)
        ]
        found = [answer.result().status_code for answer in answers]

    # As there: the check looks first and writes later. Who comes when the first was answered hears of the conflict.
    assert found.count(202) >= 1
    assert set(found) <= {202, 409}
    assert post(host, "orchestrators/approval/at-once").status_code == 409


def test_of_starts_at_the_same_moment_of_an_id_in_use_all_are_refused(host):
    waiting(host, "taken-at-once")

    with ThreadPoolExecutor(6) as threads:
        answers = [
            threads.submit(post, host, "orchestrators/approval/taken-at-once", json={"seconds": n}) for n in range(6)
        ]

    assert {answer.result().status_code for answer in answers} == {409}


@pytest.mark.parametrize("content", [b"{", b"no json"])
def test_a_start_with_a_body_that_is_no_json_is_refused(host, content):
    answer = post(host, "orchestrators/chain", content=content)

    assert answer.status_code == 400
    assert answer.json()["Message"] == "Invalid JSON content"
    assert set(answer.json()) == {"Message", "ExceptionMessage", "ExceptionType", "StackTrace"}


def test_a_start_answers_with_links_of_the_requests_own_host_without_one_to_rewind(host):
    answer = post(host, "orchestrators/approval/a%20b%3Ac", headers={"host": "ferry.example:81"})

    links = answer.json()
    assert list(links) == ["id", *LINKS]
    assert links["id"] == "a b:c"
    assert links["statusQueryGetUri"].startswith(
        "http://ferry.example:81/runtime/webhooks/durabletask/instances/a+b%3Ac?taskHub="
    )
    assert answer.headers["retry-after"] == "10"


def test_a_start_may_wait_for_the_output(host):
    both = {"timeout": "20", "pollingInterval": "1"}

    assert post(host, "orchestrators/chain", params=both, json={"names": ["w"]}).json() == ["hello w"]
    assert post(host, "orchestrators/failing", params=both).json()["runtimeStatus"] == "Failed"
    late = post(host, "orchestrators/approval", params={"timeout": "0.2", "pollingInterval": "0.1"})
    assert (late.status_code, list(late.json())) == (202, ["id", *LINKS])
    wrong = post(host, "orchestrators/chain", params={"timeout": "1", "pollingInterval": "5"})
    assert (wrong.status_code, wrong.json()) == (
        400,
        {"Message": "Total timeout 1 should be bigger than retry timeout 5"},
    )


@pytest.mark.parametrize("odd", ["%40x", "%23", "a%3Fb", "a%5Cb", "a%09b", "%22", "%25", "%C3%A9"])
def test_an_odd_instance_id_is_accepted(host, odd):
    assert post(host, f"orchestrators/approval/{odd}").status_code == 202


def test_an_instance_id_with_a_slash_is_no_path_and_one_that_is_too_long_is_an_error(host):
    assert post(host, "orchestrators/chain/a%2Fb").status_code == 404
    assert len(post(host, "orchestrators/chain/%2F").json()["id"]) == 32
    assert post(host, f"orchestrators/chain/{'a' * 512}").status_code == 202
    long = post(host, f"orchestrators/chain/{'a' * 513}")
    assert (long.status_code, long.json()["ExceptionMessage"]) == (
        500,
        "An error occurred while communicating with Azure Storage",
    )


def test_a_status_has_its_members_in_order_and_ids_heed_letter_case(host):
    made = waiting(host, "Case-1")

    assert list(host.status(made)) == [
        *("name", "instanceId", "runtimeStatus", "input", "customStatus", "output"),
        *("createdTime", "lastUpdatedTime"),
    ]
    assert host.durable("GET", "instances/case-1").status_code == 404


def test_a_history_shows_what_completed_in_one_row_with_null_members(host):
    made = host.start("chain", {"names": ["a"]})
    host.ended(made)

    began, task, ended = host.status(made, showHistory="true")["historyEvents"]
    results = [
        each.get("Result") for each in host.status(made, showHistory="true", showHistoryOutput="true")["historyEvents"]
    ]

    assert list(task) == ["EventType", "Timestamp", "ScheduledTime", "FunctionName", "Input"]
    assert task["ScheduledTime"].endswith("+00:00")
    assert began["Input"] == '{"names":["a"]}'
    assert began["Correlation"] is None
    assert ended["OrchestrationStatus"] == "Completed"
    assert results == [None, "hello a", ["hello a"]]
    assert host.status(made, showHistory="true", showInput="false")["historyEvents"][0]["Input"] is None


def test_a_failed_task_shows_why(host):
    task = host.status(failed(host), showHistory="true")["historyEvents"][1]

    assert list(task)[4:] == ["Reason", "Details", "FailureDetails", "Input"]
    assert task["Reason"] == "Activity function 'boom' failed: ValueError: on purpose"


def test_a_list_is_by_id_with_a_token_that_is_always_there(host):
    for name in ("l-b", "l-a", "l-c"):
        host.start("chain", {"names": ["x"]}, name)
        host.ended(name)
    by_prefix = {"instanceIdPrefix": "l-"}

    whole = host.durable("GET", "instances", params=by_prefix)
    first = host.durable("GET", "instances", params=by_prefix | {"top": "2"})
    second = host.durable("GET", "instances", params=by_prefix, headers={TOKEN: first.headers[TOKEN]})

    assert [each["instanceId"] for each in whole.json()] == ["l-a", "l-b", "l-c"]
    assert whole.headers[TOKEN] == ""
    assert [each["instanceId"] for each in first.json() + second.json()] == ["l-a", "l-b", "l-c"]


def test_a_page_of_nothing_has_a_token_and_one_of_less_is_an_error(host):
    waiting(host)

    none = host.durable("GET", "instances", params={"top": "0"})

    assert (none.json(), bool(none.headers[TOKEN])) == ([], True)
    assert host.durable("GET", "instances", params={"top": "-1"}).status_code == 500
    assert host.durable("GET", "instances", params={"top": "many"}).status_code == 200
    assert host.durable("GET", "instances", headers={TOKEN: "no token"}).json() == []


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("Running", {"f-runs"}),
        ("running", {"f-runs", "f-ended"}),
        ("Bogus", {"f-runs", "f-ended"}),
        ("Running,Bogus", {"f-runs"}),
        ("0", {"f-runs"}),
        ("1", {"f-ended"}),
        ("Failed", set()),
    ],
)
def test_a_status_filter_heeds_letter_case_and_drops_what_it_does_not_know(host, filters, found):
    if host.durable("GET", "instances/f-runs").status_code == 404:
        waiting(host, "f-runs")
        host.start("chain", {"names": ["x"]}, "f-ended")
        host.ended("f-ended")

    listed = host.durable("GET", "instances", params={"instanceIdPrefix": "f-", "runtimeStatus": filters}).json()

    assert {each["instanceId"] for each in listed} == found


@pytest.mark.parametrize(
    ("since", "count"),
    [("yesterday", 1), ("2100-01-01T00:00:00Z", 0), ("2100-01-01", 0), ("2000-01-01T00:00:00+02:00", 1)],
)
def test_a_time_that_cannot_be_read_is_no_filter(host, since, count):
    if host.durable("GET", "instances/t-one").status_code == 404:
        waiting(host, "t-one")

    listed = host.durable("GET", "instances", params={"instanceIdPrefix": "t-one", "createdTimeFrom": since}).json()

    assert len(listed) == count


def test_an_event_must_be_json_for_an_instance_that_runs(host):
    made = waiting(host)
    path = f"instances/{made}/raiseEvent/other"

    plain = post(host, path, content=b"1", headers={"content-type": "text/plain"})
    assert (plain.status_code, plain.json()) == (400, {"Message": "Only application/json request content is supported"})
    for content in (b"", b"{"):
        answer = post(host, path, content=content, headers=JSON)
        assert (answer.status_code, answer.json()["Message"]) == (400, "Invalid JSON content")
    assert (
        post(host, path, content=b"1", headers={"content-type": "application/json; charset=utf-8"}).status_code == 202
    )
    assert post(host, f"instances/{made}/raiseEvent/a%2Fb", json=1).status_code == 404
    assert post(host, "instances/nobody/raiseEvent/x", content=b"", headers=JSON).status_code == 404


def test_terminate_ends_with_the_reason_and_then_the_instance_is_gone(host):
    made = waiting(host)

    assert post(host, f"instances/{made}/TERMINATE/", params={"reason": "enough"}).status_code == 202

    status = host.ended(made)
    assert (status["runtimeStatus"], status["output"]) == ("Terminated", "enough")
    again = post(host, f"instances/{made}/terminate")
    assert (again.status_code, again.content) == (410, b"")
    assert post(host, "instances/nobody/terminate").status_code == 404


def test_a_suspended_instance_shows_why_and_takes_no_second_suspension(host):
    made = waiting(host)
    post(host, f"instances/{made}/suspend", params={"reason": "hold"})
    host.until_status(made, "Suspended")

    twice = post(host, f"instances/{made}/suspend")

    assert host.status(made)["output"] == "hold"
    assert twice.status_code == 500
    assert twice.json()["ExceptionMessage"] == (
        f"Cannot suspend the orchestration instance {made} because instance is in the Suspended state."
    )


def test_rewind_is_for_failed_instances(host):
    ended, broken = host.start("chain", {"names": ["a"]}), failed(host)
    host.ended(ended)

    done = post(host, f"instances/{ended}/rewind")
    unknown = post(host, "instances/nobody/rewind")

    assert (done.status_code, done.json()) == (
        412,
        'This orchestration has status Completed, but only orchestrations in the "Failed" state can be rewound.',
    )
    assert (unknown.status_code, unknown.json()) == (404, 'No orchestration with instance ID "$nobody" found.')
    assert post(host, f"instances/{broken}/rewind", params={"reason": "mended"}).status_code == 202
    assert host.ended(broken)["runtimeStatus"] == "Failed"


def test_restart_takes_the_stored_input_under_a_new_id_or_its_own(host):
    ended, running = host.start("chain", {"names": ["again"]}), waiting(host)
    host.ended(ended)
    same = {"restartWithNewInstanceId": "false"}

    waited = post(host, f"instances/{ended}/restart", params={"timeout": "20", "pollingInterval": "1"})
    assert (waited.status_code, waited.json()) == (200, ["hello again"])
    fresh = post(host, f"instances/{ended}/restart")
    assert (fresh.status_code, fresh.json()["id"] == ended) == (202, False)
    assert host.ended(fresh.json()["id"])["output"] == ["hello again"]
    assert post(host, f"instances/{ended}/restart", params=same).json()["id"] == ended
    conflict = post(host, f"instances/{running}/restart", params=same)
    assert (conflict.status_code, conflict.json()["Message"]) == (
        409,
        "A non-terminal instance with this instance ID already exists.",
    )
    assert post(host, f"instances/{running}/restart").status_code == 202
    unknown = post(host, "instances/nobody/restart")
    assert unknown.status_code == 400
    assert unknown.json()["Message"] == "InstanceId does not match a valid orchestration instance."
    assert unknown.json()["ExceptionMessage"] == "No instance with ID 'nobody' was found. (Parameter 'instanceId')"


def test_purge_by_id_is_for_ended_instances(host):
    made = waiting(host)

    refused = host.durable("DELETE", f"instances/{made}")

    assert (refused.status_code, refused.json()) == (
        412,
        (
            "Only orchestrations in a terminal state can be purged, but the orchestration with instance ID "
            f"{made} has status Running"
        ),
    )
    assert host.durable("DELETE", "instances/nobody").status_code == 404


def test_purge_by_time_needs_its_first_moment(host):
    missing = host.durable("DELETE", "instances/")
    early = {"createdTimeFrom": "2000-01-01T00:00:00Z", "createdTimeTo": "2000-01-02T00:00:00Z"}

    assert (missing.status_code, missing.json()) == (400, "Please provide value for 'createdTimeFrom' parameter.")
    assert host.durable("DELETE", "instances/", params={"createdTimeFrom": "yesterday"}).status_code == 400
    nothing = host.durable("DELETE", "instances/", params=early)
    assert (nothing.status_code, nothing.content) == (404, b"")


def test_purge_by_time_takes_what_runs_unless_it_names_how_instances_end(start_sample):
    own = start_sample()
    since = {"createdTimeFrom": "2000-01-01T00:00:00Z"}
    waiting(own, "runs")
    own.start("chain", {"names": ["x"]}, "ended")
    own.ended("ended")

    named = own.durable("DELETE", "instances", params=since | {"runtimeStatus": "Running,Completed"})
    assert named.json() == {"instancesDeleted": 1}
    # letter case counts, what is unknown is dropped, and then nothing is left of the filter
    others = own.durable("DELETE", "instances", params=since | {"runtimeStatus": "failed", "instanceIdPrefix": "other"})
    assert others.json() == {"instancesDeleted": 1}
    assert own.status("runs")["runtimeStatus"] is None


def test_calls_for_another_hub_or_account_find_nothing(host):
    made = waiting(host)
    path = f"instances/{made}"

    assert host.durable("GET", path, params={"taskHub": "another"}).status_code == 404
    assert host.durable("GET", path, params={"taskHub": "my-hub"}).status_code == 500
    unknown = host.durable("GET", path, params={"connection": "Nope"})
    assert unknown.status_code == 500
    assert unknown.json()["ExceptionMessage"] == "Unable to resolve the Azure Storage connection named 'Nope'."


def test_makeprimary_is_accepted_and_a_restart_with_options_wants_an_id(host):
    made = waiting(host)

    assert post(host, "makeprimary").status_code == 200
    answer = post(host, f"instances/{made}/restartWithOptions", json={})
    assert (answer.status_code, answer.json()) == (
        400,
        {"Message": "A new orchestration instance ID must be provided."},
    )


def test_an_entity_is_signalled_called_read_listed_and_deleted(host):
    made = host.start("counts", None, "e1")
    assert host.ended(made)["output"] == [7, "no operation dance"]
    path = "entities/Tally/e1"

    read = host.durable("GET", path)
    assert (read.status_code, read.json()) == (200, 7)
    assert post(host, path, params={"op": "add"}, json="3").status_code == 202
    host_waits(lambda: host.durable("GET", path).json() == 10)
    listed = host.durable("GET", "entities/tally", params={"fetchState": "true"})
    assert {each["entityId"]["name"] for each in listed.json()} == {"tally"}
    assert [each["state"] for each in listed.json() if each["entityId"]["key"] == "e1"] == [10]
    assert host.durable("GET", "entities/").json()[0]["state"] is None
    assert host.durable("GET", "instances/@tally@e1").json()["runtimeStatus"] == "Running"
    assert host.durable("DELETE", path).status_code == 202
    host_waits(lambda: host.durable("GET", path).status_code == 404)


def host_waits(look):
    from tests.local.host.conftest import wait_for  # noqa: PLC0415 - only here

    return wait_for(look)


def test_what_an_entity_is_sent_stands_in_the_history(host):
    made = host.start("counts")
    host.ended(made)

    events = host.status(made, showHistory="true")["historyEvents"]
    sent = [each for each in events if each["EventType"] == "EventSent"]
    raised = [each for each in events if each["EventType"] == "EventRaised"]

    assert [each["InstanceId"] for each in sent] == [f"@tally@{made}"] * 4
    assert '"op":"add","signal":true,"input":"\\"3\\""' in sent[0]["Input"]
    assert raised[1]["Input"].endswith('"result":"\\"no operation dance\\"","exceptionType":"Error"}')


def test_a_durable_http_call_gives_status_headers_and_content(host):
    made = host.start("asks_over_http", {"uri": f"{host.origin}/api/nothing-here"})

    answer = host.ended(made)["output"]
    task = host.status(made, showHistory="true")["historyEvents"][1]

    assert (answer["statusCode"], task["FunctionName"]) == (404, "BuiltIn::HttpActivity")
    assert not [name for name in answer["headers"] if name.lower().startswith("content-")]


def test_a_durable_http_call_to_nobody_fails(host):
    made = host.start("asks_over_http", {"uri": "http://127.0.0.1:1/"})

    output = host.ended(made)["output"]

    assert output.startswith("Orchestrator function 'asks_over_http' failed: Connection refused (127.0.0.1:1)")


def test_the_client_binding_has_every_member(host):
    binding = host.client.get("/api/binding").json()

    assert list(binding) == [
        *("taskHubName", "connectionName", "creationUrls", "managementUrls", "baseUrl"),
        *("requiredQueryStringParameters", "rpcBaseUrl", "httpBaseUrl"),
        *("maxGrpcMessageSizeInBytes", "grpcHttpClientTimeout"),
    ]
    code = binding["requiredQueryStringParameters"]
    assert code.startswith("code=")
    assert list(binding["managementUrls"]) == ["id", *LINKS[:3], "rewindPostUri", *LINKS[3:]]
    assert binding["creationUrls"]["createAndWaitOnNewInstancePostUri"].endswith(
        f"/orchestrators/{{functionName}}[/{{instanceId}}]?timeout={{timeoutInSeconds}}&pollingInterval={{intervalInSeconds}}&{code}"
    )
