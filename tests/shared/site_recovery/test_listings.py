"""Long listings are read as JSON, and say what the SDK's models would; a job that was seen to end well is not read again."""

from shared.azure import clients
from shared.models import CLOCK_SKEW
from shared.site_recovery import failover, items, jobs
from shared.site_recovery.items import Item
from shared.site_recovery.listings import API_VERSION
from tests.clouds import RCM, START, SUBSCRIPTION, VAULT, Cloud, request_id


def test_the_api_is_asked_in_the_version_of_the_sdk() -> None:
    assert clients.site_recovery(SUBSCRIPTION)._config.api_version == API_VERSION  # noqa: SLF001 - it is not told else


def test_a_listing_says_what_the_sdks_models_say(ready: Cloud) -> None:
    ready.protect("web1", "10.0.2.15")
    theirs = clients.site_recovery(SUBSCRIPTION)

    assert items.list_items(VAULT) == tuple(
        Item.of(each) for each in theirs.replication_protected_items.list(*VAULT.place)
    )
    assert {job.name for job in jobs.list_jobs(VAULT, START - CLOCK_SKEW)} == {
        str(each.name) for each in theirs.replication_jobs.list(*VAULT.place)
    }


def test_a_job_that_a_listing_showed_to_have_ended_well_is_not_read_again(ready: Cloud) -> None:
    ready.protect("web1", "10.0.2.15")
    name = failover.fail_over(
        VAULT, ready.ref("web1"), RCM, shut_down=False, recovery_point_id="", request=request_id("f")
    )
    jobs.list_jobs(VAULT, START - CLOCK_SKEW)
    running = jobs.job_at_last(VAULT, name)
    assert running
    assert running.running, "what a listing said of one that runs is never taken for its end"

    assert ready.ends(name).succeeded
    jobs.list_jobs(VAULT, START - CLOCK_SKEW)
    ready.ask("DELETE", "log")
    ended = jobs.job_at_last(VAULT, name)
    assert ended
    assert ended.succeeded
    assert ready.log() == []
