"""Each format: its own file becomes machines of a plan that can be started, and a second reading changes nothing."""

import json

import pytest
import yaml

from shared.plan.reader import read_plan
from tests.shared.lists.conftest import archive, found, machines, plan_for, workbook

MGN = (
    "mgn:account-id,mgn:wave:name,mgn:app:name,mgn:server:user-provided-id,mgn:server:platform,"
    "mgn:server:fqdn-for-action-framework,mgn:server:tag:Owner,mgn:launch:nic:0:subnet-id\n"
    "111122223333,Wave 7,ledger,i-0ddd1111222233334,WINDOWS,led-sql1.corp.example,[DELETE_TAG],subnet-1\n"
    ",Wave 7,ledger,i-0ddd1111222233335,LINUX,led-web1.corp.example,finance,\n"
)
CMF = (
    "[wave]wave_name,[application]app_name,[server]server_name,[server]server_os_family,[server]r_type,[server]tags,"
    "[server]private_ip,[database]database_name\n"
    "Wave 7,Ledger,led-sql1,windows,Rehost,owner=finance;tier=db;,10.1.1.1,\n"
    "Wave 7,Ledger,led-old1,linux,Retire,,,\n"
    "Wave 7,Ledger,,,,,,ledgerdb\n"
)
AZURE = (
    "*Server name,IP addresses,*Cores,*Memory (In MB),*OS name,OS version,Disk 1 size (In GB),Hypervisor\n"
    'led-sql1.corp.example,"10.0.2.15;fe80::1",4,"8,192",Microsoft Windows Server 2019,10,128,VMware\n'
    "led-web1,10.0.2.16,2,4096,Ubuntu Linux,,64,VMware\n"
)
KIT = (
    "VAULT_SUBSCRIPTION_ID,VAULT_NAME,SOURCE_MACHINE_NAME,TARGET_MACHINE_NAME,CONFIGURATION_SERVER,PROCESS_SERVER,"
    "TARGET_RESOURCE_GROUP,TARGET_STORAGE_ACCOUNT,TARGET_STORAGE_ACCOUNT_RG,TARGET_VNET,TARGET_VNET_RG,TARGET_SUBNET,"
    "REPLICATION_POLICY,ACCOUNT_NAME,AVAILABILITY_SET,PRIVATE_IP,MACHINE_SIZE,TESTFAILOVER_RESOURCE_GROUP,"
    "TESTFAILOVER_VNET,TARGET_NSG_NAME,TARGET_NSG_RESOURCE_GROUP\n"
    "00000000-0000-0000-0000-000000000001,rsv-ferry,led-sql1,led-sql1,ferry-cs,ferry-cs,rg-finance,stferrycache,rg-ferry,"
    "vnet-prod,rg-net,app,policy-1,linux,,10.8.0.4,Standard_D2s_v5,rg-net,vnet-test,nsg-app,rg-net\n"
    "00000000-0000-0000-0000-000000000001,rsv-ferry,led-web1,ledweb1,ferry-cs,ferry-cs,rg-web,stferrycache,rg-ferry,"
    "vnet-prod,rg-net,web,policy-1,linux,as-web,,,rg-net,vnet-test,,\n"
)
HUB = (
    "ExternalId,IPAddress,HostName,OS.Name,RAM.TotalSizeInMB,Applications,ApplicationWave,Tags,Owner\n"
    'x1,"10.0.2.15,10.0.2.16",led-sql1,Windows Server 2016,8192,Ledger,Wave 7,"tier:db, owner:finance",ann\n'
    'x2,10.0.2.17,led-web1,Red Hat Enterprise Linux 8,4096,"Ledger, Shop",Wave 7,,\n'
)
WAVES = (
    "Workload name,Workload type,Wave Name,IP addresses\n"
    "led-sql1,Server,Wave 7,10.0.2.15\nledgerdb,SQL Server database,Wave 7,\nshop-web1,Server,Wave 8,\n"
)
OWN = (
    "name,wave,application,privateIp,strategy,bootGroup,size,target.privateIp,tags,tag:Cost Center\n"
    "led-sql1,Wave 7,Ledger,10.0.2.15,rehost,1,Standard_D2s_v5,10.8.0.4,owner=finance,0042\n"
    "led-web1,Wave 7,Ledger,10.0.2.16,,2,,,,\n"
)
INFO = [
    ("VM", "Powerstate", "Template", "SRM Placeholder", "DNS Name", "CPUs", "Memory", "Primary IP Address", "Datacenter",
     "Annotation", "Datacenter", "Cluster", "OS according to the configuration file", "OS according to the VMware Tools",
     "VM ID", "VM UUID", "VI SDK UUID", None),
    ("LED-SQL1", "poweredOn", "False", "False", "led-sql1.corp", 4, 8192, "10.5.0.4", "x", "old", "DC1", "Blue",
     "Other (64-bit)", "Microsoft Windows Server 2019 (64-bit)", "vm-11", "u-11", "vc-1", None),
    ("led-web1", "poweredOff", "False", "False", None, 2, 4096, None, "x", None, "DC1", "Green",
     "Ubuntu Linux (64-bit)", None, "vm-12", "u-12", "vc-1", None),
    (None, None, None, None, None, 1, 2, None, None, None, None, None, None, None, None, None, None, None),
    ("golden", "poweredOff", "True", "False", None, 2, 4096, None, "x", None, "DC1", "Green",
     "Ubuntu Linux (64-bit)", None, "vm-13", "u-13", "vc-1", None),
]  # fmt: skip
NETWORK = [
    ("VM", "Powerstate", "NIC label", "Adapter", "Network", "Connected", "Mac Address", "IPv4 Address", "VM ID", "VM UUID"),
    ("LED-SQL1", "poweredOn", "Network adapter 1", "Vmxnet3", "app", "True", "00:50", "10.5.0.4, fe80::1", "vm-11", "u-11"),
    ("LED-SQL1", "poweredOn", "Network adapter 2", "Vmxnet3", "bak", "True", "00:51", "10.6.0.4", "vm-11", "u-11"),
    ("LED-SQL1", "poweredOn", "Network adapter 3", "Vmxnet3", "off", "False", "00:52", "10.7.0.4", "vm-11", "u-11"),
]  # fmt: skip
RUNBOOK = {
    "generatedAt": "2026-11-20T10:00:00Z",
    "waveId": "/subscriptions/x/resourceGroups/rg/providers/Microsoft.Migrate/waves/Wave-7",
    "spec": {
        "entities": [
            {"id": "/s/migrationentities/A", "displayName": "led-sql1"},
            {"id": "/s/migrationentities/B", "displayName": "led-web1"},
        ],
        "entityGroups": [{"id": "g1", "displayName": "Ledger"}],
        "workstreams": [
            {
                "id": "w1",
                "steps": [
                    {"stepId": "m-1", "stepRef": "vm.agentless.migration", "entities": ["/s/migrationentities/A"]},
                    {"stepId": "ok-1", "stepRef": "common.approval", "dependsOn": [{"stepId": "m-1", "waitFor": "wholeStep"}]},
                    {
                        "stepId": "m-2",
                        "stepRef": "vm.agentless.migration",
                        "entities": ["/s/migrationentities/b"],
                        "dependsOn": [{"step": "ok-1", "mode": "step"}],
                    },
                    {"stepId": "dns-1", "stepRef": "common.manual", "displayName": "Change DNS"},
                ],
            }
        ],
    },
}  # fmt: skip
PARAMETERS = {"inputs": {"schema": {}, "stepInputs": {}}}


