"""host.json as Azure's own extension takes it: what stops the app there stops it here, in the same words."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.host.bound import Section
from local.host.durable_json import read_durable
from local.host.host_json import read_host_json
from local.host.problems import HostError


def durable(section: dict[str, Any], **environment: str) -> Any:
    return read_durable(Section.of("AzureFunctionsJobHost:extensions:durableTask", section), environment)


def queues(folder: Path, section: dict[str, Any]) -> Any:
    (folder / "host.json").write_text(json.dumps({"version": "2.0", "extensions": {"queues": section}}))
    return read_host_json(folder).queues


@pytest.mark.parametrize("name", ["azferry", "AzFerry1", "abc", "a" * 50])
def test_a_good_hub_name_is_kept_as_it_is(name):
    assert durable({"hubName": name}).hub == name


@pytest.mark.parametrize(
    "name", ["my-hub", "1hub", "ab", "my_hub", "hub.x", " hub ", "", "a" * 51, None, "ä" * 5, "%AZF_TEST_MISSING%"]
)
def test_a_bad_hub_name_stops_the_app(name):
    with pytest.raises(HostError) as refused:
        durable({"hubName": name})

    assert str(refused.value) == (
        f"host.json: Task hub name '{name or ''}' should contain only alphanumeric characters, start with a letter, "
        "and have length between 3 and 45."
    )


@pytest.mark.parametrize(("site", "hub"), [("my-app-1", "myapp1"), ("1app", "t1app"), ("", "TestHubName")])
def test_only_a_name_by_default_is_mended(site, hub):
    assert durable({}, WEBSITE_SITE_NAME=site).hub == hub


@pytest.mark.parametrize(
    ("given", "number"), [(16, 16), ("16", 16), (" 16 ", 16), (16.0, 16), ("0x10", 16), (1e2, 100)]
)
def test_a_number_may_be_written_in_many_ways(given, number):
    assert durable({"maxConcurrentActivityFunctions": given}).max_activities == number


@pytest.mark.parametrize("given", ["sixteen", "1,6", True, 99999999999, 1.5, "1_6"])
def test_what_is_no_number_is_named_with_its_place(given):
    with pytest.raises(HostError) as refused:
        durable({"maxConcurrentActivityFunctions": given})

    assert str(refused.value) == (
        f"host.json: Failed to convert configuration value '{given}' at "
        "'AzureFunctionsJobHost:extensions:durableTask:MaxConcurrentActivityFunctions' to type 'System.Int32'."
    )


@pytest.mark.parametrize("name", ["maxConcurrentActivityFunctions", "MAXCONCURRENTORCHESTRATORFUNCTIONS"])
@pytest.mark.parametrize("given", [0, -1])
def test_no_activities_at_all_are_refused(name, given):
    with pytest.raises(HostError, match="must be a positive integer value"):
        durable({name: given})


@pytest.mark.parametrize("given", ["", None])
def test_an_empty_number_is_the_default(given):
    assert durable({"maxConcurrentActivityFunctions": given}, WEBSITE_SKU="Dynamic").max_activities == 10


def test_a_container_on_a_laptop_counts_as_a_consumption_plan():
    found = durable({}, CONTAINER_NAME="x")

    assert (found.max_activities, found.max_orchestrators, found.max_entities) == (10, 5, 10)


def test_names_have_no_letter_case_and_the_last_of_two_counts():
    assert durable({"HUBNAME": "first", "hubName": "second"}).hub == "second"


@pytest.mark.parametrize(
    ("storage", "words"),
    [
        ({"partitionCount": 0}, "PartitionCount must be an integer value between 1 and 16."),
        ({"partitionCount": 17}, "PartitionCount must be an integer value between 1 and 16."),
        ({"partitionCount": None}, "PartitionCount must be an integer value between 1 and 16."),
        ({"partitionCount": "x"}, "Failed to convert configuration value 'x'"),
        ({"controlQueueBatchSize": 0}, "ControlQueueBatchSize must be"),
        ({"controlQueueBatchSize": 33}, "ControlQueueBatchSize must be"),
        ({"type": "mssql"}, "Storage provider type (mssql) was not found. Available storage providers: AzureStorage."),
        ({"type": ""}, "Storage provider type () was not found."),
        ({"type": None}, "Storage provider type () was not found."),
        ({"controlQueueVisibilityTimeout": "00:00:30"}, "must be between 1 and 60 minutes"),
        ({"workItemQueueVisibilityTimeout": "01:00:01"}, "must be between 1 and 60 minutes"),
        ({"maxQueuePollingInterval": "PT10S"}, "to type 'System.TimeSpan'"),
        ({"connectionName": "Nope"}, "Unable to resolve the Azure Storage connection named 'Nope'."),
    ],
)
def test_what_the_storage_provider_does_not_take_stops_the_app(storage, words):
    with pytest.raises(HostError) as refused:
        durable({"storageProvider": storage})

    assert words in str(refused.value)


def test_what_the_storage_provider_takes_is_heeded():
    storage = {
        "TYPE": "azurestorage",
        "partitionCount": 16,
        "workItemQueueVisibilityTimeout": "00:10:00",
        "maxQueuePollingInterval": "10",
        "connectionName": "Other",
    }

    assert durable({"storageProvider": storage}, AzureWebJobsOther="x").visibility == timedelta(minutes=10)


@pytest.mark.parametrize(
    ("given", "match"), [("strict", "Strict"), ("1", "Strict"), (0, "None"), (7, "CurrentOrOlder")]
)
def test_a_strategy_may_be_written_in_any_letter_case_or_as_a_number(given, match):
    assert durable({"versionMatchStrategy": given}).version_match == match


@pytest.mark.parametrize(
    "section",
    [
        {"versionMatchStrategy": ""},
        {"versionMatchStrategy": None},
        {"versionFailureStrategy": "Retry"},
        {"extendedSessionsEnabled": True},
        {"overridableExistingInstanceStates": "Bogus"},
        {"tracing": {"version": "V9"}},
    ],
)
def test_a_word_that_azure_does_not_know_stops_the_app(section):
    with pytest.raises(HostError):
        durable(section)


@pytest.mark.parametrize(("given", "version"), [(1.0, "1"), ("1.0", "1.0"), (None, None), ("", None)])
def test_a_version_is_a_text(given, version):
    assert durable({"defaultVersion": given}).default_version == version


@pytest.mark.parametrize(("given", "prefix"), [(None, ""), ("", ""), ("x", "x")])
def test_a_route_prefix_of_null_is_none(tmp_path, given, prefix):
    (tmp_path / "host.json").write_text(json.dumps({"version": "2.0", "extensions": {"http": {"ROUTEPREFIX": given}}}))

    assert read_host_json(tmp_path).http.prefix == prefix


def test_a_polling_interval_without_a_unit_is_days(tmp_path):
    assert queues(tmp_path, {"maxPollingInterval": 2000}).max_polling == timedelta(days=2000)


@pytest.mark.parametrize(
    "section", [{"maxPollingInterval": "00:00:00.05"}, {"messageEncoding": None}, {"messageEncoding": "utf8"}]
)
def test_a_queue_setting_that_azure_refuses_is_refused(tmp_path, section):
    with pytest.raises(HostError):
        queues(tmp_path, section)


def test_more_new_messages_than_a_thousand_are_allowed(tmp_path):
    assert queues(tmp_path, {"newBatchThreshold": 5000}).new_batch_threshold == 5000


def test_an_override_may_be_in_any_letter_case(tmp_path, monkeypatch):
    monkeypatch.setenv("azurefunctionsjobhost__EXTENSIONS__durabletask__HUBNAME", "other")
    extensions = {"durableTask": {"hubName": "first", "HubName": "second"}}
    (tmp_path / "host.json").write_text(json.dumps({"version": "2.0", "extensions": extensions}))

    assert read_host_json(tmp_path).durable.hub == "other"


TOPIC = {"topicEndpoint": "https://topic.example/api/events", "keySettingName": "TOPIC_KEY"}


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        (TOPIC, "Please check the configuration values for TOPIC_KEY on AppSettings."),
        ({"topicEndpoint": "https://x"}, "Please check the configuration values for https://x and ."),
        ({}, "Please check the configuration values for  and ."),
        (TOPIC | {"publishEventTypes": ["Started", "Bogus"]}, "Unsupported event types detected"),
        (TOPIC | {"publishEventTypes": ["Canceled"]}, "'Started', 'Completed', 'Failed', 'Terminated'."),
    ],
)
def test_notifications_that_azure_would_not_start_with_stop_the_app(grid, words):
    known = {"TOPIC_KEY": "known"} if "publishEventTypes" in grid else {}
    with pytest.raises(HostError) as refused:
        durable({"notifications": {"eventGrid": grid}}, **known)

    assert str(refused.value).startswith("host.json: Failed to start lifecycle notification feature. ")
    assert words in str(refused.value)


@pytest.mark.parametrize("grid", [None, TOPIC, TOPIC | {"publishEventTypes": ["Started", "Failed"]}])
def test_notifications_that_are_whole_are_taken(grid):
    assert durable({"notifications": {"eventGrid": grid}}, TOPIC_KEY="known").hub == "TestHubName"
