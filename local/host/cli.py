"""The command line of the host: `python -m local.host --app DIR --port N --data DIR`."""

import argparse
import asyncio
import gc
import sys
import traceback
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from ..clock import Clock, connect
from ..storage.inside import inside
from . import isolation, local_settings, logs
from .arguments import DEFAULT_PORT, parser
from .function import Function
from .host import Options, run
from .host_json import HostJson, read_host_json
from .indexing import load_functions
from .lock import lock
from .problems import HostError
from .queues.connection import connection_string

SELDOM = (20_000, 20, 20)  # objects, young collections, middle ones: what a request makes is rarely a cycle


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the host and give the exit code: 0 after a stop, 1 when the app or the settings are wrong."""
    given = parser().parse_args(arguments)
    try:
        _host(given)
    except HostError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - what this command prints
        return 1
    return 0


def _host(given: argparse.Namespace) -> None:
    app, data = given.app.resolve(), given.data.resolve()
    settings = local_settings.read_local_settings(app)
    skipped = local_settings.apply(settings)
    host_json = read_host_json(app)
    logs.set_up(host_json.log_levels, verbose=given.verbose)
    _say_skipped(skipped)
    lock(data)
    clock = _clock(given.clock)
    isolation.enter(app)
    functions = _load(app)
    gc.set_threshold(*SELDOM)
    options = Options(
        data=data,
        port=_port(given.port, settings.port),
        auth=not given.no_auth,
        queue_lease=given.queue_lease,
        cors=settings.cors,
        cors_credentials=settings.cors_credentials,
        wrong_method_404=given.wrong_method_404,
    )
    with inside(connection_string(None, "--storage-inside")) if given.storage_inside else nullcontext():
        asyncio.run(run(functions, _as_told(host_json, given), options, clock))


def _as_told(host_json: HostJson, given: argparse.Namespace) -> HostJson:
    durable = replace(host_json.durable, early_timers=given.early_timers)
    if given.visibility_timeout is not None:
        durable = replace(durable, visibility=timedelta(seconds=given.visibility_timeout))
    return replace(host_json, durable=durable)


def _load(app: Path) -> list[Function]:
    try:
        return load_functions(app)
    except HostError:
        raise
    except BaseException as error:
        traceback.print_exc()
        raise HostError(f"The app does not load: {type(error).__name__}: {error}") from error


def _clock(url: str | None) -> Clock:
    try:
        return connect(url)
    except OSError as error:
        raise HostError(f"The clock at {url} does not answer: {error}") from error


def _port(chosen: int | None, configured: int | None) -> int:
    return next(port for port in (chosen, configured, DEFAULT_PORT) if port is not None)


def _say_skipped(names: list[str]) -> None:
    for name in names:
        print(f"Skipping '{name}' from local settings: the environment has it already.", file=sys.stderr)  # noqa: T201
