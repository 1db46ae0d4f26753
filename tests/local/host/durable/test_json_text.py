"""JSON that comes from outside is read and written again, as Azure does."""

import pytest

from local.host.durable.json_text import rewritten


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ('{"a": 1.10,  "b": [ ]}', '{"a":1.1,"b":[]}'),
        ('"é"', '"é"'),
        ('"\\u00e9"', '"é"'),
        ('"half of one: \\ud83d"', '"half of one: \\ud83d"'),
        (" null ", "null"),
    ],
)
def test_a_text_is_written_without_blanks(given, written):
    assert rewritten(given) == written


@pytest.mark.parametrize("given", ["", "{", "text"])
def test_what_is_no_json_is_refused(given):
    with pytest.raises(ValueError, match="Expecting"):
        rewritten(given)


def test_events_and_results_stand_in_the_history_as_they_were_written_again(make_lab):
    def flow(context):
        yield context.call_activity("pair", None)
        yield context.wait_for_external_event("go")
        results = [event.Result for event in context.histories if event.event_type == 5]
        return results + [event.Input for event in context.histories if event.event_type == 15]

    def pair(value):
        return {"a": [1, 2]}

    lab = make_lab(flow, pair)
    made = lab.create("flow")
    lab.until_waiting(made)
    lab.do(lab.engine.raise_event(made, "go", '{"who": "é"}'))

    assert lab.end(made)["output"] == ['{"a":[1,2]}', '{"who":"é"}']
