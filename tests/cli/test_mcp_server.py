"""An assistant over the Model Context Protocol: what it may see, and what it may do."""

import json
import sys

import anyio
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from cli import assistant, mcp_forecast
from cli.caller import Caller
from cli.client import Api
from cli.mcp_server import server_for
from shared.problems import NotAllowedNow
from shared.version import VERSION
from tests.architecture import ROOT
from tests.cli.answering import body_of, event, in_the_middle

READS = {"inbox", "list_migrations", "migration", "list_machines", "machine", "events", "target_profiles", "forecast"}
WRITES = {"approve", "reject", "confirm", "pause", "resume", "retry"}


@pytest.fixture
def call(url, prepared):
    """Call one tool as an assistant does; gives whether it failed, and what it says."""
    in_the_middle(prepared)

    def run(tool, leave=False, **arguments):
        async def within():
            async with Client(server_for(api, allow_decisions=leave)) as client:
                result = await client.call_tool(tool, arguments)
                return result.is_error, result.structured_content or result.content[0].text

        return anyio.run(within)

    api = Api(url, Caller(by="ann", surface=assistant.SURFACE))
    yield run
    api.close()


def tools(leave):
    async def within():
        async with Client(server_for(Api("http://127.0.0.1:9"), allow_decisions=leave)) as client:
            return (await client.list_tools()).tools

    return anyio.run(within)


def test_without_leave_there_is_nothing_but_looking():
    found = tools(leave=False)

    assert READS == {tool.name for tool in found}
    assert all(tool.annotations.read_only_hint for tool in found)


def test_with_leave_there_are_decisions_that_say_that_they_change_something():
    found = {tool.name: tool.annotations for tool in tools(leave=True)}

    assert READS | WRITES == found.keys()
    assert WRITES == {name for name, annotations in found.items() if annotations.destructive_hint}


def test_every_tool_and_every_parameter_is_explained():
    listed = tools(leave=True)
    assert len(listed) == len(READS | WRITES)
    for tool in listed:
        assert tool.description.endswith(".")
        assert all(each.get("description") for each in tool.input_schema["properties"].values())


def test_a_tool_that_decides_cannot_be_called_without_leave(call, prepared):
    failed, text = call("approve", migration="finance.1", gate="cutover")

    assert failed
    assert "approve" in text
    assert [] == [request for request in prepared.requests if request[0] == "POST"]


def test_what_waits_for_people_is_the_inbox_of_the_app(call, prepared):
    prepared.inbox = {"value": [{"kind": "gate", "name": "cutover"}], "nowhere": []}

    assert (False, prepared.inbox) == call("inbox")


def test_a_migration_is_told_with_its_gates_and_their_commands(call):
    _, answer = call("migration", migration="finance.1")

    assert ["shop-db1"] == answer["gates"][0]["pending"]
    assert "approve finance.1" in answer["gates"][0]["release"]


@pytest.mark.parametrize(
    ("choice", "names", "left"),
    [
        ({}, ["shop-db1", "shop-web1", "rep-sql1", "rep1"], 0),
        ({"states": ["Failed"]}, ["rep-sql1"], 0),
        ({"wave": "shop", "most": 1}, ["shop-db1"], 1),
    ],
)
def test_machines_are_chosen_and_what_was_left_out_is_counted(call, choice, names, left):
    _, answer = call("list_machines", migration="finance.1", **choice)

    assert (names, left) == ([row["name"] for row in answer["value"]], answer["leftOut"])


def test_profiles_that_plans_can_name_are_listed_and_one_is_told_whole(call, prepared):
    prepared.profiles["prod-weu"] = {"name": "prod-weu", "version": 2, "settings": {"limits": {"cuttingOver": 5}}}

    _, listed = call("target_profiles")
    _, whole = call("target_profiles", profile="prod-weu")

    assert ["prod-weu"] == [each["name"] for each in listed["value"]]
    assert {"limits": {"cuttingOver": 5}} == whole["settings"]


