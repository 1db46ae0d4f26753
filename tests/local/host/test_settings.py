import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.host import local_settings
from local.host.app_settings import resolve
from local.host.host_json import read_host_json
from local.host.lenient_json import read_object
from local.host.problems import HostError


def write(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_values_become_environment_but_do_not_override_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZF_TEST_HERE", "from outside")
    monkeypatch.delenv("AZF_TEST_NEW", raising=False)
    monkeypatch.setattr(os, "environ", os.environ.copy())
    write(tmp_path, "local.settings.json", {"Values": {"AZF_TEST_HERE": "file", "AZF_TEST_NEW": "file"}})

    skipped = local_settings.apply(local_settings.read_local_settings(tmp_path))

    assert (os.environ["AZF_TEST_HERE"], os.environ["AZF_TEST_NEW"]) == ("from outside", "file")
    assert skipped == ["AZF_TEST_HERE"]


def test_port_and_cors_are_read(tmp_path: Path) -> None:
    write(tmp_path, "local.settings.json", {"Host": {"LocalHttpPort": 7075, "CORS": "http://a, http://b"}})

    found = local_settings.read_local_settings(tmp_path)

    assert (found.port, found.cors) == (7075, ("http://a", "http://b"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"IsEncrypted": True}, "encrypted"),
        ({"Values": {"A": 1}}, "Values.A"),
        ({"Host": {"LocalHttpPort": "x"}}, "LocalHttpPort"),
        ("{", "cannot be read"),
        ([], "object"),
    ],
)
def test_bad_local_settings_are_refused(tmp_path: Path, content: object, words: str) -> None:
    write(tmp_path, "local.settings.json", content)

    with pytest.raises(HostError, match=words):
        local_settings.read_local_settings(tmp_path)


def test_no_local_settings_are_empty_settings(tmp_path: Path) -> None:
    assert local_settings.read_local_settings(tmp_path).values == {}


def test_comments_and_trailing_commas_are_allowed(tmp_path: Path) -> None:
    text = '\ufeff{ // one\n "a": "http://x//y", /* two */ "b": [1, 2,], "c": "/* kept, ] */", }'

    assert read_object(write(tmp_path, "x.json", text)) == {"a": "http://x//y", "b": [1, 2], "c": "/* kept, ] */"}


@settings(max_examples=40)
@given(st.dictionaries(st.text(), st.recursive(st.text() | st.integers(), st.lists), max_size=4))
def test_plain_json_is_read_as_it_is(tmp_path_factory: pytest.TempPathFactory, content: dict[str, object]) -> None:
    assert read_object(write(tmp_path_factory.mktemp("json"), "x.json", content)) == content


def test_host_json_has_azures_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONTAINER_NAME", raising=False)
    write(tmp_path, "host.json", {"version": "2.0"})

    found = read_host_json(tmp_path)

    assert found.http.prefix == "api"
    cores = os.cpu_count() or 1
    assert (found.queues.batch_size, found.queues.new_batch_threshold, found.queues.max_dequeue) == (16, 8 * cores, 5)
    assert (found.durable.max_activities, found.durable.max_orchestrators) == (10 * cores, 10 * cores)
    assert found.durable.visibility == timedelta(minutes=5)
    assert (found.queues.base64, found.queues.visibility) == (True, timedelta(0))
    assert (found.durable.hub, found.durable.version_match) == ("TestHubName", "CurrentOrOlder")


def test_host_json_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZF_TEST_HUB", "finance")
    queues = {
        "batchSize": 8,
        "messageEncoding": "none",
        "maxPollingInterval": "00:00:15",
        "visibilityTimeout": "00:00:30",
    }
    durable = {"hubName": "%AZF_TEST_HUB%", "maxConcurrentActivityFunctions": 3, "defaultVersion": "2.0"}
    extensions = {"http": {"routePrefix": ""}, "queues": queues, "durableTask": durable}
    write(tmp_path, "host.json", {"version": "2.0", "extensions": extensions})

    found = read_host_json(tmp_path)

    assert found.http.prefix == ""
    assert (found.queues.max_polling, found.queues.visibility) == (timedelta(seconds=15), timedelta(seconds=30))
    assert (found.queues.new_batch_threshold, found.queues.base64) == (4 * (os.cpu_count() or 1), False)
    assert (found.durable.hub, found.durable.max_activities, found.durable.default_version) == ("finance", 3, "2.0")


def test_an_app_setting_overrides_host_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AzureFunctionsJobHost__extensions__durableTask__maxConcurrentActivityFunctions", "7")
    write(tmp_path, "host.json", {"version": "2.0", "extensions": {"DurableTask": {"hubName": "kept"}}})

    found = read_host_json(tmp_path)

    assert (found.durable.hub, found.durable.max_activities) == ("kept", 7)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"version": "1.0"},
        {"version": "2.0", "extensions": []},
        {"version": "2.0", "extensions": {"queues": {"batchSize": 33}}},
        {"version": "2.0", "extensions": {"queues": {"messageEncoding": "utf8"}}},
        {"version": "2.0", "extensions": {"queues": {"visibilityTimeout": "PT5M"}}},
        {"version": "2.0", "extensions": {"durableTask": {"versionMatchStrategy": "Newest"}}},
        {"version": "2.0", "extensions": {"durableTask": {"hubName": "%AZF_TEST_MISSING%"}}},
    ],
)
def test_a_bad_host_json_is_refused(tmp_path: Path, content: dict[str, object]) -> None:
    write(tmp_path, "host.json", content)

    with pytest.raises(HostError):
        read_host_json(tmp_path)


@pytest.mark.parametrize("text", ["{'version': '2.0'}", '{version: "2.0"}', '{"version": "2.0"} {}'])
def test_a_host_json_with_single_quotes_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "host.json").write_text(text)

    with pytest.raises(HostError, match=r"host\.json cannot be read: .* line 1 column"):
        read_host_json(tmp_path)


def test_a_folder_without_host_json_is_no_app(tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"No host\.json"):
        read_host_json(tmp_path)


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZF_TEST_MISSING", raising=False)

    with pytest.raises(HostError, match="tend: '%AZF_TEST_MISSING%'"):
        resolve("a-%AZF_TEST_MISSING%", "tend")