def rows_as_csv(rows, separator=";"):
    return "\r\n".join(separator.join("" if each is None else str(each) for each in row) for row in rows)


AGENT = {
    "123456789012_osInfo.csv": "accountNumber, agentId, osName, osVersion, cpuType, hostName, hypervisor, timestamp\n"
    "123456789012, o-0a1, Microsoft Windows Server 2019, 10.0, x64, led-sql1, vmware, 2026-11-01 10:00\n"
    "123456789012, o-0a1, Microsoft Windows Server 2019, 10.0, x64, led-sql1, vmware, 2026-11-01 10:15\n"
    "123456789012, o-0a2, Ubuntu 22.04 Linux, 22.04, x64, led-web1, vmware, 2026-11-01 10:00\n",
    "123456789012_networkInterface.csv": "accountNumber, agentId, name, macAddress, family, ipAddress, gateway, netMask, timestamp\n"
    "123456789012, o-0a1, lo, , ipv4, 127.0.0.1, , 255.0.0.0, 2026-11-01 10:00\n"
    "123456789012, o-0a1, eth0, 00:50:56:00:00:01, ipv4, 10.0.2.15, 10.0.2.1, 255.255.255.0, 2026-11-01 10:00\n"
    "123456789012, o-0a2, eth0, 00:50:56:00:00:02, ipv4, 10.0.2.16, 10.0.2.1, 255.255.255.0, 2026-11-01 10:00\n",
    "123456789012_process.csv": "accountNumber, agentId, name, timestamp\n123456789012, o-0a1, sshd, 2026-11-01\n",
    "results.json": "",
}
EXPORT = {
    "123456789012_Application.csv": "applicationId,name,description,wave\nd-application-1,Ledger,books,1\n",
    "123456789012_ImportTemplate.csv": HUB,
    "123456789012_Server.csv": "serverId,hostName,OS.Name\nd-server-1,other1,Linux\n",
    "123456789012_Tags.csv": "serverId,key,value\nd-server-1,owner,finance\n",
}

