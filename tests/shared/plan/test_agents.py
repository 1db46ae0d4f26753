"""How the Mobility service is installed: what cannot work is refused before anything is made."""

from typing import Any

import pytest

from shared.plan.file_places import without_secrets
from shared.plan.model import Plan
from shared.plan.reader import to_plan
from shared.problems import InvalidPlan

SUM = "0a" * 32
CLASSIC = {"mode": "configurationServer", "appliance": {"name": "config1"}}


@pytest.fixture
def read(document: dict[str, Any]) -> Any:
    def with_agent(agent: dict[str, Any], *, machine: dict[str, Any] | None = None, **replication: Any) -> Plan:
        document["replication"] = {**replication, "agent": agent}
        document["waves"][0]["machines"][0] |= machine or {}
        return to_plan(document)

    return with_agent


def faults(read: Any, agent: dict[str, Any], **more: Any) -> dict[str, str]:
    with pytest.raises(InvalidPlan) as refused:
        read(agent, **more)
    return {fault.pointer: fault.message for fault in refused.value.facts.errors}


def test_an_appliance_takes_a_file_of_each_machine(read: Any) -> None:
    agent = {
        "config": "s3://files/agents/{machine}.json",
        "installerUrl": "https://h.example:8443/a.tar.gz?sv=1&sig=a%2Fb",
    }
    plan = read(agent | {"installerSha256": SUM}, machine={"agentConfigSha256": SUM})
    assert plan.replication.agent.config.endswith("{machine}.json")


@pytest.mark.parametrize(
    ("agent", "more", "field"),
    [
        ({"config": "s3://files/web1.json"}, {}, "config"),
        ({"passphrase": "s3://files/passphrase.txt"}, {}, "passphrase"),
        ({"config": "s3://files/{machine}", "install": "manual"}, {}, "config"),
        ({}, CLASSIC, "install"),
        ({"passphrase": "s3://files/p", "config": "s3://files/{machine}"}, CLASSIC, "config"),
    ],
)
def test_a_pair_that_cannot_work_is_refused(read: Any, agent: dict[str, Any], more: dict[str, Any], field: str) -> None:
    assert list(faults(read, agent, **more)) == [f"/replication/agent/{field}"]


def test_a_configuration_server_wants_its_passphrase_or_pushes(read: Any) -> None:
    server = CLASSIC | {"appliance": {"name": "config1", "runAsAccount": "pusher"}}
    for agent in ({"passphrase": "s3://files/p"}, {"install": "push"}, {"install": "manual"}):
        assert read(agent, **server)


def test_a_checksum_is_of_a_file_that_the_plan_names(read: Any) -> None:
    messages = faults(read, {}, machine={"agentConfigSha256": SUM})
    assert list(messages) == ["/waves/0/machines/0/agentConfigSha256"]


QUOTES = "'\u2018\u2019\u201a\u201b\"`"
WRONG = [f"https://h.example/a{sign}" for sign in (*QUOTES, " ", "\n", "$(id)", ";id", "|id", "\\")]


@pytest.mark.parametrize(
    "place", [*WRONG, "http://h.example/a", "ftp://h.example/a", "https://h.example", "s3://UPPER/a"]
)
@pytest.mark.parametrize("field", ["installerUrl", "windowsInstallerUrl", "config"])
def test_an_address_holds_nothing_that_a_shell_would_read(read: Any, field: str, place: str) -> None:
    assert "is not an address" in faults(read, {field: place})[f"/replication/agent/{field}"]


def test_a_refused_address_is_told_without_its_secrets(read: Any) -> None:
    messages = faults(read, {"installerUrl": "https://me:passw0rd@h.example/a?sig=s3cr3t"})[
        "/replication/agent/installerUrl"
    ]
    assert "https://h.example/a" in messages
    assert "passw0rd" not in messages
    assert "s3cr3t" not in messages


def test_secrets_are_taken_out_of_every_address_of_a_text() -> None:
    text = "from https://me:pw@one.example/a?sig=x to 'https://two.example/b?sig=y'; why? because"
    assert without_secrets(text) == "from https://one.example/a to 'https://two.example/b'; why? because"
