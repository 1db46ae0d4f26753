"""What holds for every command: where the API is, who asks, how to answer, and how a failure is shown."""

import json
import os
import sys
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from cli import problem
from cli.arguments import usage
from cli.client import Api
from cli.failing import Failing
from cli.options import DEFAULT_URL, SAID, Output
from cli.wording import plain
from shared.decisions.people import EVERY_ROLE, Person, played

OPTION_OF = {"as": "plays"}  # `as` is a word of Python's own


def played_as(text: str) -> Person | None:
    """Give the person that `NAME:ROLE,ROLE` plays; without a role in all of them. Raises `BadParameter`."""
    name, _, roles = text.partition(":")
    wanted = [each.strip() for each in roles.split(",") if each.strip()]
    full = [each if "." in each else f"azferry.{each}" for each in wanted]
    if wanted and not set(full) & set(EVERY_ROLE):
        raise usage(f"no role of azferry: {roles}; there are reader, operator, approver and owner", "--as")
    return played(name.strip(), full or EVERY_ROLE) if name.strip() else None


class Session:
    """One call of the command line."""

    def __init__(self, ctx: typer.Context) -> None:
        """Read the options and the environment."""
        self._ctx = ctx
        self._said: dict[str, Any] = ctx.find_root().meta.get(SAID, {})
        self.console = Console(highlight=False, markup=False, emoji=False)

    def _option(self, name: str, default: str = "") -> str:
        return str(self._said.get(OPTION_OF.get(name, name)) or os.environ.get(f"AZFERRY_{name.upper()}") or default)

    @cached_property
    def api(self) -> Api:
        """Give the client for the API that was named; it is closed with the command."""
        # a token is long and worth an hour of somebody's rights: it has no option that others could see in a list
        token = os.environ.get("AZFERRY_TOKEN", "")
        where, key = self._option("url", DEFAULT_URL), self._option("key")
        api = Api(where, key, self._option("by"), token, played_as(self._option("as")))
        self._ctx.call_on_close(api.close)
        return api

    def why(self, given: str, question: str, option: str = "--comment") -> str:
        """Give the comment that a command needs: as it was given, else as a person answers.

        Raises `BadParameter` where nobody is there to ask.
        """
        if given.strip():
            return given.strip()
        if not self.can_ask:
            raise usage("say why: it is kept in the ledger", option)
        return str(typer.prompt(f"Why {question}? (kept in the ledger)")).strip()

    @property
    def as_json(self) -> bool:
        """Tell whether answers are wanted as JSON."""
        return self._option("output") == Output.JSON

    @property
    def on_terminal(self) -> bool:
        """Tell whether a person watches: a real terminal that can move its cursor."""
        return self.console.file.isatty() and not self.console.is_dumb_terminal

    @property
    def can_ask(self) -> bool:
        """Tell whether a person is there to answer."""
        return sys.stdin.isatty() and self.on_terminal and not self.as_json

    def say(self, text: str, style: str = "") -> None:
        """Write one or more whole lines: no wrapping, so that commands can be copied."""
        self.console.print(Text(plain(text), style=style), soft_wrap=True)

    def show(self, renderable: Any) -> None:
        """Write a table or the like."""
        self.console.print(renderable)

    def write_json(self, data: Any) -> None:
        """Write data as JSON."""
        typer.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))

    def write_line(self, data: Any) -> None:
        """Write data as JSON on one line."""
        typer.echo(json.dumps(data, ensure_ascii=False))

    def complain(self, failing: Failing) -> None:
        """Write a problem to the error output."""
        if self.as_json:
            typer.echo(json.dumps(failing.document.wire(), indent=2, ensure_ascii=False), err=True)
            return
        console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        first, _, rest = problem.text(failing.document).partition("\n")
        console.print(Text(first, style="bold red"), soft_wrap=True)
        if rest:
            console.print(Text(rest), soft_wrap=True)


def complaining(command: Callable[..., None]) -> Callable[..., None]:
    """Give the command with failures that become a problem on the error output, and an exit code."""

    @wraps(command)
    def run(**given: Any) -> None:
        ctx: typer.Context = given["ctx"]
        try:
            command(**given)
        except Failing as failing:
            Session(ctx).complain(failing)
            raise typer.Exit(failing.exit) from None

    return run
