"""Who was told of what on the command line, and what nobody could be told."""

LOST = {
    "id": "1",
    "migration": "finance.1",
    "receiver": "ops",
    "topic": "failed",
    "heading": "Failed: shop-web1, finance.1, wave shop",
    "since": "2026-11-21T02:00:00Z",
    "state": "undelivered",
    "tries": 9,
    "failure": "hooks.example.com did not answer in time, 9 times",
    "command": "azferry resend finance.1 --receiver ops",
}


def test_the_inbox_says_what_nobody_could_be_told_once_for_each_receiver(ask, prepared):
    prepared.inbox = {"undelivered": [LOST, LOST | {"id": "2"}]}
    lines = ask("inbox").output.splitlines()

    assert lines[1].startswith("! 2 messages to ops not delivered (hooks.example.com did not answer in time, 9 times)")
    assert lines[-1].strip() == "azferry resend finance.1 --receiver ops"


def test_messages_of_a_migration_are_listed_with_what_became_of_them(ask, prepared):
    prepared.add()
    prepared.notifications = [LOST | {"state": "delivered", "tries": 1, "failure": ""}, LOST]
    output = ask("messages", "finance.1").output

    assert {"delivered", "undelivered", "ops", "9"} <= set(output.split())


def test_nobody_told_yet_is_said(ask, prepared):
    prepared.add()
    assert "Nobody was told of finance.1 yet." in ask("messages", "finance.1").output
