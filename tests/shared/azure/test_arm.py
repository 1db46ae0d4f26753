"""Pure parts of the way to Azure: which answer means what."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
)

from shared.azure.arm import OperationStatus, sent
from shared.azure.refusals import asking, found, retry_after
from shared.problems import Busy, CloudRefused, Problem

OPERATION = "https://management.azure.com/subscriptions/s/providers/Microsoft.Compute/locations/w/operations/42?t=1&s=x"
JOB = "https://cus.management.azure.com/Subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v"


def answer(status: int, error: Any = None, **headers: str) -> HttpResponseError:
    text = error if isinstance(error, str) else json.dumps({"error": error} if error else {})
    response = SimpleNamespace(status_code=status, headers=headers, text=lambda: text, reason="said")
    problem = HttpResponseError("it said no")
    problem.status_code, problem.response = status, response  # type: ignore[assignment] # all that is read of it
    return problem


def outcome(error: Exception) -> Problem:
    with pytest.raises(Problem) as raised, asking("asking"):
        raise error
    return raised.value


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_busy_is_later(status: int) -> None:
    assert isinstance(outcome(answer(status)), Busy)


@pytest.mark.parametrize(
    "error",
    [
        {"code": "AnotherOperationInProgress", "message": "no"},
        {"code": "Conflict", "message": "Another operation on this resource is in progress."},
        {"code": "Conflict", "message": "no", "details": [{"code": "OperationInProgress", "message": "no"}]},
        {"code": "ResourceGroupBeingDeleted", "message": "no"},
    ],
)
def test_a_conflict_that_passes_is_later(error: dict[str, Any]) -> None:
    assert isinstance(outcome(answer(409, error)), Busy)


@pytest.mark.parametrize("code", ["OperationNotAllowed", "PolicyAlreadyExists", "MissingSubscriptionRegistration"])
def test_a_conflict_that_stays_is_a_refusal(code: str) -> None:
    problem = outcome(answer(409, {"code": code, "message": "quota of Core is used up"}))
    assert isinstance(problem, CloudRefused)
    assert problem.facts.code == code


def test_site_recoverys_words_stand_in_the_details() -> None:
    detail = {
        "code": "InvalidChannelIntegrityKeyToken",
        "message": "The token is wrong.",
        "possibleCauses": "Clock skew.",
        "recommendedAction": "Set the clock.",
        "activityId": "a-1",
    }
    problem = outcome(answer(400, {"code": "BadRequest", "message": "The operation has failed.", "details": [detail]}))
    facts = problem.facts
    assert (facts.code, facts.causes, facts.advice) == (
        "InvalidChannelIntegrityKeyToken",
        "Clock skew.",
        "Set the clock.",
    )
    assert facts.detail == "Azure refused while asking: The token is wrong."
    assert facts.extra == {"activityId": "a-1"}


@pytest.mark.parametrize("body", ["", "<html>gateway</html>", "[]", '"text"', '{"error": "text"}', '{"error": null}'])
def test_a_body_of_any_shape_is_survived(body: str) -> None:
    problem = outcome(answer(400, body))
    assert isinstance(problem, CloudRefused)
    assert problem.facts.code == "400"


def test_a_missing_role_comes_with_advice() -> None:
    problem = outcome(answer(403, {"code": "AuthorizationFailed", "message": "The client does not have authorization"}))
    assert problem.facts.code == "AuthorizationFailed"
    assert "role" in problem.facts.advice


def test_an_identity_that_cannot_sign_in_is_a_refusal() -> None:
    problem = outcome(ClientAuthenticationError("no managed identity endpoint found"))
    assert isinstance(problem, CloudRefused)
    assert "identity" in problem.facts.advice


def test_our_own_mistakes_are_no_problems() -> None:
    with pytest.raises(KeyError), asking("asking"):
        raise KeyError("a bug")


def raising(error: Exception) -> Any:
    raise error


@pytest.mark.parametrize(
    "error",
    [
        {"code": "ResourceNotFound", "message": "no"},
        {"code": "ResourceGroupNotFound", "message": "no"},
        {"code": "NotFound", "message": "no"},
        {"code": "ParentResourceNotFound", "message": "no"},
        {"code": "BadRequest", "message": "no", "details": [{"code": "ProtectedItemNotFound", "message": "no"}]},
    ],
)
def test_what_a_code_says_is_not_there_is_none(error: dict[str, Any]) -> None:
    assert found("asking", lambda: raising(answer(404, error))) is None


def test_of_what_cannot_be_seen_nothing_is_known() -> None:
    with pytest.raises(CloudRefused) as raised:
        found("asking", lambda: raising(answer(404, {"code": "SubscriptionNotFound", "message": "no"})))
    assert "has a role in it" in raised.value.facts.advice
    with pytest.raises(CloudRefused):
        found("asking", lambda: raising(answer(404, {"code": "InvalidResourceType", "message": "no"})))


@pytest.mark.parametrize("page", ["<!DOCTYPE html><html>404 - File or directory not found.</html>", ""])
def test_a_page_of_something_in_between_is_no_word_of_azures(page: str) -> None:
    with pytest.raises(Busy):
        found("asking", lambda: raising(answer(404, page)))
    with pytest.raises(Busy):
        found("asking", lambda: raising(ServiceRequestError("unreachable")))


def test_a_card_kept_for_a_vm_that_failed_is_asked_for_again_after_three_minutes() -> None:
    problem = outcome(answer(400, {"code": "NicReservedForAnotherVm", "message": "retry after 180 seconds"}))
    assert isinstance(problem, Busy)
    assert problem.after == timedelta(minutes=3)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (409, "ReferencedResourceNotProvisioned"),
        (429, "RetryableError"),
        (409, "OperationPreempted"),
        (400, "CanceledAndSupersededDueToAnotherOperation"),
    ],
)
def test_what_passes_is_known_by_its_code_whatever_the_status(status: int, code: str) -> None:
    assert isinstance(outcome(answer(status, {"code": "X", "message": "no", "details": [{"code": code}]})), Busy)


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (403, "AuthorizationFailed", "Give the app's identity the role"),
        (403, "RequestDisallowedByPolicy", "no role helps"),
        (403, "DenyAssignmentAuthorizationFailed", "deny assignment"),
        (409, "ScopeLocked", "Take the lock off"),
        (409, "MissingSubscriptionRegistration", "az provider register"),
    ],
)
def test_each_refusal_has_the_advice_of_its_code(status: int, code: str, words: str) -> None:
    problem = outcome(answer(status, {"code": code, "message": "no", "details": [{"code": code, "message": "no"}]}))
    assert isinstance(problem, CloudRefused)
    assert words in problem.facts.advice


def test_a_policy_that_forbids_is_named_with_its_assignment() -> None:
    info = {"policyDefinitionDisplayName": "Allowed sizes", "policyAssignmentDisplayName": "Corp"}
    error = {
        "code": "RequestDisallowedByPolicy",
        "message": "no",
        "additionalInfo": [{"type": "PolicyViolation", "info": info}],
    }
    assert "Allowed sizes (assigned as Corp)" in outcome(answer(403, error)).facts.detail


def test_how_long_to_wait_is_seconds_or_a_date_or_half_a_minute() -> None:
    def wait(**headers: str) -> timedelta:
        return retry_after(SimpleNamespace(headers={name.replace("_", "-"): value for name, value in headers.items()}))

    assert wait(Retry_After="7") == timedelta(seconds=7)
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    assert timedelta(minutes=9) < wait(Retry_After=date) <= timedelta(minutes=10)
    assert wait() == wait(Retry_After="soon") == retry_after(None) == timedelta(seconds=30)


def test_an_answer_at_once_leaves_nothing_to_wait_for() -> None:
    for status in ("200", "201", "204"):
        assert sent({"status": status}).done


def test_site_recoverys_job_is_read_from_either_url() -> None:
    location = f"{JOB}/replicationFabrics/f/operationresults/1234?api-version=2025-08-01&t=1&c=x/y&s=z"
    status = f"{JOB}/replicationOperationStatus/1234?api-version=2025-08-01"
    both = sent({"status": "202", "location": location, "azure-asyncoperation": status})
    assert (both.job, both.operation, both.result) == ("1234", status, location)
    assert sent({"status": "202", "location": location}).job == "1234"
    assert sent({"status": "202", "azure-asyncoperation": status}).job == "1234"


def test_other_services_have_operations_but_no_jobs() -> None:
    made = sent({"status": "201", "azure-asyncoperation": OPERATION})
    assert (made.done, made.job, made.operation) == (False, "", OPERATION)


def test_an_operation_that_failed_is_raised_with_its_words() -> None:
    going, failed = OperationStatus(), OperationStatus(state="Failed", problem=CloudRefused("no", code="X").facts)
    going.raise_failure()
    assert (going.ended, failed.ended) == (False, True)
    with pytest.raises(CloudRefused) as raised:
        failed.raise_failure()
    assert raised.value.facts.code == "X"