LISTS = {
    "mgn": ("mgn", "aws-to-azure", MGN, "m.csv"),
    "cmf": ("cmf", "physical-to-azure", CMF, "c.csv"),
    "cmf workbook": ("cmf", "physical-to-azure", workbook({"mf_intake": [x.split(",") for x in CMF.split("\n")]}), "c.xlsx"),
    "azure migrate": ("azure-migrate", "vmware-to-azure", AZURE, "a.csv"),
    "rvtools": ("rvtools", "agentless", workbook({"vInfo": INFO, "vNetwork": NETWORK}), "r.xlsx"),
    "rvtools zip": (
        "rvtools",
        "vmware-to-azure",
        archive({"x/RVTools_tabvInfo.csv": rows_as_csv(INFO), "x/RVTools_tabvNetwork.csv": rows_as_csv(NETWORK)}),
        "r.zip",
    ),
    "execution plan": ("azure-execution-plan", "agentless", json.dumps(RUNBOOK), "spec.json"),
    "execution plan zip": (
        "azure-execution-plan",
        "agentless",
        archive({"spec.json": json.dumps(RUNBOOK).encode("utf-16"), "parameters.json": json.dumps(PARAMETERS), "a.md": "x"}),
        "plan.zip",
    ),
    "wave plan": ("azure-wave-plan", "vmware-to-azure", WAVES, "w.csv"),
    "kit": ("asr-at-scale", "configurationServer", KIT, "k.csv"),
    "hub": ("migration-hub", "physical-to-azure", HUB, "h.csv"),
    "agent": ("aws-discovery-agent", "physical-to-azure", archive(AGENT), "a.zip"),
    "hub export": ("migration-hub", "physical-to-azure", archive(EXPORT), "e.zip"),
    "own": ("azferry", "aws-to-azure", OWN, "o.csv"),
    "own workbook": ("azferry", "aws-to-azure", workbook({"list": [x.split(",") for x in OWN.split("\n")]}), "o.xlsx"),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_a_list_goes_into_a_plan_that_can_be_started_and_again_changes_nothing(into, name):
    form, road, body, file = LISTS[name]
    plan = plan_for(road)

    first = into(body, plan, file)
    assert [form] == [each.format for each in first.lists]
    assert ([], ()) == (found(first), first.errors)
    assert first.changed
    assert first.plan.startswith("# ours\n")
    assert "  # ours\n" in first.plan
    read = read_plan(first.plan.encode(), "application/yaml")
    assert {*machines(first), "kept1"} == {machine.name for _, machine in read.entries()}

    again = into(body, first.plan, file)
    assert ((), False, first.plan) == (again.changes, again.changed, again.plan)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_begins_a_plan_that_lacks_only_what_the_list_does_not_tell(into, name):
    form, _, body, file = LISTS[name]

    begun = into(body, "", file, scenario="aws-to-azure" if form == "azferry" else "")

    assert begun.plan.startswith("name: finance\nscenario: ")
    assert [] == [each for each in begun.errors if each.pointer.startswith("/waves/")]
    assert not into(body, begun.plan, file).changed


def test_mgn(into):
    result = into(MGN, plan_for("aws-to-azure"))

    assert machines(result) == {
        "i-0ddd1111222233334": {
            "name": "i-0ddd1111222233334",
            "source": {"instanceId": "i-0ddd1111222233334"},
            "application": "ledger",
            "system": "windows",
        },
        "i-0ddd1111222233335": {
            "name": "i-0ddd1111222233335",
            "source": {"instanceId": "i-0ddd1111222233335"},
            "application": "ledger",
            "system": "linux",
            "target": {"tags": {"Owner": "finance"}},
        },
    }
    columns = {each.column for each in found(result, "information")}
    assert {"mgn:account-id", "mgn:launch:nic:0:subnet-id", "mgn:server:tag:Owner"} <= columns


def test_mgn_takes_addresses_for_those_of_the_source_only_if_told(into):
    body = "mgn:server:user-provided-id,mgn:launch:nic:0:private-ip:0\nled1,10.0.0.4\n"

    assert ["led1"] == [each.read for each in found(into(body, plan_for("aws-to-azure")))]
    taken = into(body, plan_for("aws-to-azure"), source_addresses=True)
    assert {"privateIp": "10.0.0.4"} == machines(taken)["led1"]["source"]
    assert [] == found(taken, "information")


def test_mgn_lists_without_ids_are_known_by_host_names(into):
    result = into("mgn:server:hostname,mgn:server:tag:team\ndb-1.corp,payments\n,none\n", plan_for("physical-to-azure"))

    assert {"db-1-corp": {"name": "db-1.corp"}} == {name: each["source"] for name, each in machines(result).items()}
    assert [3] == [each.row for each in found(result)]


def test_cmf_keeps_what_is_not_rehosted_in_the_list_and_leaves_databases_out(into):
    result = into(CMF, plan_for("physical-to-azure"))

    assert machines(result)["led-sql1"] == {
        "name": "led-sql1",
        "source": {"name": "led-sql1"},
        "application": "Ledger",
        "system": "windows",
        "target": {"tags": {"owner": "finance", "tier": "db"}},
    }
    assert "retire" == machines(result)["led-old1"]["strategy"]
    assert any("it is a database" in each.message for each in found(result, "information"))
    assert any("--source-addresses" in each.message for each in found(result, "information"))


def test_azure_migrate(into):
    result = into(AZURE, plan_for("aws-to-azure"))

    assert {"privateIp": "10.0.2.15"} == machines(result)["led-sql1-corp-example"]["source"]
    assert ["windows", "linux"] == [each["system"] for each in machines(result).values()]
    by_name = into(AZURE, plan_for("vmware-to-azure"))
    assert {"name": "led-sql1.corp.example"} == machines(by_name)["led-sql1-corp-example"]["source"]
    assert "scenario: vmware-to-azure" in into(AZURE).plan


def test_azure_migrate_without_addresses_warns_of_converters(into):
    body = "Server name,Cores,Memory (In MB),OS name,IP addresses\nled,1,2,Linux,\n"

    assert any("lose them" in each.message for each in found(into(body, plan_for("vmware-to-azure")), "warning"))


def test_rvtools_takes_machines_with_their_cards_and_no_templates(into):
    result = into(
        workbook({"vInfo": INFO, "vNetwork": NETWORK, "vDisk": [("VM", "Disk"), ("led", "1")]}), plan_for("agentless")
    )

    assert machines(result)["led-sql1"] == {
        "name": "led-sql1",
        "source": {"name": "LED-SQL1"},
        "system": "windows",
        "target": {"nics": [{"sourceIp": "10.5.0.4"}, {"sourceIp": "10.6.0.4"}]},
    }
    assert ["led-sql1", "led-web1"] == list(machines(result))
    findings = [(each.sheet, each.message) for each in result.findings]
    assert ("vInfo", "golden is left out: it is a template") in findings
    assert ("vDisk", "the sheet was not read") in findings
    assert any(each.read == "poweredOff" for each in found(result, "warning"))


def test_rvtools_may_name_waves_by_a_column_the_datacenter_being_the_one_before_cluster(into):
    body = workbook({"vInfo": INFO})

    assert {"blue", "green"} == {each.wave for each in into(body, plan_for("agentless"), wave_column="Cluster").changes}
    assert {"dc1"} == {each.wave for each in into(body, plan_for("agentless"), wave_column="datacenter").changes}


def test_rvtools_files_of_one_export_are_one_list(into):
    from tests.shared.lists.conftest import as_file  # noqa: PLC0415

    files = [
        as_file(rows_as_csv(NETWORK), "RVTools_tabvNetwork.csv"),
        as_file(rows_as_csv(INFO), "RVTools_tabvInfo.csv"),
    ]

    result = into(files, plan_for("agentless"))

    assert 1 == len(result.lists)
    assert 2 == len(machines(result)["led-sql1"]["target"]["nics"])


def test_old_rvtools_headers_are_known(into):
    body = "vInfoVMName,vInfoPowerstate,vInfoTemplate,vInfoMemory,vInfoPrimaryIPAddress,vInfoOS\nled,poweredOn,False,1,10.0.0.1,Linux\n"

    assert {"name": "led"} == machines(into(body, plan_for("agentless")))["led"]["source"]


def test_two_machines_of_one_display_name_are_both_left_out(into):
    twin = (*INFO[1][:14], "vm-99", "u-99", "vc-2", None)
    result = into(workbook({"vInfo": [*INFO[:2], twin]}), plan_for("agentless"))

    assert ([3], {}) == ([each.row for each in found(result)], machines(result))
    assert "row 2" in found(result)[0].message


def test_execution_plan(into):
    result = into(json.dumps(RUNBOOK), plan_for("agentless"), "spec.json")

    assert machines(result)["led-web1"] == {
        "name": "led-web1",
        "source": {"name": "led-web1"},
        "application": "Ledger",
        "bootGroup": 2,
    }
    assert {"wave-7"} == {each.wave for each in result.changes}
    assert {"step ok-1", "step dns-1"} <= {each.column for each in found(result, "information")}
    assert "mode: agentless" in into(json.dumps(RUNBOOK)).plan


def test_old_execution_plans_are_read_too(into):
    old = {
        "metadata": {"waveId": "w-9"},
        "entities": [{"id": "A", "displayName": "a1"}, {"id": "B", "displayName": "b1"}],
        "steps": [
            {"stepId": "1", "stepRef": "vm.agentless.migration", "entities": [{"id": "A"}]},
            {"stepId": "2", "stepRef": "vm.agentless.migration", "entities": [{"id": "B"}], "dependsOn": ["1"]},
        ],
    }
    result = into(json.dumps(old), plan_for("agentless"))

    assert 2 == machines(result)["b1"]["bootGroup"]
    assert {"w-9"} == {each.wave for each in result.changes}


def test_wave_plan_takes_waves_of_servers_only(into):
    result = into(WAVES, plan_for("vmware-to-azure"))

    assert {"led-sql1": "wave-7", "shop-web1": "wave-8"} == {each.machine: each.wave for each in result.changes}
    assert any("no server but a SQL Server database" in each.message for each in found(result, "information"))


def test_the_kit_begins_a_plan_with_its_whole_target(into):
    result = into(KIT, name="k.csv")

    assert {"/source/vmware", "/target/region"} == {each.pointer for each in result.errors}, (
        "what the kit does not tell"
    )
    assert machines(result)["led-web1"]["target"] == {
        "name": "ledweb1",
        "resourceGroup": "rg-web",
        "subnet": "web",
        "availabilitySet": "as-web",
    }
    assert {"name", "size", "nics"} == set(machines(result)["led-sql1"]["target"])
    assert machines(result)["led-sql1"]["target"]["nics"][0]["securityGroup"].endswith("/networkSecurityGroups/nsg-app")


def test_machines_of_the_kit_that_go_elsewhere_are_a_wave_with_its_own_target(into):
    other = KIT.replace("led-web1,ledweb1,ferry-cs,ferry-cs", "led-web1,x,cs-2,cs-2").replace(
        "rg-ferry,vnet-prod,rg-net,web", "rg-ferry,vnet-dmz,rg-net,web"
    )
    result = into(other)
    plan = yaml.safe_load(result.plan)

    assert [] == found(result)
    assert [("imported", ["led-sql1"]), ("vnet-dmz-cs-2", ["led-web1"])] == [
        (wave["name"], [each["name"] for each in wave["machines"]]) for wave in plan["waves"]
    ]
    assert ("vnet-prod", "vnet-dmz") == (
        plan["target"]["network"]["vnet"],
        plan["waves"][1]["target"]["network"]["vnet"],
    )
    assert "cs-2" == plan["waves"][1]["replication"]["appliance"]["name"]
    assert any("goes elsewhere than row 2" in each.message for each in found(result, "information"))
    assert not into(other, result.plan).changed


def test_the_kit_cannot_have_its_test_network_in_another_group(into):
    result = into(KIT.replace(",,rg-net,vnet-test,,", ",,rg-test,vnet-test,,"))

    assert ["TESTFAILOVER_RESOURCE_GROUP"] == [each.column for each in found(result)]


def test_migration_hub(into):
    result = into(HUB, plan_for("physical-to-azure"))

    assert machines(result)["led-sql1"] == {
        "name": "led-sql1",
        "source": {"privateIp": "10.0.2.15"},
        "application": "Ledger",
        "system": "windows",
        "target": {"tags": {"tier": "db", "owner": "finance"}},
    }
    assert "application" not in machines(result)["led-web1"]
    assert ["Ledger, Shop"] == [each.read for each in found(result, "warning")]


def test_an_export_of_a_discovery_agent(into):
    result = into(archive(AGENT), plan_for("physical-to-azure"), "a.zip")

    assert {
        "led-sql1": ("10.0.2.15", "windows"),
        "led-web1": ("10.0.2.16", "linux"),
    } == {
        name: (each["source"]["privateIp"], each["system"])
        for name, each in machines(result).items()
        if name != "kept1"
    }
    assert [] == found(result)


def test_an_export_of_all_servers_is_read_by_its_template_alone(into):
    result = into(archive(EXPORT), plan_for("physical-to-azure"), "e.zip")

    assert "other1" not in machines(result)
    assert "led-sql1" in machines(result)


def test_own_columns(into):
    result = into(OWN, plan_for("aws-to-azure"))

    assert machines(result)["led-sql1"] == {
        "name": "led-sql1",
        "source": {"privateIp": "10.0.2.15"},
        "application": "Ledger",
        "target": {
            "size": "Standard_D2s_v5",
            "privateIp": "10.8.0.4",
            "tags": {"owner": "finance", "Cost Center": "0042"},
        },
    }
    assert 2 == machines(result)["led-web1"]["bootGroup"]


@pytest.mark.parametrize("headers", ["Name;Wave;Private IP", "name;WAVE;private_ip", "machine;wave;source.privateIp"])
def test_own_columns_may_be_spelled_as_people_do(into, headers):
    assert {"privateIp": "10.0.0.4"} == machines(into(f"{headers}\nled;w;10.0.0.4\n", plan_for("aws-to-azure")))["led"][
        "source"
    ]


def test_own_columns_are_the_fields_that_one_cell_can_hold(into):
    body = (
        "name,privateIp,recovery point,ZONE,disk tags,licence\nled,10.0.0.1,latestAppConsistent,2,a=b,WindowsServer\n"
    )
    result = into(body, plan_for("aws-to-azure"))

    assert machines(result)["led"] == {
        "name": "led",
        "source": {"privateIp": "10.0.0.1"},
        "recoveryPoint": "latestAppConsistent",
        "target": {"zone": "2", "licence": "WindowsServer"},
    }
    assert ["disk tags"] == [each.column for each in result.findings]
