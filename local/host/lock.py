"""Keeps a second host away from a data folder that is in use."""

import os
import sys
from pathlib import Path

from .problems import HostError

if sys.platform != "win32":
    import fcntl

FILE = "host.lock"


def lock(data: Path) -> int:
    """Take the folder for this process; the system gives it back when the process ends, however it ends."""
    data.mkdir(parents=True, exist_ok=True)
    handle = os.open(data / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    if sys.platform == "win32":
        return handle
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise HostError(f"Another host uses the data folder {data}.") from error
    return handle
