"""The inbox on the command line."""

DOWN = {"migration": "finance.1", "name": "db", "since": "2026-11-21T08:00:00Z", "wayBack": "retry finance.1"}
GATE = {
    "kind": "gate",
    "migration": "finance.1",
    "name": "cutover",
    "wave": "shop",
    "machines": [{"name": "a"}, {"name": "b"}],
    "since": "2026-11-21T06:00:00Z",
    "expires": "2026-11-21T17:00:00Z",
    "then": "rejected",
    "approvers": ["azferry.approver"],
    "release": "approve finance.1 --gate cutover",
}


def test_it_begins_with_what_is_down_and_ends_with_the_commands(ask, prepared):
    prepared.inbox = {"value": [GATE], "nowhere": [DOWN]}
    lines = ask("inbox").output.splitlines()

    assert lines[0].startswith("! db of finance.1 serves nowhere since 11-21 08:00Z: retry finance.1")
    assert {"finance.1", "shop", "cutover", "a,"} <= {word for line in lines for word in line.split()}
    assert "approve finance.1 --gate cutover" == lines[-1].strip()


def test_the_downtime_that_rehearsals_foretell_is_told_before_the_command(ask, prepared):
    prepared.inbox = {"value": [GATE | {"expectedDowntimeSeconds": 660}]}
    *_, expected, command = ask("inbox").output.splitlines()

    assert "finance.1 shop: expected downtime of a machine 11 min at most, as rehearsals took" == expected
    assert "approve finance.1 --gate cutover" == command.strip()


def test_an_empty_inbox_says_so(ask):
    assert "Nothing waits for a person." in ask("inbox").output
