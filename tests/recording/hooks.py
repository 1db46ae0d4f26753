"""Notes which operations of AWS and of Azure Resource Manager the app asks for, in whatever process it runs.

Only what the app itself asks is noted: the nearest caller of ours must be in its own folders, so that what a test or a
stand-in does with the same SDKs does not count. Each operation is written at its first sight, so a killed process has
told it too. Nothing is imported before the app imports it.
"""

import json
import os
import sys
from collections.abc import Callable
from functools import wraps
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
FOLDER = "RECORD_OPERATIONS_TO"  # where the notes go; children inherit it
APP = ("shared", "activities", "triggers")
BOTO, AZURE = "botocore.client", "azure.core.pipeline.transport._requests_basic"
VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete", "POST": "action"}

# What stands between the app and its SDKs without asking for anything itself.
PASSING_ON = (
    "/site-packages/",
    "/tests/recording/",
    "/tests/activities/setup_snapshots.py",
    "/tests/activities/crash_injection.py",
)

_seen: set[tuple[str, str]] = set()


def arm_operation(method: str, path: str) -> str:
    """Give the role action of a request, by ARM's own rule: the provider, then every second segment; a POST's last one acts."""
    parts = path.strip("/").split("/")
    marks = [index for index, part in enumerate(parts) if part.lower() == "providers"]
    last = marks[-1] if marks else len(parts)
    # a provider itself is something of its subscription
    provider, tail = (parts[last + 1], parts[last + 2 :]) if last + 2 < len(parts) else ("Microsoft.Resources", parts)
    return "/".join([provider, *tail[::2], VERBS[method]])


def aws_operations(service: str, operation: str, request: dict[str, Any]) -> list[str]:
    """Give the IAM actions of a call: its own, and those that its parameters need."""
    tags = ["ec2:CreateTags"] if request.get("TagSpecifications") else []
    passes = ["iam:PassRole"] if request.get("IamInstanceProfile") else []
    return [f"{service}:{operation}", *tags, *passes]


def caller() -> str:
    """Give the nearest module of this project that is on the way to here, as a path; empty = none."""
    frame = sys._getframe(2)  # noqa: SLF001 - there is no public way that is as cheap
    while frame:
        name = frame.f_code.co_filename
        if name.startswith(f"{ROOT}/") and not any(part in name for part in PASSING_ON):
            return name.removeprefix(f"{ROOT}/")
        frame = frame.f_back
    return ""


def note(operation: str) -> None:
    """Write an operation that the app asks for, once."""
    asker = caller()
    if asker.split("/", maxsplit=1)[0] not in APP or (operation, asker) in _seen:
        return
    _seen.add((operation, asker))
    folder = Path(os.environ[FOLDER])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{os.getpid()}.jsonl").open("a") as notes:
        notes.write(json.dumps({"operation": operation, "by": asker}) + "\n")


def watch_boto(module: ModuleType) -> None:
    """Listen to every call of a boto3 client."""
    send = module.BaseClient._make_api_call  # noqa: SLF001 - where all calls pass, also those of paginators

    @wraps(send)
    def noted(self: Any, operation_name: str, api_params: dict[str, Any]) -> Any:
        for each in aws_operations(self.meta.service_model.endpoint_prefix, operation_name, api_params):
            note(each)
        return send(self, operation_name, api_params)

    module.BaseClient._make_api_call = noted  # type: ignore[attr-defined] # noqa: SLF001 - see above


def watch_azure(module: ModuleType) -> None:
    """Listen to every request that an Azure SDK sends to Resource Manager."""
    send = module.RequestsTransport.send

    @wraps(send)
    def noted(self: Any, request: Any, **more: Any) -> Any:
        path = urlsplit(request.url).path
        if path.lower().startswith(("/subscriptions/", "/providers/")):
            note(arm_operation(request.method, path))
        return send(self, request, **more)

    module.RequestsTransport.send = noted  # type: ignore[attr-defined] # a module's attributes are not known


WATCHED: dict[str, Callable[[ModuleType], None]] = {BOTO: watch_boto, AZURE: watch_azure}


class _AfterImport(MetaPathFinder):
    """Puts a listener into a module as soon as somebody imports it."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        listener = WATCHED.get(fullname)
        if listener is None:
            return None
        sys.meta_path.remove(self)
        try:
            spec = find_spec(fullname)
        finally:
            sys.meta_path.insert(0, self)
        if spec and spec.loader:
            _listen(spec.loader, listener)
        return spec


def _listen(loader: Loader, listener: Callable[[ModuleType], None]) -> None:
    execute = loader.exec_module

    def and_listen(module: ModuleType) -> None:
        execute(module)
        listener(module)

    loader.exec_module = and_listen  # type: ignore[method-assign] # only this module's own loader


def install() -> None:
    """Listen from now on in this process."""
    for name, listener in WATCHED.items():
        if name in sys.modules:
            listener(sys.modules[name])
    sys.meta_path.insert(0, _AfterImport())
