"""Proves that `import local` means the app's own package."""

import os
import sys
from pathlib import Path


def whose() -> str:
    """Name this module's folder, the working folder and the head of the import path."""
    return "\n".join([os.path.dirname(__file__), str(Path.cwd()), sys.path[0]])
