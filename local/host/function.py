"""What the host knows of one function of the app."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

RETURN = "$return"


@dataclass(frozen=True)
class Binding:
    """One binding as function.json would hold it; `data` has its camel-cased settings."""

    type: str
    name: str
    is_out: bool
    is_binary: bool
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Function:
    """One indexed function: its code, its trigger and its other bindings."""

    name: str
    call: Callable[..., Any]
    folder: str
    trigger: Binding
    inputs: tuple[Binding, ...]
    outputs: tuple[Binding, ...]
    is_async: bool
    wants_context: bool
    lacking: tuple[str, ...] = ()  # bindings that this host does not have: a run fails

    @property
    def returns(self) -> Binding | None:
        """The binding that takes the returned value, if there is one."""
        return next((binding for binding in self.outputs if binding.name == RETURN), None)

    @property
    def out_parameters(self) -> tuple[Binding, ...]:
        """The bindings that the function fills through `func.Out` parameters."""
        return tuple(binding for binding in self.outputs if binding.name != RETURN)

    @property
    def client_parameters(self) -> tuple[str, ...]:
        """The names of the parameters that take a durable client."""
        return tuple(binding.name for binding in self.inputs if binding.type == "durableClient")
