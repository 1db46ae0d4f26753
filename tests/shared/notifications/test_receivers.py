"""Who is told: channels of the settings, and addresses that plans may give; what is wrong with them is said in words."""

import pytest

from shared.notifications.receivers import channel, check_receivers, receivers_of
from shared.notifications.topics import Topic
from shared.plan.model import Plan
from shared.plan.reader import to_plan
from shared.plan.schema import EXAMPLE
from shared.problems import InvalidPlan
from tests.shared.notifications.conftest import KEY


def plan(*notifications, **more) -> Plan:
    return Plan.model_validate(EXAMPLE | {"notifications": list(notifications)} | more)


def test_a_plan_adds_to_the_channels_that_are_told_of_everything(configure):
    configure(channels="ops:webhook, night:email", tell="ops")

    receivers = receivers_of(
        plan({"channel": "night", "events": ["failed"]}, {"channel": "ops", "events": ["expired"]})
    )

    assert {each.name: sorted(each.topics) for each in receivers} == {"ops": ["expired"], "night": ["failed"]}


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"channels": ""}, "there is no channel ops: AZFERRY_CHANNELS does not name it"),
        ({"channels": "ops:pigeon"}, "pigeon of channel ops is none of webhook, teams, email, event-grid"),
        (
            {"channels": "ops:webhook"},
            "AZFERRY_CHANNEL_OPS_URL is not set, or its Key Vault reference could not be read",
        ),
        (
            {
                "channels": "ops:webhook",
                "channel_ops_url": "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/x)",
            },
            "AZFERRY_CHANNEL_OPS_URL is not set, or its Key Vault reference could not be read",
        ),
        (
            {"channels": "ops:webhook", "channel_ops_url": "https://x.example.com"},
            "AZFERRY_CHANNEL_OPS_KEY is not set: nobody could tell who sends it",
        ),
        (
            {"channels": "ops:email", "channel_ops_url": "https://x.communication.azure.com"},
            "AZFERRY_CHANNEL_OPS_TO and AZFERRY_CHANNEL_OPS_FROM must be set",
        ),
        (
            {
                "channels": "ops:teams",
                "channel_ops_url": "https://x.example.com",
                "channel_ops_events": "failed,dinner",
            },
            f"AZFERRY_CHANNEL_OPS_EVENTS names dinner, which is none of {', '.join(Topic)}",
        ),
    ],
)
def test_what_its_settings_lack_is_said(configure, values, fault):
    configure(**values)

    assert channel("ops").fault == fault


def test_a_plan_that_names_a_channel_which_is_not_there_is_refused_with_its_place(configure):
    configure(channels="ops:webhook")

    with pytest.raises(InvalidPlan) as refused:
        check_receivers(plan({"channel": "opps"}))

    (fault,) = refused.value.facts.errors
    assert fault.pointer == "/notifications/0/channel"
    assert fault.message.endswith("(channels of this app: ops)")


@pytest.mark.parametrize(
    ("hosts", "key", "words"),
    [
        ("", KEY, "plans may not name hooks.example.com: AZFERRY_WEBHOOK_HOSTS does not list it"),
        ("other.example.com", KEY, "plans may not name hooks.example.com: AZFERRY_WEBHOOK_HOSTS does not list it"),
        ("hooks.example.com", "", "AZFERRY_WEBHOOK_KEY is not set"),
        ("hooks.example.com", KEY, ""),
        ("*", KEY, ""),
    ],
)
def test_plans_name_only_hosts_that_the_app_lets_them(configure, hosts, key, words):
    configure(webhook_hosts=hosts, webhook_key=key)
    named = plan({"url": "https://Hooks.example.com/azferry"})

    if not words:
        check_receivers(named)
        return
    with pytest.raises(InvalidPlan) as refused:
        check_receivers(named)
    assert [each.message for each in refused.value.facts.errors] == [words]


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/", "https://10.1.2.3/", "https://169.254.169.254/metadata", "https://localhost/",
        "https://kv.internal/", "https://2130706433/", "https://user:word@hooks.example.com/", "https://hooks.example.com/?sig=x",
        "https://hooks.example.com/#x", "https://hooks.example.com:99999/", "https://168.63.129.16/", "https://intranet/",
    ],
)  # fmt: skip
def test_an_address_of_a_plan_is_public_and_holds_no_secret(url):
    with pytest.raises(InvalidPlan) as refused:
        to_plan(EXAMPLE | {"notifications": [{"url": url}]}, None)

    assert {each.pointer.split("/")[1] for each in refused.value.facts.errors} == {"notifications"}


def test_a_plan_knows_every_topic():
    named = Plan.model_fields["notifications"].annotation.__args__[0].model_fields["events"].annotation.__args__[0]

    assert set(named.__args__) == set(Topic)
