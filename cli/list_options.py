"""How lists are to be read, as options of a command: one for each field of `ListOptions`."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_args

import typer

from cli.arguments import usage
from shared.lists.options import Encoding, ListOptions

PANEL = "How lists are read"
ENCODINGS = [name for name in get_args(Encoding) if name]
FLAGS = {
    "format": ("--format", "NAME"),
    "scenario": ("--scenario", "ROAD"),
    "wave": ("--wave", "NAME"),
    "wave_column": ("--wave-column", "HEADER"),
    "source_addresses": ("--source-addresses", None),
    "encoding": ("--encoding", "NAME"),
}


def with_list_options(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with these options in the place of its `options`."""
    signature = inspect.signature(command)

    def run(**given: Any) -> None:
        flags = {name: given.pop(name) for name in FLAGS}
        if flags["encoding"] not in ("", *ENCODINGS):
            raise usage(f"there is no such encoding; there are {', '.join(ENCODINGS)}", "--encoding")
        command(**given, options=ListOptions.model_validate(flags, by_name=True))

    own = [each for each in signature.parameters.values() if each.name != "options"]
    run.__signature__ = signature.replace(  # type: ignore[attr-defined]  # what typer reads
        parameters=[each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
        + [_option(name) for name in FLAGS]
    )
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run


def _option(name: str) -> inspect.Parameter:
    flag, metavar = FLAGS[name]
    field = ListOptions.model_fields[name]
    kind = bool if field.default is False else str
    words = typer.Option(flag, metavar=metavar, help=field.description, rich_help_panel=PANEL)
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=Annotated[kind, words]
    )
