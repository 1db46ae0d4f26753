"""A plan is read, or every fault in it is told at once, each at its place."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.plan.reader import read_plan, to_plan
from shared.problems import InvalidPlan, Problem

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
Document = dict[str, Any]


def faults(document: Any, now: datetime | None = NOW) -> dict[str, str]:
    with pytest.raises(InvalidPlan) as caught:
        to_plan(document, now)
    return {fault.pointer: fault.message for fault in caught.value.facts.errors}


def test_the_plan_of_the_design_page_is_read_from_yaml(document: Document) -> None:
    plan = read_plan(yaml.safe_dump(document).encode(), "application/yaml", NOW)

    assert plan.waves[0].cutover.windows[0].length == timedelta(hours=4)
    assert plan.entry("shop-web1")[1].target.size == "Standard_D2s_v5"


def test_json_and_yaml_give_the_same_plan(document: Document) -> None:
    from_json = read_plan(json.dumps(document).encode(), "application/json")

    assert from_json == read_plan(yaml.safe_dump(document).encode(), "application/yaml")


def test_all_faults_come_at_once_with_their_places(document: Document) -> None:
    document["target"]["regoin"] = document["target"].pop("region")
    shop, reporting = document["waves"]
    shop["machines"][0]["bootGroup"] = 9
    shop["machines"][1]["name"] = "Shop_Web"
    shop["cutover"]["windows"][0]["timeZone"] = "Europe/Amsterdan"
    reporting["dependsOn"] = ["shap"]
    reporting["machines"][0]["name"] = "shop-db1"
    reporting["machines"][0]["source"] = {"instanceId": "i-0aaa1111"}

    found = faults(document)

    assert set(found) == {
        "/target/region",
        "/target/regoin",
        "/waves/0/machines/0/bootGroup",
        "/waves/0/machines/1/name",
        "/waves/0/cutover/windows/0/timeZone",
        "/waves/1/dependsOn/0",
        "/waves/1/machines/0/name",
        "/waves/1/machines/0/source/instanceId",
    }
    assert "did you mean 'region'?" in found["/target/regoin"]


def at(*path: str | int) -> Callable[[Document, Any], None]:
    def put(document: Document, value: Any) -> None:
        *way, last = path
        place: Any = document
        for step in way:
            place = place[step]
        place[last] = value

    return put


FIRST_WINDOW = at("waves", 0, "cutover", "windows", 0)
MACHINE = at("waves", 0, "machines", 1)


@pytest.mark.parametrize(
    ("put", "value", "pointer", "words"),
    [
        (at("name"), "Finance", "/name", "lower-case letters, digits and hyphens"),
        (at("name"), "x" * 32, "/name", "31 at most"),
        (at("name"), 7, "/name", "must be text"),
        (at("name"), None, "/name", "is empty (null)"),
        (at("waves"), [], "/waves", "at least 1"),
        (at("waves"), {}, "/waves", "must be a list"),
        (at("target"), "there", "/target", "must be an object"),
        (at("a/b~c"), 1, "/a~1b~0c", "there is no field 'a/b~c'"),
        (at("scenario"), "aws", "/scenario", "must be one of 'aws-to-azure'"),
        (at("scenario"), "azure-to-azure", "/source/azure", "is required for azure-to-azure"),
        (at("replication", "mode"), "agentless", "/replication/mode", "not possible for aws-to-azure"),
        (at("replication", "mode"), "configurationServer", "/replication/agent/install", "push or manual"),
        (at("replication", "appliance", "launch"), "yes", "/replication/appliance/launch", "true or false"),
        (at("replication", "appliance", "launch"), True, "/replication/appliance/subnetId", "required to launch"),
        (
            at("replication", "appliance", "addresses"),
            ["10.0.2.999"],
            "/replication/appliance/addresses/0",
            "no address",
        ),
        (at("replication", "appliance", "registrationTimeout"), "PT0S", None, "longer than nothing"),
        (at("source"), {}, "/source/aws", "is required"),
        (at("source", "aws"), None, "/source/aws", "is empty (null)"),
        (at("policy", "recoveryPointRetention"), "1 day", None, "ISO 8601 duration"),
        (at("policy", "recoveryPointRetention"), "P1M", None, "ISO 8601 duration"),
        (at("policy", "recoveryPointRetention"), "PT90S", None, "whole minutes"),
        (at("policy", "recoveryPointRetention"), 24, None, "ISO 8601 duration"),
        (at("limits", "failureTolerance"), "101%", None, "a percentage such as 10%"),
        (at("limits", "replicating"), True, None, "must be a whole number"),
        (at("limits", "replicating"), "40", None, "must be a whole number"),
        (at("limits", "replicating"), 0, None, "at least 1"),
        (at("target", "network", "testVnet"), "", "/target/network/testVnet", "is not a network"),
        (at("waves", 1, "name"), "shop", "/waves/1/name", "is there already, at /waves/0/name"),
        (at("waves", 0, "dependsOn"), ["reporting"], "/waves/0/dependsOn", "shop → reporting → shop"),
        (at("waves", 0, "dependsOn"), ["shop"], "/waves/0/dependsOn/0", "cannot depend on itself"),
        (at("waves", 1, "dependsOn"), ["shop", "shop"], "/waves/1/dependsOn/1", "named twice"),
        (
            at("waves", 0, "cutover", "onVerifyFailed"),
            "rollBack",
            "/waves/0/cutover/verifyDeadline",
            "is required when",
        ),
        (at("waves", 0, "cutover", "verifyDeadline"), "PT1H", None, "has no use where a person is waited for"),
        (
            at("waves", 0, "cutover"),
            {"onVerifyFailed": "rollBack", "verifyDeadline": "PT5M"},
            "/waves/0/cutover/verifyDeadline",
            "at least ten minutes",
        ),
        (FIRST_WINDOW, {"start": "2026-11-01T22:00", "length": "PT1H"}, "+start", "has passed already"),
        (FIRST_WINDOW, {"start": "2026-12-02T22:00"}, "+length", "either a length or an end"),
        (FIRST_WINDOW, {"start": "2026-12-02T22:00", "end": "2026-12-02T21:00"}, "+end", "ends before it starts"),
        (FIRST_WINDOW, {"start": "2026-02-30T22:00", "length": "PT1H"}, "+start", "no date of the calendar"),
        (FIRST_WINDOW, {"start": "9999-12-31T22:00", "length": "PT1H"}, "+start", "the year must be"),
        (FIRST_WINDOW, {"start": "tomorrow", "length": "PT1H"}, "+start", "a local time such as"),
        (FIRST_WINDOW, {"start": "+PT1H", "end": "2026-12-02T21:00"}, "+end", "needs a length"),
        (FIRST_WINDOW, {"start": "+PT1H", "length": "PT1H", "lockout": "PT1H"}, "+lockout", "leaves nothing"),
        (FIRST_WINDOW, {"start": "+PT1H", "length": "PT1H", "every": "monthly"}, "+day", "needs its day"),
        (
            FIRST_WINDOW,
            {"start": "2027-01-31T01:00", "length": "PT1H", "every": "monthly"},
            "+day",
            "not every month has the day",
        ),
        (
            FIRST_WINDOW,
            {"start": "2027-01-02T01:00", "length": "PT1H", "every": "weekly", "day": "last day"},
            "+day",
            "only a monthly window",
        ),
        (FIRST_WINDOW, {"start": "+PT1H", "length": "PT25H", "every": "daily"}, "+every", "longer than the time"),
        (FIRST_WINDOW, {"start": "+PT1H", "length": "PT1H", "timeZone": "Europe"}, "+timeZone", "no time zone"),
        (FIRST_WINDOW, {"start": "+PT1H", "length": "PT10M"}, "+length", "shorter than the expected duration"),
        (FIRST_WINDOW, {"start": "2026-12-02T22:00", "end": "2026-12-02T22:10"}, "+end", "shorter than the expected"),
        (
            FIRST_WINDOW,
            {"start": "2027-03-28T02:30", "length": "PT1H", "timeZone": "Europe/Amsterdam"},
            "+start",
            "does not exist in Europe/Amsterdam",
        ),
        (
            FIRST_WINDOW,
            {
                "start": "+PT1H",
                "length": "PT1H",
                "blackouts": [{"start": "2026-12-05T00:00", "end": "2026-12-04T00:00"}],
            },
            "+blackouts/0/end",
            "the blackout ends before",
        ),
        (MACHINE, {"source": {"instanceId": "i-0aaa1111"}}, "-name", "is required, unless tags"),
        (MACHINE, {"name": "web", "source": {"tags": {"A": "b"}}}, "-name", "must be left out"),
        (MACHINE, {"name": "web", "source": {}}, "-source", "exactly one of"),
        (
            MACHINE,
            {"name": "web", "source": {"instanceId": "i-0aaa1111", "privateIp": "10.0.0.1"}},
            "-source",
            "exactly",
        ),
        (MACHINE, {"name": "web", "source": {"vmId": "x"}}, "-source/vmId", "not possible for aws-to-azure"),
        (MACHINE, {"name": "web", "source": {"privateIp": "10.0.0.300"}}, "-source/privateIp", "is no address"),
        (MACHINE, {"name": "web", "source": {"privateIp": "10.0.2.15"}}, "-source/privateIp", "there already"),
        (MACHINE, {"name": "web", "source": {"tags": {"A": 1}}}, "-source/tags/A", "put it in quotes"),
        (
            MACHINE,
            {"name": "web", "source": {"instanceId": "i-0aaa1111"}, "target": {"name": "SHOP-DB1"}},
            "-target/name",
            "there already",
        ),
        (
            MACHINE,
            {"name": "web", "source": {"instanceId": "i-0aaa1111"}, "verify": [{"tcp": 22, "service": "ssh"}]},
            "-verify/0",
            "exactly one of service, tcp, http, command",
        ),
        (
            MACHINE,
            {"source": {"tags": {"A": "b"}}, "target": {"privateIp": "10.1.0.4"}},
            "-target/privateIp",
            "there may be many",
        ),
        (
            MACHINE,
            {"name": "web", "source": {"instanceId": "i-0aaa1111"}, "target": {"availabilitySet": "a", "zone": "1"}},
            "-target/zone",
            "not in both",
        ),
        (
            MACHINE,
            {"name": "web", "source": {"instanceId": "i-0aaa1111"}, "target": {"privateIp": "10.1.0.4", "nics": [{}]}},
            "-target/privateIp",
            "first of nics",
        ),
        (
            MACHINE,
            {"name": "web", "source": {"instanceId": "i-0aaa1111"}, "target": {"nics": [{"leaveOut": True}]}},
            "-target/nics/0/leaveOut",
            "primary card",
        ),
        (
            MACHINE,
            {
                "name": "web",
                "source": {"instanceId": "i-0aaa1111"},
                "target": {"nics": [{}, {"leaveOut": True, "privateIp": "10.1.0.9"}]},
            },
            "-target/nics/1/privateIp",
            "left out",
        ),
        (
            MACHINE,
            {"name": "web", "source": {"instanceId": "i-0aaa1111"}, "target": {"nics": [{"securityGroup": "web"}]}},
            "-target/nics/0/securityGroup",
            "on the subnet",
        ),
        (
            MACHINE,
            {
                "name": "web",
                "source": {"instanceId": "i-0aaa1111"},
                "target": {"nics": [{"privateIp": "10.1.0.9"}, {"privateIp": "10.1.0.9"}]},
            },
            "-target/nics/1/privateIp",
            "there already",
        ),
        (
            MACHINE,
            {
                "name": "web",
                "source": {"instanceId": "i-0aaa1111"},
                "target": {"nics": [{"sourceIp": "10.0.0.9"}, {"sourceIp": "10.0.0.9"}]},
            },
            "-target/nics/1/sourceIp",
            "there already",
        ),
        (
            MACHINE,
            {
                "name": "web",
                "source": {"instanceId": "i-0aaa1111"},
                "target": {"disks": [{"disk": "sdb", "leaveOut": True}]},
            },
            "-target/disks/0/leaveOut",
            "detach the disk",
        ),
        (
            MACHINE,
            {
                "name": "web",
                "source": {"instanceId": "i-0aaa1111"},
                "target": {"disks": [{"disk": "sdb"}, {"disk": "SDB"}]},
            },
            "-target/disks/1/disk",
            "there already",
        ),
        (at("acknowledge"), [{"concern": "no-such", "reason": "x"}], "/acknowledge/0/concern", "there is no concern"),
        (at("acknowledge"), [{"concern": "not-64-bit", "reason": "x"}], "/acknowledge/0/concern", "cannot be ack"),
        (at("acknowledge"), [{"concern": "public-ip-lost"}], "/acknowledge/0/reason", "is required"),
    ],
)
def test_a_fault_is_told_in_plain_words(
    document: Document, put: Callable[[Document, Any], None], value: Any, pointer: str | None, words: str
) -> None:
    put(document, value)

    found = faults(document)

    short = {"+": "/waves/0/cutover/windows/0/", "-": "/waves/0/machines/1/"}
    wanted = short[pointer[0]] + pointer[1:] if pointer and pointer[0] in short else pointer
    assert any(words in message for place, message in found.items() if wanted in (None, place)), found


def test_overlapping_windows_are_told(document: Document) -> None:
    windows = [{"start": "2026-12-05T22:00", "length": "PT4H"}, {"start": "2026-12-06T01:00", "length": "PT4H"}]
    document["waves"][0]["cutover"]["windows"] = windows

    found = faults(document)

    assert "overlaps with window 0 from 2026-12-06 01:00 to 2026-12-06 02:00" in found["/waves/0/cutover/windows/1"]


def test_two_machines_cannot_have_one_static_address(document: Document) -> None:
    for machine in document["waves"][0]["machines"][:2]:
        machine["target"] = {"privateIp": "10.1.0.10"}

    assert list(faults(document)) == ["/waves/0/machines/1/target/privateIp"]


def test_a_long_chain_of_waves_is_no_cycle(document: Document) -> None:
    machine = {"source": {"instanceId": "i-%08x"}}
    document["waves"] = [
        {
            "name": f"w{n}",
            "dependsOn": [f"w{n - 1}"] if n else [],
            "machines": [machine | {"name": f"m{n}", "source": {"instanceId": f"i-{n:08x}"}}],
        }
        for n in range(400)
    ]

    assert len(to_plan(document).waves) == 400


def test_a_knot_of_waves_is_told_without_listing_every_way_round(document: Document) -> None:
    names = [f"w{n}" for n in range(60)]
    document["waves"] = [
        {
            "name": name,
            "dependsOn": [other for other in names if other != name],
            "machines": [{"name": f"m{n}", "source": {"instanceId": f"i-{n:08x}"}}],
        }
        for n, name in enumerate(names)
    ]

    found = faults(document)

    assert all("the waves wait for each other" in message for message in found.values())
    assert len(found) <= 20


def test_a_heap_of_faults_is_cut(document: Document) -> None:
    document |= {f"x{n}": 1 for n in range(100_010)}

    with pytest.raises(InvalidPlan, match="far more in the plan than a plan may have"):
        to_plan(document)


def test_without_a_clock_a_past_window_is_no_fault(document: Document) -> None:
    document["waves"][0]["cutover"]["windows"] = [{"start": "2021-01-01T22:00", "length": "PT1H"}]

    assert to_plan(document).name == "finance"


def test_a_test_network_is_not_needed_when_every_wave_skips_its_test(document: Document) -> None:
    del document["target"]["network"]["testVnet"]
    for wave in document["waves"]:
        wave["gates"] = {"test": "skip"}

    assert to_plan(document).target.network.test_vnet == ""


@pytest.mark.parametrize("body", ["[]", "7", "null", '"x"', "{}"])
def test_a_document_that_is_no_plan_is_not_valid(body: str) -> None:
    with pytest.raises(InvalidPlan):
        read_plan(body.encode(), "application/json")


PIECES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10)
    | st.text(max_size=5)
    | st.sampled_from(["PT1H", "shop", "+PT2H", "UTC"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "source", "tags", "x"]), inner)
    ),
    max_leaves=6,
)


def _places(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path] * bool(path) + [place for key, value in items for place in _places(value, (*path, key))]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_however_a_plan_is_spoilt_it_is_read_or_told(document: Document, data: st.DataObject) -> None:
    spoilt = json.loads(json.dumps(document))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.sampled_from(_places(spoilt)))
        at(*place)(spoilt, data.draw(PIECES))

    with suppress(Problem):
        read_plan(json.dumps(spoilt).encode(), "application/json", NOW)


def test_ten_thousand_machines_are_read_with_all_their_faults(document: Document) -> None:
    document["waves"] = [
        {
            "name": f"w{w}",
            "machines": [
                {"name": f"m{w}-{m}", "source": {"instanceId": f"i-{w * 1000 + m:08x}"}, "bootGroup": 8 if m % 2 else 1}
                for m in range(1000)
            ],
        }
        for w in range(10)
    ]

    assert len(faults(document)) == 5000


def test_an_agent_is_pushed_to_machines_only_with_an_account(document: Document) -> None:
    document["replication"] = {"mode": "configurationServer", "agent": {"install": "push"}}

    assert faults(document) == {"/replication/appliance/runAsAccount": "is required to push the agent"}


def between_regions(document: dict[str, Any], **source: Any) -> dict[str, Any]:
    """Make it a plan of one VM that goes to another region."""
    azure = {"subscriptionId": "00000000-0000-0000-0000-000000000001", "region": "northeurope"}
    machines = [{"name": "web1", "source": source or {"name": "web1"}}]
    own = {"scenario": "azure-to-azure", "source": {"azure": azure}, "replication": {}}
    return document | own | {"waves": [{"name": "shop", "machines": machines}]}


def test_a_plan_between_azure_regions_is_sound(document: dict[str, Any]) -> None:
    assert to_plan(between_regions(document), NOW).scenario == "azure-to-azure"


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        (lambda plan: plan["target"].update(region="northeurope"), "/target/region", "is the region of the source"),
        (
            lambda plan: plan["waves"][0]["machines"][0].update(source={"instanceId": "i-0aaa1111"}),
            "/waves/0/machines/0/source/instanceId",
            "use vmId, name, tags",
        ),
        (
            lambda plan: plan["waves"][0]["machines"][0].update(
                source={
                    "vmId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.ClassicCompute/virtualMachines/v"
                }
            ),
            "/waves/0/machines/0/source/vmId",
            "classic",
        ),
    ],
)
def test_what_cannot_go_between_azure_regions_is_told_where_it_stands(
    document: dict[str, Any], change: Any, pointer: str, words: str
) -> None:
    plan = between_regions(document)
    change(plan)
    assert words in faults(plan)[pointer]
