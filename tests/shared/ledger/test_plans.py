"""Plans are kept once and never change."""

from collections.abc import Callable

import pytest
from azure.storage.blob import ContainerClient

from shared.ledger import plans
from shared.problems import AlreadyRunning, NotFound

pytestmark = pytest.mark.usefixtures("store")


def test_a_plan_is_read_as_it_was_saved() -> None:
    body = b'{"name": "finance"}' * 100_000

    assert plans.save("finance.1", body) == "plans/finance.1.json"
    assert plans.load("finance.1") == body


def test_the_same_plan_is_saved_once_and_another_one_refused() -> None:
    plans.save("finance.1", b"{}")
    plans.save("finance.1", b"{}")

    with pytest.raises(AlreadyRunning):
        plans.save("finance.1", b"[]")
    assert plans.load("finance.1") == b"{}"


def test_one_of_many_different_plans_is_kept(together: Callable) -> None:
    bodies = [b"plan %d" % number for number in range(8)]

    answers = together(lambda body: plans.save("finance.1", body), bodies)

    assert sum(isinstance(each, AlreadyRunning) for each in answers) == 7
    assert plans.load("finance.1") in bodies


def test_a_plan_is_downloaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plans.save("finance.1", b"{}")
    plans.load("finance.1")
    monkeypatch.delattr(ContainerClient, "download_blob")

    assert plans.load("finance.1") == b"{}"


def test_a_plan_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound, match=r"finance\.9"):
        plans.load("finance.9")


def test_equal_plans_have_equal_digests() -> None:
    assert plans.digest(b"{}") == plans.digest(b"{}") != plans.digest(b"[]")
