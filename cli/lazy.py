"""Commands whose modules are imported when they are called: to list them, or to run another one, costs nothing."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

from cli.options import everywhere


class Entry(NamedTuple):
    """A command in the list: its panel, its function as `module:name`, and the first line of its help."""

    panel: str
    function: str
    summary: str

    def load(self) -> Callable[..., None]:
        """Import the function; its failures become exit codes."""
        module, _, name = self.function.partition(":")
        command = getattr(import_module(module), name)
        return import_module("cli.session").complaining(command)  # type: ignore[no-any-return]  # it gives a function


def lazy_group(entries: dict[str, Entry], without: dict[str, tuple[str, ...]]) -> type[TyperGroup]:
    """Make the class of a group that has these commands; `without` names options of all commands that one has not."""

    class LazyGroup(TyperGroup):
        """Resolves a name to the real command; what it lists are entries of the table."""

        def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
            """Import what is called; a name that is not there is refused by Typer, with one that is like it."""
            name, listed, arguments = super().resolve_command(ctx, args)
            if name is None or listed is None:
                return name, listed, arguments
            own = typer.Typer(add_completion=False, context_settings=ctx.command.context_settings)
            own.command(name)(everywhere(entries[name].load(), without=without.get(name, ())))
            return name, typer.main.get_command(own), arguments

    return LazyGroup
