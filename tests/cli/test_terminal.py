"""On a real terminal: the live picture is drawn and taken away again, and a person is asked back."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest

from shared.states import MachineState
from tests.architecture import ROOT
from tests.cli.answering import at_the_end, in_the_middle

CURSOR_UP = "\x1b[1A"


@pytest.fixture
def on_terminal(url, tmp_path):
    """Run the command line on a terminal of 80 by 24; gives its exit code and everything that it wrote there."""

    def run(*line, typed="", term="xterm-256color", **more):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        environment = {
            "PATH": os.environ["PATH"],
            "TERM": term,
            "AZFERRY_URL": url,
            "AZFERRY_CONFIG_DIR": str(tmp_path),
        }
        environment |= more
        with subprocess.Popen(
            [sys.executable, "-m", "cli", *line],
            cwd=ROOT,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            close_fds=True,
        ) as process:
            os.close(theirs)
            os.write(ours, typed.encode())
            written = b"".join(iter(lambda: _read(ours), b""))
        os.close(ours)
        return process.returncode, written.decode()

    return run


def _read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other end is closed
        return b""


def watched(prepared):
    in_the_middle(prepared)

    def end():
        prepared.machines = [row.replace(state=MachineState.FINALIZED, problem=None) for row in prepared.machines]
        prepared.end()

    prepared.later = [lambda: None, end]


def test_a_terminal_gets_a_live_picture_and_then_the_outcome(on_terminal, prepared):
    watched(prepared)

    code, written = on_terminal("watch", "finance.1", "--every", "0.1")

    assert code == 0
    assert CURSOR_UP in written
    assert "azferry approve finance.1 --wave shop --gate cutover" in written
    assert "Ctrl-C stops watching" in written
    assert "Outcome: Succeeded" in written[written.rindex(CURSOR_UP) :]


def test_a_dumb_terminal_gets_plain_lines(on_terminal, prepared):
    watched(prepared)

    code, written = on_terminal("watch", "finance.1", "--every", "0.1", term="dumb")

    assert code == 0
    assert "\x1b" not in written
    assert "shop shop-web1 InitialSync initial_sync 40%" in written


@pytest.mark.parametrize(("answer", "asks"), [("n\n", []), ("y\n", ["/api/migrations/finance.1/rollback"])])
def test_a_person_is_asked_back_before_a_rollback(on_terminal, prepared, answer, asks):
    at_the_end(prepared)

    _, written = on_terminal("rollback", "finance.1", typed=f"the customers complain\n{answer}")

    assert "Why are they rolled back? (kept in the ledger)" in written

    assert "Roll back all machines of finance.1? [y/N]" in written
    assert [request[1] for request in prepared.requests] == asks


def test_who_says_yes_beforehand_is_not_asked(on_terminal, prepared):
    at_the_end(prepared)

    code, written = on_terminal("cancel", "finance.1", "--yes")

    assert (0, False) == (code, "?" in written)


COLOUR = "\x1b[1;31m"  # bold red, as of a problem


@pytest.mark.parametrize(("more", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_are_left_out_where_nobody_wants_them(on_terminal, prepared, more, coloured):
    in_the_middle(prepared)

    _, written = on_terminal("show", "finance.1", **more)

    assert coloured == (COLOUR in written)
    assert ("\x1b[3" in written) == ("\x1b[36m" in written) == coloured


def test_a_table_is_as_wide_as_the_terminal(on_terminal, prepared):
    in_the_middle(prepared)

    _, wide = on_terminal("show", "finance.1", "--machines", "--state", "NotReady", COLUMNS="160", NO_COLOR="1")
    _, narrow = on_terminal("show", "finance.1", "--machines", "--state", "NotReady", NO_COLOR="1")

    assert ["Waits for" in wide, "Waits for" in narrow] == [True, False]
