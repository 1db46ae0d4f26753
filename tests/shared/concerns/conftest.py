"""A machine, a target and a plan about which there is nothing to worry, to be spoilt by tests."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.concerns.registry import MachineCase
from shared.concerns.server_facts import ApplianceFacts, ServerFacts
from shared.concerns.source_facts import DiskFacts, NicFacts, SourceFacts
from shared.concerns.target_facts import (
    NetworkFacts,
    SizeFacts,
    StorageFacts,
    SubnetFacts,
    SupportedOs,
    TargetFacts,
    UsageFacts,
    VaultFacts,
)
from shared.plan.reader import by_schema

SOUND = SourceFacts(
    instance_id="i-0aaa1111",
    name="web1",
    state="running",
    private_ip="10.0.2.15",
    platform_details="Linux/UNIX",
    os_family="linux",
    os_name="Ubuntu",
    os_version="22.04",
    architecture="x86_64",
    virtualization_type="hvm",
    hypervisor="nitro",
    boot_mode="legacy-bios",
    secure_boot=False,
    bitlocker=False,
    disks=(DiskFacts(device="/dev/sda1", size_gib=30, type="gp3", encrypted=False, root=True),),
    nics=(NicFacts(id="eni-1", ip="10.0.2.15", vpc_id="vpc-0abc", subnet_id="subnet-1"),),
    public_ips=(),
    elastic_ips=(),
    tags={},
    ssm_online=True,
    termination_protection=False,
    stop_protection=False,
    auto_scaling_group="",
    spot=False,
    tenancy="default",
    cores=2,
    churn_mib_per_second=1.0,
)
WINDOWS = SOUND.replace(
    os_family="windows",
    os_name="Microsoft Windows Server 2019 Datacenter",
    os_version="10.0.17763",
    platform_details="Windows",
)
OLD_WINDOWS = WINDOWS.replace(
    os_name="Microsoft Windows Server 2008 R2 Standard",
    os_version="6.1.7601",
    service_pack=1,
    hypervisor="xen",
    pv_drivers="aws",
)
TARGET = TargetFacts(
    region_known=True,
    source_region="northeurope",
    sizes=(
        SizeFacts(
            name="Standard_D2s_v5",
            family="standardDSv5Family",
            cores=2,
            max_data_disks=4,
            max_nics=2,
            premium=True,
            zones=("1", "2"),
            processor="x64",
            generations=("V1", "V2"),
        ),
    ),
    usages=(UsageFacts(family="cores", used=0, limit=100), UsageFacts(family="standardDSv5Family", used=0, limit=50)),
    networks=tuple(
        NetworkFacts(name=name, region="westeurope", subnets=(SubnetFacts(name="app", prefix="10.1.2.0/24", free=200),))
        for name in ("vnet-prod", "vnet-test")
    ),
    resource_group_exists=True,
    storage=StorageFacts(exists=True, region="westeurope", kind="StorageV2"),
    vault=VaultFacts(exists=True, region="westeurope"),
    vms=(),
    missing_actions=(),
    supported_os=(
        SupportedOs(name="Windows Server 2008 R2", versions=("6.1",)),
        SupportedOs(name="Windows Server 2019", versions=("10.0.17763",)),
        SupportedOs(name="Red Hat Enterprise Linux", versions=("6", "7", "8")),
        SupportedOs(name="Ubuntu", versions=("20.04", "22.04")),
    ),
)
SERVER = ServerFacts(instance_id="i-0fff", addresses=("10.0.2.4",), vpc_id="vpc-0abc", closed_ways={})
APPLIANCE = ApplianceFacts(registered=True, machines=0, server=SERVER)
PLAN: dict[str, Any] = {
    "name": "finance",
    "source": {"aws": {"region": "eu-west-1", "vpcId": "vpc-0abc"}},
    "target": {
        "subscriptionId": "00000000-0000-0000-0000-000000000001",
        "region": "westeurope",
        "resourceGroup": "rg-finance",
        "network": {"vnet": "vnet-prod", "subnet": "app", "testVnet": "vnet-test", "testSubnet": "app"},
        "cacheStorageAccount": "stferrycache",
        "vault": {"name": "rsv-ferry"},
        "licence": "WindowsServer",
    },
    "waves": [
        {
            "name": "shop",
            "verify": [{"tcp": 22}],
            "scripts": {"stopServices": "systemctl stop shop", "startServices": "systemctl start shop"},
            "machines": [
                {"name": "web1", "source": {"instanceId": "i-0aaa1111"}, "target": {"size": "Standard_D2s_v5"}}
            ],
        }
    ],
}

MakeCase = Callable[..., MachineCase]


def merged(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Give the base with changes at any depth; lists are replaced."""
    return base | {
        key: merged(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
        for key, value in change.items()
    }


@pytest.fixture
def case() -> MakeCase:
    """Make a case that differs from the sound one in what a test says."""

    def make(
        source: SourceFacts = SOUND,
        *,
        plan: dict[str, Any] | None = None,
        target: TargetFacts = TARGET,
        appliance: ApplianceFacts = APPLIANCE,
        **more: Any,
    ) -> MachineCase:
        made = by_schema(merged(PLAN, plan or {}))
        wave = made.waves[0]
        facts = {machine.name: source for _, machine in made.entries()}
        return MachineCase(made, target, appliance, facts, wave=wave, machine=wave.machines[0], source=source, **more)

    return make


@pytest.fixture
def sound() -> SourceFacts:
    """A Linux machine about which there is nothing to say."""
    return SOUND


@pytest.fixture
def windows() -> SourceFacts:
    """A Windows Server 2019."""
    return WINDOWS


@pytest.fixture
def old_windows() -> SourceFacts:
    """A Windows Server 2008 R2 SP1 on Xen, with AWS drivers."""
    return OLD_WINDOWS


@pytest.fixture
def target() -> TargetFacts:
    """A target in which all is well."""
    return TARGET
