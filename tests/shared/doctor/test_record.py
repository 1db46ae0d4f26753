"""Whether the record of decisions is one that nobody can change."""

from types import SimpleNamespace

import pytest
from azure.storage.blob import ContainerClient

from shared.doctor import record
from shared.settings import settings
from shared.storage.tables import record_container


@pytest.fixture
def kept(store, unique, monkeypatch):
    monkeypatch.setenv("AZFERRY_RECORD_CONTAINER", f"{unique}-record")
    settings.cache_clear()


def found():
    return [(each.id, each.seen.split(" ", 2)[2]) for each in record.look()]


def test_where_none_is_kept_there_is_nothing_to_say(store):
    assert [] == found()


def test_a_container_without_a_policy_is_told_and_is_not_made(kept):
    ((first, missing),) = found()
    record_container()

    assert ("record-not-protected", True) == (first, "does not exist" in missing)
    assert [("record-not-protected", "has no policy")] == found()


def test_one_with_a_policy_is_well(kept, monkeypatch):
    # Azurite knows no such policies: what Azure then answers is the SDK's own property
    monkeypatch.setattr(
        ContainerClient, "get_container_properties", lambda _: SimpleNamespace(has_immutability_policy=True)
    )
    assert [("record", "has a policy")] == found()
