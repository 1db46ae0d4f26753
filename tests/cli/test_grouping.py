"""A wave and an application on the command line."""

GROUP = {
    "kind": "application", "name": "order desk", "waves": ["shop", "billing"], "state": "AwaitingApproval", "machines": 3,
    "counts": {"Failed": 1, "ReadyForCutover": 2}, "percent": 61.5, "dependsOn": ["network"], "servingNowhere": 1,
    "downSince": "2026-11-21T07:20:00Z", "longestDowntimeSeconds": 2400, "attention": ["1 machine serves nowhere: db1 for 40 min"],
    "opening": {"opensAt": "2026-11-21T22:00:00Z", "closesAt": "2026-11-22T02:00:00Z", "timeZone": "UTC"},
    "gates": [{"name": "cutover", "pending": ["web1", "web2"], "approvers": ["azferry.approver"], "release": "azferry approve finance.1 --wave shop --gate cutover"}],
    "waits": [
        {"text": "No room for the size", "machines": ["db1"], "release": "azferry retry finance.1 --machine db1", "problem": {"kind": "x", "id": "q", "title": "No room for the size", "detail": "d"}},
        {"text": "an approval", "machines": ["web1", "web2"], "release": "azferry approve finance.1 --wave shop --gate cutover"},
    ],
}  # fmt: skip


def test_it_tells_how_far_gate_window_outage_and_what_is_waited_for(ask, prepared):
    prepared.group = GROUP
    answer = ask("application", "finance.1", "order desk")

    for words in (
        "application order desk: AwaitingApproval", "in shop, billing", "1 Failed, 2 ReadyForCutover", "after network",
        "longest downtime of a machine: 40 min", "1 machine down, the longest since", "Gate cutover: web1, web2",
        "db1: No room for the size", "$ azferry retry finance.1 --machine db1",
    ):  # fmt: skip
        assert words in answer.stdout
    assert 1 == answer.stdout.count("azferry approve finance.1"), "a command is told once"
    assert "/api/migrations/finance.1/applications/order desk" == prepared.requests[-1][1]


def test_a_wave_as_json_is_what_the_api_answered(ask, prepared):
    prepared.group = GROUP | {"kind": "wave", "name": "shop"}
    answer = ask("-o", "json", "wave", "finance.1", "shop")

    assert '"downSince": "2026-11-21T07:20:00Z"' in answer.stdout
    assert "/api/migrations/finance.1/waves/shop" == prepared.requests[-1][1]
