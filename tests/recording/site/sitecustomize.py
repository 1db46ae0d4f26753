"""Python imports this at its start where it is on the path: processes that tests start are listened to as well."""

import importlib.util
import os
from pathlib import Path

if os.environ.get("RECORD_OPERATIONS_TO"):
    spec = importlib.util.spec_from_file_location("recording_hooks", Path(__file__).parents[1] / "hooks.py")
    hooks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hooks)
    hooks.install()
