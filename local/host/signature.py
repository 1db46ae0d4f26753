"""Checks a function's parameters against its bindings with the rules of Microsoft's Python worker."""

import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any

import azure.functions as func
from azure.functions import meta
from azure.functions._thirdparty import typing_inspect

from .function import RETURN, Binding
from .problems import HostError

CONTEXT = "context"


def check(name: str, call: Callable[..., Any], bindings: tuple[Binding, ...]) -> bool:
    """Check the whole signature and say whether the function wants the invocation context.

    Raises HostError where the worker would fail to load the function.
    """
    bound = {binding.name: binding for binding in bindings if binding.name != RETURN}
    parameters = set(inspect.signature(call).parameters)
    hints = _hints(name, call)
    wants_context = CONTEXT in parameters and CONTEXT not in bound
    if wants_context:
        parameters.remove(CONTEXT)
        _check_context(name, hints)
    _check_names(name, parameters, set(bound))
    for parameter, binding in bound.items():
        if parameter in hints:
            _check_parameter(name, binding, hints[parameter])
    _check_return(name, bindings, hints)
    return wants_context


def _hints(name: str, call: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(call)
    except (NameError, TypeError) as error:
        raise HostError(f"cannot load the {name} function: {error}") from error


def _check_context(name: str, hints: Mapping[str, Any]) -> None:
    hint = hints.get(CONTEXT)
    if hint is not None and (not isinstance(hint, type) or hint.__name__ != "Context"):
        raise HostError(f'cannot load the {name} function: "context" must be an azure.functions.Context, not {hint!r}')


def _check_names(name: str, parameters: set[str], bound: set[str]) -> None:
    if parameters - bound:
        raise HostError(
            f"cannot load the {name} function: parameters declared in Python but not as bindings: "
            f"{sorted(parameters - bound)}"
        )
    if bound - parameters:
        raise HostError(
            f"cannot load the {name} function: bindings without a parameter in Python: {sorted(bound - parameters)}"
        )


def _check_parameter(name: str, binding: Binding, hint: Any) -> None:
    is_out = typing.get_origin(hint) is func.Out or hint is func.Out
    if binding.is_out != is_out:
        ought = "azure.functions.Out" if binding.is_out else "no azure.functions.Out"
        raise HostError(f'cannot load the {name} function: "{binding.name}" must be annotated as {ought}')
    kind = _value_type(hint) if is_out else hint
    if not isinstance(kind, type) and not _is_generic(kind):
        raise HostError(f'cannot load the {name} function: "{binding.name}" has the non-type annotation {hint!r}')
    if kind not in (str, bytes) and not _converts(binding, kind):
        raise HostError(f'cannot load the {name} function: {binding.type} "{binding.name}" cannot be a {kind!r}')


def _is_generic(kind: Any) -> bool:
    # `typing.List[str]` is one for the worker, `list[str]` and unions are not.
    return bool(typing_inspect.is_generic_type(kind))  # type: ignore[no-untyped-call]  # the library is untyped here


def _value_type(hint: Any) -> Any:
    inner = typing.get_args(hint)
    return inner[0] if inner else str


def _converts(binding: Binding, kind: Any) -> bool:
    converter: Any = meta._ConverterMeta.get(binding.type)  # type: ignore[no-untyped-call]  # noqa: SLF001 - the worker asks it too
    if converter is None:
        return kind in (str, bytes)
    annotation_check = (
        converter.check_output_type_annotation if binding.is_out else converter.check_input_type_annotation
    )
    try:
        return bool(annotation_check(kind))
    except TypeError:
        # The library asks issubclass of a generic alias.
        return False


def _check_return(name: str, bindings: tuple[Binding, ...], hints: Mapping[str, Any]) -> None:
    returned = next((binding for binding in bindings if binding.name == RETURN), None)
    if returned is None or "return" not in hints:
        return
    hint = hints["return"]
    if not isinstance(hint, type):
        raise HostError(f"cannot load the {name} function: it has the non-type return annotation {hint!r}")
    if hint not in (str, bytes) and not _converts(returned, hint):
        raise HostError(f"cannot load the {name} function: its {returned.type} output cannot be a {hint.__name__}")
