"""The options that every command has without saying so, wherever on the line they stand.

Kept light: it is imported to list the commands, while what answers them is imported when one is called.
"""

import inspect
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

DEFAULT_URL = "http://localhost:7071"
SAID = "azferry.said"  # where the options of this call are kept


class Output(StrEnum):
    """How answers are written."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    TSV = "tsv"


PANEL = "Everywhere"
OPTIONS: dict[str, Any] = {
    "url": Annotated[
        str | None,
        typer.Option(
            "--url",
            help=f"of the app; else AZFERRY_URL, else that of the profile, else {DEFAULT_URL}",
            rich_help_panel=PANEL,
        ),
    ],
    "profile": Annotated[
        str | None,
        typer.Option(
            "--profile",
            metavar="NAME",
            help="app and sign-in, as `login` kept them; else AZFERRY_PROFILE, else the current one",
            rich_help_panel=PANEL,
        ),
    ],
    "by": Annotated[
        str | None,
        typer.Option("--by", help="who you are, for the local stack only; else AZFERRY_BY", rich_help_panel=PANEL),
    ],
    "plays": Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="NAME:ROLE",
            help="who you play on the local stack, e.g. ada:operator,approver; else AZFERRY_AS",
            rich_help_panel=PANEL,
        ),
    ],
    "output": Annotated[
        Output | None, typer.Option("--output", "-o", help="how to answer; else AZFERRY_OUTPUT", rich_help_panel=PANEL)
    ],
    "query": Annotated[
        str | None,
        typer.Option(
            "--query", metavar="JMESPATH", help="only this of the answer, as JSON shows it", rich_help_panel=PANEL
        ),
    ],
}


def everywhere(command: Callable[..., None], *, without: tuple[str, ...] = ()) -> Callable[..., None]:
    """Give the command with the options of all commands, but those that it has of its own."""
    kept = {name: kind for name, kind in OPTIONS.items() if name not in without}
    signature = inspect.signature(command)

    def run(**given: Any) -> None:
        remember(given["ctx"], {name: given.pop(name) for name in kept})
        command(**given)

    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in kept.items()
    ]
    own = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in signature.parameters.values()]
    run.__signature__ = signature.replace(parameters=own + added)  # type: ignore[attr-defined]  # what typer reads
    run.__annotations__ = {each.name: each.annotation for each in own + added}
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run


def remember(ctx: typer.Context, options: Mapping[str, Any]) -> None:
    """Keep options that hold for every command, wherever on the line they stand; the last one counts."""
    stored = ctx.find_root().meta.setdefault(SAID, {})
    stored.update({name: value for name, value in options.items() if value is not None})
