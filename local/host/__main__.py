"""Starts the host: `python -m local.host --help`."""

import logging
import os
import sys

from .cli import main

if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stdout.flush()
    # A function that never ends must not keep the process: Python would wait for its thread.
    os._exit(code)