def test_the_newest_events_are_told(call, prepared):
    prepared.events = [event(minute, f"e{minute}", f"step {minute}", "rep1") for minute in range(5)]

    _, answer = call("events", migration="finance.1", machine="rep1", most=2)

    assert (["step 3", "step 4"], 3) == ([row["text"] for row in answer["value"]], answer["leftOut"])


@pytest.mark.parametrize(
    ("tool", "arguments", "verb", "body"),
    [
        ("approve", {"gate": "cutover", "waves": ["shop"]}, "approvals", {"decision": "approve", "wave": "shop"}),
        ("reject", {"gate": "cutover", "comment": "no"}, "approvals", {"decision": "reject", "comment": "no"}),
        ("confirm", {"gate": "x", "comment": "done", "machines": ["a"]}, "approvals", {"machines": ["a"]}),
        ("pause", {"machines": ["a"], "comment": "lunch"}, "pause", {"machines": ["a"], "comment": "lunch"}),
        ("resume", {}, "resume", {}),
        ("retry", {"machines": ["a", "b"]}, "retry", {"machines": ["a", "b"]}),
    ],
)
def test_a_decision_is_sent_as_the_command_sends_it_and_says_that_an_assistant_did(
    call, prepared, tool, arguments, verb, body
):
    failed, _ = call(tool, leave=True, migration="finance.1", **arguments)

    [request] = prepared.requests
    gate = {"gate": arguments["gate"]} if "gate" in arguments else {}
    assert not failed
    assert ("POST", f"/api/migrations/finance.1/{verb}") == request[:2]
    assert body_of(request).items() >= (body | gate | {"by": "ann"}).items()
    assert "assistant" == request[2]["x-azferry-surface"]


def test_a_refusal_is_told_with_what_to_do(call, prepared):
    prepared.refusal = NotAllowedNow("it has ended", advice="Possible in Running.")

    failed, text = call("migration", migration="finance.1")

    assert failed
    assert "it has ended" in text
    assert "what to do: Possible in Running." in text


def test_a_plan_that_cannot_be_played_is_told_as_the_command_tells_it(call, monkeypatch, tmp_path):
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "__main__.py").write_text("print('of the folder that the assistant stands in')")
    monkeypatch.chdir(tmp_path)

    failed, text = call("forecast", plan="name: [")

    assert failed
    assert "The plan cannot be played" in text


def test_a_forecast_is_given_as_the_command_gives_it(call, monkeypatch):
    script = "import sys, json; print(json.dumps({'verdict': {'borne': False}, 'plan': open(sys.argv[1]).read()})); sys.exit(1)"
    monkeypatch.setattr(mcp_forecast, "COMMAND", (sys.executable, "-c", script))

    assert (False, {"verdict": {"borne": False}, "plan": "name: small"}) == call("forecast", plan="name: small")


def test_an_assistant_talks_to_the_command_over_its_input_and_output(url, prepared, tmp_path):
    in_the_middle(prepared)
    environment = {"AZFERRY_URL": url, "AZFERRY_CONFIG_DIR": str(tmp_path)}
    command = StdioServerParameters(command=sys.executable, args=["-m", "cli", "mcp"], cwd=ROOT, env=environment)

    async def within():
        async with Client(stdio_client(command)) as client:
            listed = {tool.name for tool in (await client.list_tools()).tools}
            answer = await client.call_tool("list_migrations", {})
            return client.server_info.version, listed, answer.structured_content["value"][0]["id"]

    assert (VERSION, READS, "finance.1") == anyio.run(within)


def test_without_the_package_it_says_what_to_install(run, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "mcp" or name == "cli.mcp_server"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp", None)

    answer = run("mcp")

    assert 2 == answer.exit_code
    assert "pipx inject azferry" in answer.stderr


def test_the_page_shows_how_an_assistant_is_told():
    [example] = [line for line in (ROOT / "docs" / "command-line.md").read_text().splitlines() if "mcpServers" in line]

    assert "mcp" == json.loads(example)["mcpServers"]["azferry"]["args"][0]
