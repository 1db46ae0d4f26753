"""A plan as plain data, to be spoilt by tests."""

from copy import deepcopy
from typing import Any

import pytest

PLAN: dict[str, Any] = {
    "name": "finance",
    "scenario": "aws-to-azure",
    "replication": {"mode": "appliance", "appliance": {"name": "ferry-appliance", "registrationTimeout": "PT15M"}},
    "source": {
        "aws": {"roleArn": "arn:aws:iam::123456789012:role/azferry", "region": "eu-west-1", "vpcId": "vpc-0abc"}
    },
    "target": {
        "subscriptionId": "00000000-0000-0000-0000-000000000001",
        "region": "westeurope",
        "resourceGroup": "rg-finance",
        "network": {"vnet": "vnet-prod", "subnet": "app", "testVnet": "vnet-test", "testSubnet": "app"},
        "cacheStorageAccount": "stferrycache",
        "vault": {"name": "rsv-ferry", "resourceGroup": "rg-ferry", "create": True},
    },
    "policy": {"recoveryPointRetention": "PT24H", "crashConsistentEvery": "PT5M", "appConsistentEvery": "PT1H"},
    "limits": {"replicating": 40, "cuttingOver": 10, "failureTolerance": "10%"},
    "waves": [
        {
            "name": "shop",
            "gates": {"test": "manual", "cutover": "manual"},
            "cutover": {
                "mode": "recoveryPlan",
                "windows": [{"start": "+PT2H", "length": "PT4H", "timeZone": "Europe/Amsterdam"}],
            },
            "machines": [
                {
                    "name": "shop-db1",
                    "source": {"privateIp": "10.0.2.15"},
                    "bootGroup": 1,
                    "verify": [{"service": "postgresql"}],
                },
                {"name": "shop-web1", "source": {"instanceId": "i-0aaa1111"}, "target": {"size": "Standard_D2s_v5"}},
                {"source": {"tags": {"App": "shop", "Tier": "web"}}, "application": "shop", "bootGroup": 2},
            ],
        },
        {
            "name": "reporting",
            "dependsOn": ["shop"],
            "machines": [{"name": "rep1", "source": {"instanceId": "i-0bbb2222"}}],
        },
    ],
}


@pytest.fixture
def document() -> dict[str, Any]:
    """The plan of the design page."""
    return deepcopy(PLAN)
