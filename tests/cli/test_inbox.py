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


def test_what_one_has_to_know_to_decide_is_told(ask, prepared):
    machines = [{"name": "a", "testVmAddress": "10.9.0.4"}, {"name": "b"}]
    more = {
        "machines": machines,
        "replicaGb": 768.0,
        "checked": [{"checks": ["tcp 443", "service web"], "machines": 2}],
    }
    prepared.inbox = {"value": [GATE | more]}
    text = ask("inbox").output

    assert "rehearsals of 2 machines passed: tcp 443, service web" in text
    assert "test VMs in the test network: a at 10.9.0.4" in text
    assert "each day of waiting costs 48 machine-hours and 768 GB-days of replica disks" in " ".join(text.split())
