"""Puts the parts of the host together, runs them, and takes them apart in order."""

import asyncio
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..clock import Clock
from .announce import announcement
from .durable.engine import Engine
from .durable_app import close_client_session, durable_app
from .function import Function
from .host_json import HostJson
from .invocation import Invoker
from .management.api import ManagementApi
from .management.urls import Urls
from .outputs import Outputs
from .queues.clients import QueueClients
from .signals import stop_event
from .triggers import Triggers
from .web.admin import AdminEndpoint
from .web.application import Application
from .web.cors import with_cors
from .web.functions import Doors, FunctionsEndpoint
from .web.keys import load_keys
from .web.routes import Route, build_routes
from .web.server import ADDRESS, WebServer, open_rpc_socket, open_socket

STOP_WITHIN = 10.0
THREADS_SETTING = "PYTHON_THREADPOOL_THREAD_COUNT"


@dataclass(frozen=True)
class Options:
    """How the host was asked to run."""

    data: Path
    port: int
    auth: bool = True
    queue_lease: int = 60
    cors: tuple[str, ...] = ()
    cors_credentials: bool = False
    wrong_method_404: bool = False


@dataclass(frozen=True)
class _Parts:
    """Everything that is started and stopped."""

    engine: Engine
    triggers: Triggers
    server: WebServer
    clients: QueueClients
    pool: ThreadPoolExecutor


@dataclass(frozen=True)
class _Doorway:
    """The two ports, who may come in, and where in the web the host is."""

    public: socket.socket
    rpc: socket.socket
    doors: Doors
    urls: Urls


async def run(functions: list[Function], settings: HostJson, options: Options, clock: Clock) -> None:
    """Run the app until the process is asked to stop; raises HostError when it cannot start."""
    stopping = stop_event(asyncio.get_running_loop())
    routes = build_routes(functions, settings.http.prefix)
    doorway = _open(functions, settings, options)
    parts = _build(functions, settings, options, clock, doorway, routes)
    parts.triggers.connect()
    parts.engine.start()
    try:
        parts.server.start()
        parts.triggers.start()
        print(announcement(functions, routes, doorway.urls.origin), flush=True)  # noqa: T201 - what this command prints
        await stopping.wait()
    finally:
        await _stop(parts)


def _open(functions: list[Function], settings: HostJson, options: Options) -> _Doorway:
    keys = load_keys(options.data, [function.name for function in functions])
    public, rpc = open_socket(options.port), open_rpc_socket()
    origin, rpc_origin = (f"http://{ADDRESS}:{each.getsockname()[1]}" for each in (public, rpc))
    doors = Doors(keys, open=not options.auth, wrong_method_404=options.wrong_method_404)
    return _Doorway(public, rpc, doors, Urls(origin, rpc_origin, settings.durable.hub, keys.durable))


def _build(
    functions: list[Function],
    settings: HostJson,
    options: Options,
    clock: Clock,
    doorway: _Doorway,
    routes: tuple[Route, ...],
) -> _Parts:
    clients = QueueClients()
    pool = ThreadPoolExecutor(_threads(), thread_name_prefix="function")
    invoker = Invoker(pool, doorway.urls.client(), _threads())
    outputs = Outputs(clients, base64_encoded=settings.queues.base64)
    outputs.check(functions)
    durable = durable_app(functions, invoker)
    engine = Engine(options.data, durable, settings.durable, clock, loop=asyncio.get_running_loop())
    triggers = Triggers(invoker, outputs, clients, engine, clock)
    triggers.add_queues(functions, settings.queues, options.queue_lease)
    triggers.add_timers(functions, options.data)
    endpoint = FunctionsEndpoint(routes, settings.http, doorway.doors, invoker, outputs, engine.busy)
    application = Application(
        functions=endpoint,
        management=ManagementApi(engine, doorway.urls),
        admin=AdminEndpoint(doorway.doors.keys, triggers.by_hand(), is_open=doorway.doors.open),
        doors=doorway.doors,
        rpc_port=doorway.rpc.getsockname()[1],
    )
    guarded = with_cors(application, options.cors, options.cors_credentials)
    server = WebServer(guarded, [doorway.public, doorway.rpc], STOP_WITHIN)
    return _Parts(engine, triggers, server, clients, pool)


async def _stop(parts: _Parts) -> None:
    """Take nothing new, let what runs end, and close; what is left over goes on after the next start."""
    await parts.triggers.stop(STOP_WITHIN)
    await parts.server.stop()
    await asyncio.to_thread(parts.engine.stop)
    await parts.clients.close()
    await close_client_session()
    parts.pool.shutdown(wait=False, cancel_futures=True)


def _threads() -> int:
    return int(os.environ.get(THREADS_SETTING) or min(32, (os.cpu_count() or 1) + 4))
