"""The command `mcp`: serves an assistant on this machine over its input and output."""

from typing import Annotated

import typer

from cli.failing import Exit, Failing
from cli.problem import Document
from cli.session import Session

SURFACE = "assistant"  # so that the ledger tells what an assistant did for a person from what they did themselves


def mcp(
    ctx: typer.Context,
    allow_decisions: Annotated[
        bool, typer.Option("--allow-decisions", help="also tools that approve, reject, confirm, pause, resume, retry")
    ] = False,
) -> None:
    """Serve an assistant over the Model Context Protocol (stdio): it may look, and decide only where that is allowed."""
    api = Session(ctx).connected(SURFACE)
    try:
        from cli.mcp_server import server_for  # noqa: PLC0415 - an extra that most do without
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "mcp":
            raise
        advice = "Install it beside azferry: pipx inject azferry 'mcp>=2.3,<3'."
        raise Failing(Document(title="The package mcp is not installed", advice=advice), Exit.USAGE) from None
    server_for(api, allow_decisions=allow_decisions).run("stdio")
