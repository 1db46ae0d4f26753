#!/usr/bin/env bash
# pywinrm 0.5.0: run_ps puts warnings and verbose lines of a script among its errors, and decodes one escape only.
#
# Guess: of the streams in PowerShell's CLIXML, std_err holds the error stream, with its _xHHHH_ escapes decoded.
# Seen: the text of every stream is joined, in order and without a mark, so a script that only warns has a std_err like one that failed.
#       Only _x000D__x000A_ becomes a line end; a lone _x000A_, and _x001B_ of PowerShell 7's colours, stay as they are.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pywinrm==0.5.0
"$folder/venv/bin/python" - <<'PYTHON'
import winrm

START = b'#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'


class Shell:
    """What a server answered to a script, as the protocol layer gives it."""

    def __init__(self, *lines):
        self.answer = START + b"".join(b'<S S="%s">%s</S>' % line for line in lines) + b"</Objs>"

    def open_shell(self):
        return "shell"

    def run_command(self, *_):
        return "command"

    def get_command_output(self, *_):
        return b"", self.answer, 0

    def cleanup_command(self, *_):
        pass

    close_shell = cleanup_command


def std_err(*lines):
    session = winrm.Session("127.0.0.1", auth=("u", "p"))
    session.protocol = Shell(*lines)
    return session.run_ps("any script").std_err.decode()


warned = std_err((b"warning", b"The disk is nearly full_x000D__x000A_"), (b"verbose", b"Stopping the service_x000D__x000A_"))
failed = std_err((b"Error", b"_x001B_[91mNo such service_x000A_Line 2_x000D__x000A_"))
print(f"warnings only: {warned!r}", f"an error: {failed!r}", sep="\n")
assert warned == "The disk is nearly full\nStopping the service", "this has changed"
assert failed == "_x001B_[91mNo such service_x000A_Line 2", "this has changed"
PYTHON
