"""The command line: which commands there are."""

from collections.abc import Callable

import typer

from cli import deciding, looking, registering, starting, steering
from cli.everywhere import everywhere

EXIT_CODES = (
    "Exit codes: 0 done (watch: Succeeded) · 1 ended otherwise, or the plan is not valid · 2 given wrongly · "
    "3 the API answered with a problem · 4 the API cannot be reached · 130 stopped by Ctrl-C"
)
COMMANDS: dict[str, tuple[str, Callable[..., None]]] = {
    "validate": ("Plans", starting.validate),
    "start": ("Plans", starting.start),
    "schema": ("Plans", starting.schema),
    "list": ("Look", looking.list_all),
    "show": ("Look", looking.show),
    "watch": ("Look", looking.watch),
    "events": ("Look", looking.events),
    "report": ("Look", looking.report),
    "approve": ("Decide", deciding.approve),
    "confirm": ("Decide", deciding.confirm),
    "registration-key": ("Decide", registering.registration_key),
    "cutover": ("Decide", deciding.cutover),
    "skip": ("Decide", deciding.skip),
    "acknowledge": ("Decide", deciding.acknowledge),
    "pause": ("Steer", steering.pause),
    "resume": ("Steer", steering.resume),
    "retry": ("Steer", steering.retry),
    "cancel": ("Steer", steering.cancel),
    "rollback": ("Steer", steering.rollback),
}

app = typer.Typer(
    name="azferry",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _before(ctx: typer.Context) -> None:
    """Moves fleets of machines into Azure: starts migrations, watches them, decides at their gates."""


app.callback()(everywhere(_before))


for name, (panel, command) in COMMANDS.items():
    without = ("output",) if command in (looking.report, registering.registration_key) else ()  # its -o names the file
    app.command(name, rich_help_panel=panel)(everywhere(command, without=without))
