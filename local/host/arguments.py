"""The arguments of `python -m local.host`, and what its help says."""

import argparse
from pathlib import Path

DEFAULT_PORT = 7071
ABOUT = "Runs a Python v2-model function app on this machine, for development and rehearsal."
LIMITS = """\
What this host does
  HTTP, storage queue and timer triggers, queue and HTTP outputs; durable orchestrations, activities, entities,
  durable HTTP calls and clients, with their HTTP management API. It listens on 127.0.0.1 only. Access keys are
  asked for as in Azure (Core Tools do not ask): they are in DATA/keys.json; --no-auth switches them off.
  docs/local-host.md lists what was seen on Azure's own parts and how this host answers.

What it does not do
  - other triggers and bindings (blobs, tables, Service Bus, Event Hubs ...): a function with such a trigger is left
    out, one with such a binding fails when it is run; the start warns of both
  - lifecycle events to Event Grid (notifications in host.json are only checked)
  - other languages, the v1 model, extension bundles, deferred bindings and streamed (FastAPI) HTTP types
  - the functionTimeout, retry policies of functions, dynamic throttles, scaling out to more than one host
  - time zones: timers run in UTC (WEBSITE_TIME_ZONE is not heeded)
  - identity-based storage connections; telemetry to Application Insights
  - the rest of the admin API, reloading when files change, remote debugging

Where it is stricter than Azure, and louder
  - an activity, child or entity whose function is not there, and a child id that begins with @, fail the instance
    with the known names; Azure begins nothing, tells nobody, and what waits for it hangs
  - every action of an orchestrator is compared on each replay by kind and name, events too; Azure compares only what
    got an id, without letter case
  - calls that name another task hub get 404; Azure makes the tables of that hub
  - a route's regular expression that cannot be read stops the start; Azure fails at the first request
  - single quotes and bare names in host.json stop the start; Azure reads them

Where it is as odd as Azure, or differs
  - a purge by time takes what runs, unless it names a status at which instances end, as in Azure
  - an activity that was cut off runs again only after the visibility time, as in Azure (--visibility-timeout)
  - durable timers come on time; Azure's may come up to a second early (--early-timers)
  - overlapping routes are tried by function name and the first that fits answers, as in Azure; the start tells
    the routes in that order
  - a body that comes without Content-Length (in chunks) is not read, as in Azure; the log says so
  - a wrong method is answered with 405 and Allow; Azure says 404 (--wrong-method-404 does, too)
"""


def parser() -> argparse.ArgumentParser:
    """Give the parser."""
    made = argparse.ArgumentParser(
        prog="python -m local.host",
        description=ABOUT,
        epilog=LIMITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--app", type=Path, required=True, help="folder of the app (function_app.py, host.json)")
    made.add_argument("--data", type=Path, required=True, help="folder for histories, keys and timer status")
    made.add_argument(
        "--port", type=int, help=f"port to listen on, 0 for a free one (Host.LocalHttpPort, else {DEFAULT_PORT})"
    )
    made.add_argument("--clock", metavar="URL", help="the clock to live by; the wall clock without one")
    made.add_argument("--no-auth", action="store_true", help="ask nobody for a key, as Core Tools do")
    made.add_argument(
        "--queue-lease",
        type=int,
        default=60,
        choices=range(1, 601),
        metavar="SECONDS",
        help="how long a message stays invisible after this host was killed (Azure: 600)",
    )
    made.add_argument(
        "--visibility-timeout",
        type=int,
        choices=range(1, 3601),
        metavar="SECONDS",
        help="how long after it was taken an activity runs again when this host was killed (host.json, else 300)",
    )
    made.add_argument(
        "--early-timers",
        action="store_true",
        help="let durable timers come up to a second early, as Azure may do: finds loops that spin until a moment",
    )
    made.add_argument(
        "--wrong-method-404",
        action="store_true",
        help="answer a wrong method as Azure does, with 404, instead of 405 and the methods that are right",
    )
    made.add_argument(
        "--storage-inside",
        action="store_true",
        help="be the storage of AzureWebJobsStorage, at its ports of this machine: nothing is kept, and there are no queues",
    )
    made.add_argument("--verbose", action="store_true", help="log everything")
    return made
