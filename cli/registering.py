"""The command that fetches the registration key of a configuration server."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import Migration, Wave, check_new, to_write
from cli.client import of
from cli.session import Session

ONLY_MINE = 0o600


def registration_key(
    ctx: typer.Context,
    migration: Migration,
    wave: Wave = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", dir_okay=False, callback=to_write, help="write it there"),
    ] = None,
) -> None:
    """Make the key with which the plan's configuration server registers; a secret, valid for five days."""
    session = Session(ctx)
    path = out or Path(f"{migration}.VaultCredentials")
    check_new(path, "--out")
    parameters = {name: value for name, value in {"by": session.api.by, "wave": wave}.items() if value}
    body, kind = json.dumps(parameters).encode(), {"content-type": "application/json"}
    content = session.api.send(f"{of(migration)}/registration-key", body, kind).content
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, ONLY_MINE), "wb") as file:
        file.write(content)
    session.say(f"Wrote {path}: with it a server can register with the vault. Copy it to the server, then delete it.")
