"""Loads the app and lists its functions, once, the way Microsoft's Python worker does."""

import importlib
import inspect
import logging
import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from azure.functions import FunctionRegister

from . import signature
from .function import Binding, Function
from .invocation import NOT_HERE
from .problems import HostError

logger = logging.getLogger("host")
SCRIPT_SETTING = "PYTHON_SCRIPT_FILE_NAME"
SCRIPT = "function_app.py"
TRIGGERS = frozenset({"httpTrigger", "queueTrigger", "timerTrigger"})
TRIGGERS |= {"orchestrationTrigger", "activityTrigger", "entityTrigger"}
INPUTS = TRIGGERS | {"durableClient"}
OUTPUTS = frozenset({"http", "queue"})
_NAME = re.compile(r"(?!host$)[a-z][a-z0-9_-]{0,126}", re.IGNORECASE)


def load_functions(app: Path) -> list[Function]:
    """Import the app and give its functions in the order of their names; whatever its import raises comes through.

    A function whose trigger this host does not have is left out with a warning; one with another binding that it does
    not have is taken in, and fails when it is run.

    Raises HostError when the app is no v2-model app or a function would not load in Azure.
    """
    script = os.environ.get(SCRIPT_SETTING, SCRIPT)
    if not (app / script).is_file():
        raise HostError(f"No {script} in {app}: this host runs apps of the Python v2 programming model.")
    register = _register_of(_import(Path(script).stem), script)
    found = [indexed for built in register.get_functions() if (indexed := _index(built)) is not None]
    return sorted(found, key=lambda function: function.name.upper())


def _import(module: str) -> ModuleType:
    # The host may have been started by a test that has a module of this name.
    sys.modules.pop(module, None)
    return importlib.import_module(module)


def _register_of(module: ModuleType, script: str) -> FunctionRegister:
    found = [value for value in vars(module).values() if isinstance(value, FunctionRegister)]
    if len(found) != 1:
        raise HostError(f"{script} must hold exactly one top-level function app instance, not {len(found)}.")
    return found[0]


def _index(built: Any) -> Function | None:
    name, call = built.get_function_name(), built.get_user_function()
    if not _NAME.fullmatch(name):
        raise HostError(f"'{name}' is no name for a function: letters, digits, _ and -, a letter first.")
    trigger = built.get_trigger()
    bindings = tuple(_binding(raw, is_trigger=raw is trigger) for raw in built.get_bindings())
    if is_disabled(name):
        logger.info("The function %s is disabled.", name)
        return None
    if trigger.type not in TRIGGERS:
        logger.warning("The function %s never runs: its trigger is %s, %s.", name, trigger.type, NOT_HERE)
        return None
    lacking = _lacking(name, bindings)
    return Function(
        name=name,
        call=call,
        folder=os.fspath(Path(inspect.getfile(call)).parent),
        trigger=next(binding for binding in bindings if binding.type == trigger.type),
        inputs=tuple(binding for binding in bindings if not binding.is_out and binding.type not in TRIGGERS),
        outputs=tuple(binding for binding in bindings if binding.is_out),
        is_async=inspect.iscoroutinefunction(call),
        wants_context=False if lacking else signature.check(name, call, bindings),
        lacking=lacking,
    )


def _binding(raw: Any, *, is_trigger: bool) -> Binding:
    data = {key: value for key, value in raw.get_dict_repr().items() if key not in ("direction", "dataType")}
    is_out = raw.direction == 1 and not is_trigger
    return Binding(type=raw.type, name=raw.name, is_out=is_out, is_binary=raw.data_type == 2, data=data)


def is_disabled(name: str) -> bool:
    """Say whether an app setting switches a function off, as `AzureWebJobs.<name>.Disabled` does."""
    wanted = (f"azurewebjobs.{name}.disabled".lower(), f"azurewebjobs__{name}__disabled".lower())
    return any(key.lower() in wanted and value.strip().lower() in ("true", "1") for key, value in os.environ.items())


def _lacking(name: str, bindings: tuple[Binding, ...]) -> tuple[str, ...]:
    """Give the types of bindings that this host does not have, after a warning."""
    found = tuple(each.type for each in bindings if each.type not in (OUTPUTS if each.is_out else INPUTS))
    if found:
        logger.warning("The function %s fails when it is run: it uses %s, %s.", name, ", ".join(found), NOT_HERE)
    return found
