"""What people read of a fault: one sentence and a reference, whatever the host put around it."""

import logging
import re

import pytest

from shared.durable.seam import Activity, as_problem, serves
from shared.models import Done, Request
from shared.observability.faults import ENDED, LONGEST, UnexpectedError, in_one_sentence

NET = (
    '{"$type":"System.Exception, System.Private.CoreLib","ClassName":"System.Exception","Message":"ValueError: boom 1",'
    '"InnerException":{"RemoteStackTrace":"  File \\"/home/site/wwwroot/app.py\\", line 1"}}'
)
WORKER = (
    "Orchestrator function 'quiesce' failed: One or more errors occurred. (Result: Failure\n"
    'Exception: ValueError: no marker\nStack:   File "app.py", line 1, in main\n)'
)


@pytest.mark.parametrize("spaces", [" ", "  "])
def test_the_details_of_net_are_cut_off(spaces):
    sentence = in_one_sentence(f"Activity function 'read_vault' failed:{spaces}ValueError: boom 1 \n {NET}")

    assert re.fullmatch(r"read_vault: ValueError: boom 1 \(reference [0-9a-f]{8}\)", sentence)


def test_what_the_functions_host_puts_around_a_workers_exception_is_cut_off():
    assert in_one_sentence(WORKER).startswith("quiesce: ValueError: no marker (reference ")


@pytest.mark.parametrize("nothing", ["None \n None", " \n ", ""])
def test_a_child_terminated_without_a_reason_has_words_too(nothing):
    assert ENDED == in_one_sentence(nothing)


def test_a_reason_that_a_person_gave_is_shown_as_it_is():
    assert in_one_sentence("the change was called off \n None").startswith("the change was called off (reference")


def test_the_same_fault_has_the_same_reference_and_another_has_another():
    assert in_one_sentence("a \n 1") == in_one_sentence("a \n 1") != in_one_sentence("a \n 2")


def test_a_long_text_is_cut_and_keeps_its_reference():
    fault = UnexpectedError(ValueError("x" * 5_000 + "\x1b[31m"))
    sentence = in_one_sentence(f"Activity function 'a' failed: UnexpectedError: {fault} \n {NET}")

    assert len(sentence) < LONGEST + 60
    assert sentence.endswith(f"(reference {fault.reference})")


def test_an_activity_leaves_its_trace_in_the_log_and_only_its_sentence_goes_on(caplog):
    served = {}

    class Registry:
        def activity_trigger(self, input_name, activity):
            return lambda serve: served.setdefault(activity, serve)

    @serves(Registry(), Activity("probe", Request, Done))
    def probe(request: Request) -> Done:
        raise ZeroDivisionError("no machines\n  File secret.py")

    with caplog.at_level(logging.ERROR, "azferry"), pytest.raises(UnexpectedError) as raised:
        served["probe"]({})

    assert re.fullmatch(r"ZeroDivisionError: no machines \(reference [0-9a-f]{8}\)", str(raised.value))
    assert raised.value.reference in caplog.text
    assert "Traceback" in caplog.text
    assert (
        "secret.py" not in as_problem(Exception(f"Activity function 'probe' failed:  {raised.value} \n x")).facts.detail
    )
