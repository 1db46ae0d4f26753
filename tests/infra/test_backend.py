"""Which engine runs orchestrations is a parameter: it brings the scheduler, its role, and what stands over host.json."""

import json

import pytest

from tests.infra import kept
from tests.infra.bicep import ROOT

OVER = "AzureFunctionsJobHost__extensions__durableTask__"
CONNECTION = "DURABLE_TASK_SCHEDULER_CONNECTION_STRING"
HOST = json.loads((ROOT / "host.json").read_text())


def over_host(case):
    """What stands over host.json, by its name there."""
    return {
        name.removeprefix(OVER): value
        for name, value in kept.config(case, "appsettings").items()
        if name.startswith(OVER)
    }


def test_without_asking_orchestrations_stay_in_the_storage_account():
    made = {each["type"] for case in ("plain", "full", "private") for each in kept.resources(case)}

    assert [] == [each for each in made if each.startswith("Microsoft.DurableTask/")]
    assert over_host("plain") == {
        "storageProvider__type": HOST["extensions"]["durableTask"]["storageProvider"]["type"],
        "storageProvider__connectionStringName": "AzureWebJobsStorage",
    }
    assert kept.config("plain", "appsettings")[CONNECTION] == ""


def test_the_app_is_told_of_the_scheduler_over_what_host_json_says():
    connection = kept.config("scheduled", "appsettings")[CONNECTION]
    hub = kept.only("scheduled", "DurableTask/schedulers/taskHubs")["name"].split("/")[-1]

    assert over_host("scheduled") == {
        "storageProvider__type": "azureManaged",
        "storageProvider__connectionStringName": CONNECTION,
    }
    assert "Endpoint={0};Authentication=ManagedIdentity;ClientID={1}" in connection, "an address and a name, no secret"
    assert "Microsoft.DurableTask/schedulers/" in connection
    assert ").endpoint" in connection
    assert ").clientId" in connection
    assert hub == HOST["extensions"]["durableTask"]["hubName"]


def test_every_other_setting_is_the_same_with_either_engine():
    private, scheduled = (kept.config(case, "appsettings") for case in ("private", "scheduled"))

    assert private.keys() == scheduled.keys()
    assert {name for name in private if private[name] != scheduled[name]} == {
        CONNECTION,
        f"{OVER}storageProvider__type",
        f"{OVER}storageProvider__connectionStringName",
    }


def test_the_identity_may_run_orchestrations_in_the_scheduler_and_nowhere_else():
    scheduler = kept.only("scheduled", "DurableTask/schedulers")
    found = [place for place, role in kept.grants("scheduled") if role == "0ad04412-c4d5-4796-b79c-f76d14c8d402"]

    assert found == [f"schedulers/{scheduler['name']}"], "Durable Task Data Contributor"
    assert scheduler["properties"]["sku"] == {"name": "Dedicated"}


def test_a_private_scheduler_is_reached_by_an_endpoint_and_its_name_is_told():
    (endpoint,) = (
        each for each in kept.of_type("scheduled", "Network/privateEndpoints") if each["name"].endswith("-scheduler")
    )
    (connection,) = endpoint["properties"]["privateLinkServiceConnections"]

    assert kept.only("scheduled", "DurableTask/schedulers")["properties"]["publicNetworkAccess"] == "Disabled"
    assert kept.only("scheduled", "DurableTask/schedulers")["properties"]["ipAllowlist"] == []
    assert connection["properties"]["groupIds"] == ["scheduler"]
    assert "privatelink.durabletask.io" in {
        each["name"] for each in kept.of_type("scheduled", "Network/privateDnsZones")
    }


@pytest.mark.parametrize("needed", ["scheduler", "schedulerEndpoint"])
def test_the_app_starts_when_its_engine_is_there(needed):
    assert needed in json.loads(kept.ORDER.read_text())["main"]["app"]
