"""What goes wrong on the way: busy, refused, lost; and nothing is done twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from azure.core.exceptions import ServiceRequestError

from shared.azure import clients
from shared.azure.refusals import asking
from shared.problems import Busy, CloudRefused
from shared.settings import settings
from shared.site_recovery import failover, items, jobs, policies
from shared.site_recovery.provider import PolicySettings
from tests.clouds import RCM, START, TARGET, VAULT, Cloud, request_id


def fail_over(cloud: Cloud, request: str) -> str:
    return failover.fail_over(VAULT, cloud.ref("web1"), RCM, shut_down=False, recovery_point_id="", request=request)


def test_throttling_is_busy_for_as_long_as_the_service_says(bare: Cloud) -> None:
    bare.fault("throttle", retryAfter=77, times=None)
    with pytest.raises(Busy) as raised:
        policies.get_policy(VAULT, "none")
    assert raised.value.after == timedelta(seconds=77)
    assert len(bare.log()) == 1


@pytest.mark.parametrize("status", [500, 503, 504])
def test_a_failing_server_is_asked_once_and_is_busy(bare: Cloud, status: int) -> None:
    bare.fault("server-error", status=status, times=None)
    with pytest.raises(Busy):
        policies.create_policy(VAULT, "day", RCM, PolicySettings(), request_id("p"))
    assert len(bare.log()) == 1


def test_a_lost_connection_is_busy(bare: Cloud) -> None:
    bare.fault("drop-before", times=None)
    with pytest.raises(Busy, match="out of reach"):
        policies.get_policy(VAULT, "none")


def test_a_read_survives_one_lost_connection(bare: Cloud) -> None:
    bare.fault("drop-before", times=1)
    assert policies.get_policy(VAULT, "none") is None


def test_nothing_listening_is_busy(bare: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZFERRY_ARM_ENDPOINT", "http://127.0.0.1:9")
    settings.cache_clear()
    clients.forget()
    with pytest.raises(Busy, match="out of reach"):
        policies.get_policy(VAULT, "none")
    assert bare.log() == []


def test_a_refusal_keeps_code_causes_and_advice(ready: Cloud) -> None:
    ready.protect("web1", "10.0.2.15")
    with pytest.raises(CloudRefused) as raised:
        failover.complete_migration(VAULT, ready.ref("web1"), request_id("c"))
    facts = raised.value.facts
    assert facts.code == "OperationNotAllowed"
    assert facts.causes.startswith("The operations allowed")
    assert facts.advice
    assert facts.extra["clientRequestId"] == request_id("c")


def test_an_item_that_is_busy_is_later(ready: Cloud) -> None:
    ready.protect("web1", "10.0.2.15")
    fail_over(ready, request_id("one"))
    with pytest.raises(Busy):
        fail_over(ready, request_id("two"))


def test_a_name_that_is_taken_is_refused_not_busy(ready: Cloud) -> None:
    with pytest.raises(CloudRefused) as raised:
        policies.create_policy(VAULT, "day", RCM, PolicySettings(), request_id("again"))
    assert raised.value.facts.code == "PolicyAlreadyExists"


def test_a_failed_job_tells_code_causes_and_advice(ready: Cloud) -> None:
    ready.protect("web1", "10.0.2.15")
    ready.fault("job-fails", scenario="UnplannedFailover", code="28031")
    ended = ready.ends(fail_over(ready, request_id("f")))
    assert (ended.running, ended.succeeded) == (False, False)
    with pytest.raises(CloudRefused) as raised:
        ended.raise_failure()
    facts = raised.value.facts
    assert facts.code == "28031"
    assert facts.causes
    assert facts.advice
    assert facts.extra["task"]
    assert "539" in facts.detail


def test_a_job_that_went_well_raises_nothing(ready: Cloud) -> None:
    ready.protect("web1", "10.0.2.15")
    ended = ready.ends(fail_over(ready, request_id("f")))
    ended.raise_failure()
    assert ended.tasks


def test_a_running_job_names_its_step_and_can_be_cancelled(ready: Cloud) -> None:
    ready.protect("web1", "10.0.2.15")
    ready.fault("job-hangs", scenario="UnplannedFailover", times=None)
    job = fail_over(ready, request_id("f"))
    ready.later(600)
    found = jobs.get_job(VAULT, job)
    assert found
    assert found.task
    jobs.cancel_job(VAULT, job, request_id("x"))
    cancelled = ready.ends(job)
    with pytest.raises(CloudRefused) as raised:
        cancelled.raise_failure()
    assert raised.value.facts.code == "Cancelled"


def send_enable(cloud: Cloud, request: str) -> str:
    machine = cloud.find_machine("10.0.2.99")
    assert machine
    return items.enable(VAULT, cloud.ref("new1"), RCM, cloud.enabling("new1", machine.id), request)


def send_test(cloud: Cloud, request: str) -> str:
    return failover.start_test_failover(
        VAULT, cloud.ref("web1"), RCM, network_id=TARGET.test_network_id, recovery_point_id="", request=request
    )


def send_disable(cloud: Cloud, request: str) -> str:
    return failover.disable(VAULT, cloud.ref("web1"), RCM, request)


EFFECTS = [
    pytest.param(send_enable, "*/replicationProtectedItems/write", "EnableDr", id="enable"),
    pytest.param(send_test, "*/testFailover/action", "TestFailover", id="test failover"),
    pytest.param(fail_over, "*/unplannedFailover/action", "UnplannedFailover", id="failover"),
    pytest.param(send_disable, "*/remove/action", "DisableDr", id="disable"),
]


@pytest.mark.parametrize(("send", "operation", "scenario"), EFFECTS)
def test_an_effect_whose_answer_is_lost_is_found_again(
    ready: Cloud, send: Callable[[Cloud, str], str], operation: str, scenario: str
) -> None:
    ready.protect("web1", "10.0.2.15")
    ready.add_machine("new1", "10.0.2.99")
    ready.fault("drop-after", operation=operation)
    request = request_id("effect")
    with pytest.raises(Busy):
        send(ready, request)
    found = jobs.find_job(VAULT, request, START)
    assert found
    assert found.scenario_name == scenario or not found.scenario_name
    assert ready.ends(found.name).succeeded
    sent = [each for each in ready.log(operation) if each["client_request_id"] == request]
    assert len(sent) == 1


@pytest.mark.parametrize(("send", "operation", "scenario"), EFFECTS)
def test_an_effect_that_never_arrived_is_not_found_and_can_be_sent_again(
    ready: Cloud, send: Callable[[Cloud, str], str], operation: str, scenario: str
) -> None:
    ready.protect("web1", "10.0.2.15")
    ready.add_machine("new1", "10.0.2.99")
    ready.fault("drop-before", operation=operation)
    request = request_id("effect")
    with pytest.raises(Busy):
        send(ready, request)
    assert jobs.find_job(VAULT, request, START) is None
    ended = ready.ends(send(ready, request))
    assert (ended.scenario_name, ended.succeeded) == (scenario, True)


def test_signed_urls_of_three_kilobytes_still_give_the_job(ready: Cloud) -> None:
    ready.ask("PATCH", "settings", {"signed_urls": True})
    ready.protect("web1", "10.0.2.15")
    job = fail_over(ready, request_id("f"))
    assert len(job) == 36
    assert ready.ends(job).succeeded


def test_the_signed_query_of_an_address_is_never_told() -> None:
    message = "Max retries exceeded with url: /operations/1?t=638&c=MII&s=secret (Caused by NewConnectionError)"
    with pytest.raises(Busy) as later, asking("reading a script"):
        raise ServiceRequestError(message)
    assert "/operations/1?…" in str(later.value)
    assert "secret" not in str(later.value)
    assert later.value.__cause__ is None
