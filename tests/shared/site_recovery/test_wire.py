"""Reading what the wire brings: sentinels, nulls, strings for flags, ids in any case."""

from datetime import UTC, datetime

from shared.site_recovery.items import Item, Scenario, item_of
from shared.site_recovery.provider import ReplicationStatus
from shared.site_recovery.wire import known, same_id, segment


def _moment(text: str) -> datetime | None:
    return Scenario.model_validate({"startTime": text}).start_time


def test_sentinel_dates_mean_not_known() -> None:
    assert [_moment(each) for each in ("1753-01-01T01:01:01Z", "0001-01-01T00:00:00")] == [None, None]


def test_moments_with_seven_digits_or_without_a_zone_are_utc() -> None:
    assert _moment("2022-12-23T08:02:42.2800065Z") == datetime(2022, 12, 23, 8, 2, 42, 280006, tzinfo=UTC)
    assert _moment("2022-12-23T08:02:42") == datetime(2022, 12, 23, 8, 2, 42, tzinfo=UTC)


def test_flags_come_as_strings_and_nulls_are_left_out() -> None:
    seen = ReplicationStatus.model_validate({"resyncRequired": "false", "targetVmName": None, "progress": None})
    assert (seen.resync_required, seen.target_vm_name, seen.progress) == (False, "", None)
    assert ReplicationStatus.model_validate({"resyncRequired": "True"}).resync_required


def test_an_idle_item_has_no_running_job() -> None:
    idle = {"scenarioName": "None", "jobId": "/x/replicationJobs/None", "startTime": "1753-01-01T01:01:01Z"}
    item = Item.model_validate({"id": "/a", "name": "n", "currentScenario": idle})
    assert item.running_job == ""
    busy = {"scenarioName": "UnplannedFailover", "jobId": "/Subscriptions/s/replicationjobs/42"}
    assert item.model_validate({"id": "/a", "name": "n", "currentScenario": busy}).running_job == "42"


def test_an_item_of_an_unknown_provider_is_read_all_the_same() -> None:
    item = Item.model_validate({"id": "/a", "name": "n", "providerSpecificDetails": {"instanceType": "Novel", "x": {}}})
    assert item.replication.instance_type == "Novel"


def test_ids_are_read_in_any_case() -> None:
    raw = "/Subscriptions/s/resourcegroups/g/REPLICATIONFABRICS/f/replicationProtectionContainers/c/replicationprotecteditems/i"
    assert item_of(raw).path == ("f", "c", "i")
    assert segment(raw, "subscriptions") == "s"
    assert segment(raw, "nothing") == ""
    assert same_id(raw, raw.lower() + "/")


def test_names_that_look_like_old_dates_are_kept() -> None:
    assert known("0001-web")
    assert not known("0001-01-01T00:00:00")
