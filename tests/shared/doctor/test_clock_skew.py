"""How far off a clock is, by the Date of a real answer."""

import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shared.doctor import clock_skew


@contextmanager
def service(ahead=timedelta(), status=200, dated=True):
    """A service whose clock is ahead of ours."""

    class Answer(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response_only(status)
            if dated:
                self.send_header("Date", format_datetime(datetime.now(UTC) + ahead, usegmt=True))
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("status", [200, 302, 400, 503])
def test_any_answer_tells_the_time(status):
    with service(status=status) as url:
        (found,) = clock_skew.look({"Azure": url})
    assert "clock" == found.id
    assert "Azure" in found.seen


@pytest.mark.parametrize(
    ("ahead", "id_", "words"),
    [
        (timedelta(minutes=2), "clock-off", "behind"),
        (timedelta(minutes=-2), "clock-off", "ahead of"),
        (timedelta(hours=1), "clock-wrong", "behind"),
    ],
)
def test_a_clock_that_is_off_is_told_with_its_direction(ahead, id_, words):
    with service(ahead) as url:
        (found,) = clock_skew.look({"AWS": url})
    assert id_ == found.id
    assert words in found.seen


def test_a_service_that_does_not_answer_or_tells_no_date_is_told():
    with service(dated=False) as url:
        found = list(clock_skew.look({"Azure": "http://127.0.0.1:9", "AWS": url}))
    assert ["clock-not-compared", "clock-not-compared"] == [each.id for each in found]
    assert "http://127.0.0.1:9" in found[0].remedy


@pytest.mark.parametrize("text", ["", "yesterday"])
def test_what_is_no_date_is_none(text):
    assert clock_skew.date_of(text) is None
