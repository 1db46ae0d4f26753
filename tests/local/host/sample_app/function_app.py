"""A small app that uses everything the local host has; its packages bear the names of the project's own."""

import azure.durable_functions as df
import azure.functions as func

from activities import steps
from local import greetings
from orchestrators import counters, flows
from shared import web

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
app.register_functions(steps.bp)
app.register_functions(flows.bp)
app.register_functions(counters.bp)
app.register_functions(web.bp)


@app.route(route="isolation")
def isolation(req: func.HttpRequest) -> str:
    """Say whose packages this app got."""
    return greetings.whose()
