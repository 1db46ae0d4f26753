"""Whether storage answers, and whether the identity may write there."""

import pytest
from azure.data.tables import TableServiceClient

from shared.doctor import storage as looked
from shared.doctor.storage import LedgerAccount
from tests.clouds import resource

ACCOUNT = LedgerAccount(name="stferry", scope=resource("Microsoft.Storage/storageAccounts", "stferry"))


def ids(found):
    return [each.id for each in found]


def test_storage_that_answers_is_well_also_while_it_is_empty(store):
    assert ids(looked.look()) == ["storage"] * 3


def test_a_look_makes_no_table(store, storage, unique):
    list(looked.look())
    with TableServiceClient.from_connection_string(storage) as service:
        assert [each.name for each in service.list_tables() if each.name.startswith(unique)] == []


def test_no_storage_is_told(given, monkeypatch):
    monkeypatch.delenv("AzureWebJobsStorage", raising=False)
    given(storage="", storage_account="")
    assert ids(looked.look()) == ["storage-not-named"]


def test_storage_out_of_reach_is_told_with_its_name_and_without_its_key(given):
    given(
        storage="AccountName=stferry;AccountKey=c2VjcmV0;TableEndpoint=http://127.0.0.1:9/a;BlobEndpoint=http://127.0.0.1:9/b;QueueEndpoint=http://127.0.0.1:9/c"
    )

    found = list(looked.look())

    assert ids(found) == ["storage-not-reached"] * 3
    assert "c2VjcmV0" not in str(found)
    assert all("--name stferry" in each.remedy for each in found)


def test_storage_that_refuses_us_is_told_with_the_command_that_grants_each_role(given, storage):
    key = next(part for part in storage.split(";") if part.startswith("AccountKey="))
    given(storage=storage.replace(key, "AccountKey=d3Jvbmc="))

    found = list(looked.look())

    assert ids(found) == ["storage-refused"] * 3
    assert ["Storage Table Data Contributor", "Storage Blob Data Owner", "Storage Queue Data Contributor"] == [
        each.remedy.split('--role "')[1].split('"')[0] for each in found
    ]
    assert all(each.remedy.startswith("az role assignment create ") for each in found)


ALL = [action for each in looked.SERVICES for action in each.actions]


@pytest.mark.parametrize("lacking", ["tables/entities/write", "blobs/delete", "messages/write"])
def test_a_right_to_write_that_is_missing_is_told_with_its_role(cloud, lacking):
    granted = [each for each in ALL if not each.endswith(lacking)]
    cloud.ask("POST", "permissions", {"scope": ACCOUNT.scope, "permissions": [{"actions": [], "dataActions": granted}]})

    (found,) = looked.write_rights(ACCOUNT)

    assert "storage-rights-missing" == found.id
    assert lacking in found.seen
    assert ACCOUNT.scope in found.remedy


def test_all_rights_to_write_are_well(cloud):
    cloud.ask("POST", "permissions", {"scope": ACCOUNT.scope, "permissions": [{"actions": [], "dataActions": ALL}]})
    assert list(looked.write_rights(ACCOUNT)) == []


def test_rights_that_azure_does_not_tell_are_told(cloud):
    cloud.fault("server-error", status=500, times=None)
    assert ids(looked.write_rights(ACCOUNT)) == ["storage-rights-not-read"]
    assert ids(looked.write_rights(LedgerAccount(name="stferry"))) == ["storage-rights-not-read"]
