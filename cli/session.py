"""What holds for every command: where the API is, who asks, how to answer, and how a failure is shown."""

import os
import sys
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from cli import formats, problem
from cli.arguments import usage
from cli.client import Api
from cli.connecting import connect
from cli.failing import Failing
from cli.options import SAID, Output
from cli.wording import plain

OPTION_OF = {"as": "plays"}  # `as` is a word of Python's own


class Session:
    """One call of the command line."""

    def __init__(self, ctx: typer.Context) -> None:
        """Read the options and the environment. Raises `BadParameter` for a form or a query that is none."""
        self._ctx = ctx
        self._said: dict[str, Any] = ctx.find_root().meta.get(SAID, {})
        self.console = Console(highlight=False, markup=False, emoji=False)
        self.form = self._wanted_form()
        self._query = formats.Query(self.option("query"))

    def option(self, name: str, default: str = "") -> str:
        """Give an option as it was said, else as the environment has it."""
        return str(self._said.get(OPTION_OF.get(name, name)) or os.environ.get(f"AZFERRY_{name.upper()}") or default)

    @cached_property
    def api(self) -> Api:
        """Give the client for the API that was named; it is closed with the command."""
        return self.connected("command line")

    def connected(self, surface: str) -> Api:
        """Give a client that says what the person uses; it is closed with the command."""
        api = connect(self.option, surface)
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
        return str(typer.prompt(f"Why {question}? (kept in the ledger)", err=self.as_data)).strip()

    def _wanted_form(self) -> Output:
        text = self.option("output", Output.TABLE)
        if text not in set(Output):
            raise usage(f"{text} is none of {', '.join(Output)}", "AZFERRY_OUTPUT")
        return Output(text)

    @property
    def as_data(self) -> bool:
        """Tell whether answers are wanted as data, not as words for people."""
        return self.form is not Output.TABLE or bool(self._query.text)

    @property
    def on_terminal(self) -> bool:
        """Tell whether a person watches: a real terminal that can move its cursor."""
        return self.console.file.isatty() and not self.console.is_dumb_terminal

    @property
    def can_ask(self) -> bool:
        """Tell whether a person is there to answer."""
        return sys.stdin.isatty() and self.on_terminal and not self.as_data

    def say(self, text: str, style: str = "") -> None:
        """Write one or more whole lines: no wrapping, so that commands can be copied."""
        self.console.print(Text(plain(text), style=style), soft_wrap=True)

    def show(self, renderable: Any) -> None:
        """Write a table or the like."""
        self.console.print(renderable)

    def write(self, data: Any, default: Output = Output.TABLE) -> None:
        """Write data in the form and the part that are wanted; `default` is the form of what is no table."""
        wanted = self._query.of(data)
        form = default if self.form is Output.TABLE else self.form
        if form is Output.TABLE:
            self.show(formats.table(wanted))
        elif written := formats.rendered(wanted, form):
            typer.echo(written)

    def write_next(self, data: Any) -> None:
        """Write data of which more may follow."""
        if written := formats.line(self._query.of(data), self.form):
            typer.echo(written)

    def complain(self, failing: Failing) -> None:
        """Write a problem: as data where JSON or YAML is asked for, else in words to the error output."""
        if self.form in (Output.JSON, Output.YAML):
            typer.echo(formats.rendered(failing.document.wire(), self.form))
            return
        console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        first, _, details = problem.text(failing.document).partition("\n")
        console.print(Text(first, style="bold red"), soft_wrap=True)
        if details:
            console.print(Text(details), soft_wrap=True)


def complaining(command: Callable[..., None]) -> Callable[..., None]:
    """Give the command with failures that become a problem that is told, and an exit code."""

    @wraps(command)
    def run(**given: Any) -> None:
        ctx: typer.Context = given["ctx"]
        try:
            command(**given)
        except Failing as failing:
            Session(ctx).complain(failing)
            raise typer.Exit(failing.exit) from None

    return run
