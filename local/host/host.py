"""Puts the parts of the host together, runs them, and takes them apart in order."""

import asyncio
import os
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
from .web.routes import build_routes
from .web.server import ADDRESS, WebServer, open_socket

STOP_WITHIN = 10.0
THREADS_SETTING = "PYTHON_THREADPOOL_THREAD_COUNT"


@dataclass(frozen=True)
class Options:
    """How the host was asked to run."""

    data: Path
    port: int
    auth: bool = True
    queue_lease: float = 60.0
    cors: tuple[str, ...] = ()
    cors_credentials: bool = False


async def run(functions: list[Function], settings: HostJson, options: Options, clock: Clock) -> None:
    """Run the app until the process is asked to stop; raises HostError when it cannot start."""
    stopping = stop_event(asyncio.get_running_loop())
    routes = build_routes(functions, settings.http.prefix)
    keys = load_keys(options.data, [function.name for function in functions])
    public, rpc = open_socket(options.port), open_socket(0)
    origin, rpc_origin = (f"http://{ADDRESS}:{one.getsockname()[1]}" for one in (public, rpc))
    urls = Urls(origin, rpc_origin, settings.durable.hub, keys.durable)
    clients = QueueClients()
    pool = ThreadPoolExecutor(_threads(), thread_name_prefix="function")
    invoker = Invoker(pool, urls.client())
    outputs = Outputs(clients, base64_encoded=settings.queues.base64)
    outputs.check(functions)
    engine = Engine(
        options.data, durable_app(functions, invoker), settings.durable, clock, loop=asyncio.get_running_loop()
    )
    triggers = Triggers(invoker, outputs, clients, engine, clock)
    triggers.add_queues(functions, settings.queues, options.queue_lease)
    triggers.add_timers(functions, options.data)
    doors = Doors(keys, open=not options.auth)
    application = Application(
        functions=FunctionsEndpoint(routes, settings.http, doors, invoker, outputs, engine.busy),
        management=ManagementApi(engine, urls),
        admin=AdminEndpoint(keys, triggers.by_hand(), is_open=doors.open),
        doors=doors,
        rpc_port=rpc.getsockname()[1],
    )
    server = WebServer(with_cors(application, options.cors, options.cors_credentials), [public, rpc], STOP_WITHIN)
    triggers.connect()
    engine.start()
    try:
        server.start()
        triggers.start()
        print(announcement(functions, routes, origin), flush=True)  # noqa: T201 - what this command prints
        await stopping.wait()
    finally:
        await triggers.stop(STOP_WITHIN)
        await server.stop()
        await asyncio.to_thread(engine.stop)
        await clients.close()
        await close_client_session()
        pool.shutdown(wait=False, cancel_futures=True)


def _threads() -> int:
    return int(os.environ.get(THREADS_SETTING) or min(32, (os.cpu_count() or 1) + 4))
