"""The HTTP, queue and timer functions of the sample app."""

import json
import logging
import os
import time
from pathlib import Path

import azure.durable_functions as df
import azure.functions as func

bp = df.Blueprint()


@bp.route(route="hello/{name?}", methods=["GET", "POST"])
def hello(req: func.HttpRequest) -> str:
    """Greet whom the route names."""
    logging.info("saying hello")
    return f"hello {req.route_params.get('name', 'nobody')}"


@bp.route(route="numbers/{n:int:range(1,9)}", methods=["GET"])
def number(req: func.HttpRequest) -> func.HttpResponse:
    """Take small numbers only."""
    return func.HttpResponse(json.dumps({"n": int(req.route_params["n"])}), mimetype="application/json")


@bp.route(route="", methods=["GET"])
def named_by_function(req: func.HttpRequest) -> str:
    """An empty route means the function's name."""
    return "by name"


@bp.route(route="mirror", methods=["POST", "PUT"])
async def mirror(req: func.HttpRequest) -> func.HttpResponse:
    """Give the body back with headers of several values."""
    response = func.HttpResponse(
        req.get_body(), status_code=201, mimetype=req.headers.get("content-type", "application/octet-stream")
    )
    response.headers.add("X-Several", "first")
    response.headers.add("X-Several", "last")
    response.headers.add("Set-Cookie", "a=1; Path=/")
    response.headers.add("Set-Cookie", "b=2; Path=/")
    response.headers["X-Seen"] = json.dumps(
        {"method": req.method, "params": dict(req.params), "many": req.headers.get("x-many"), "url": req.url}
    )
    return response


@bp.route(route="secret", auth_level=func.AuthLevel.FUNCTION)
def secret(req: func.HttpRequest) -> str:
    """Ask for a function key."""
    return "secret"


@bp.route(route="boss", auth_level=func.AuthLevel.ADMIN)
def boss(req: func.HttpRequest) -> str:
    """Ask for the master key."""
    return "boss"


@bp.route(route="crash")
def crash(req: func.HttpRequest) -> str:
    """Fail."""
    raise LookupError("the sample crashed on purpose")


@bp.route(route="nothing")
def nothing(req: func.HttpRequest):
    """Give None, which is no answer."""


@bp.route(route="settings")
def settings(req: func.HttpRequest) -> str:
    """Tell what local.settings.json set."""
    return os.environ.get("SAMPLE_SETTING", "")


@bp.route(route="slow")
def slow(req: func.HttpRequest) -> str:
    """Take its time."""
    time.sleep(float(os.environ.get("SAMPLE_SLOW", "0.1")))
    return "at last"


@bp.route(route="start/{name}", methods=["POST"])
@bp.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Start an orchestration with the body as its input, through the SDK."""
    body = json.loads(req.get_body()) if req.get_body() else None
    made = await client.start_new(req.route_params["name"], req.params.get("id"), body, req.params.get("version"))
    return client.create_check_status_response(req, made)


@bp.route(route="wait/{name}", methods=["POST"])
@bp.durable_client_input(client_name="client")
async def wait(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Start an orchestration and wait for its end: the request sleeps while it polls."""
    made = await client.start_new(req.route_params["name"], None, json.loads(req.get_body() or b"null"))
    return await client.wait_for_completion_or_create_check_status_response(req, made, 20_000, 100)


@bp.route(route="manage/{verb}/{id}", methods=["POST"])
@bp.durable_client_input(client_name="client")
async def manage(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> str:
    """Call the SDK client's management methods."""
    verb, instance_id = req.route_params["verb"], req.route_params["id"]
    if verb == "event":
        await client.raise_event(instance_id, req.params["name"], req.get_json())
    elif verb == "purge":
        return str((await client.purge_instance_history(instance_id)).instances_deleted)
    elif verb == "restart":
        # SDK 1.7 promises a text and gives the whole answer.
        return (await client.restart(instance_id, restart_with_new_instance_id=False))["id"]
    elif verb == "status":
        return str((await client.get_status(instance_id, show_input=True)).runtime_status)
    else:
        await getattr(client, verb)(instance_id, "by the sample")
    return verb


@bp.route(route="send/{queue}", methods=["POST"])
@bp.queue_output(arg_name="message", queue_name="%SAMPLE_PREFIX%-in", connection="AzureWebJobsStorage")
def send(req: func.HttpRequest, message: func.Out[str]) -> str:
    """Put the body on the queue that `on_message` watches."""
    message.set(req.get_body().decode())
    return "sent"


@bp.queue_trigger(arg_name="message", queue_name="%SAMPLE_PREFIX%-in", connection="AzureWebJobsStorage")
@bp.queue_output(arg_name="$return", queue_name="%SAMPLE_PREFIX%-out", connection="AzureWebJobsStorage")
def on_message(message: func.QueueMessage) -> str:
    """Tell what came; a message that says so fails, or takes its time."""
    text = message.get_body().decode()
    if "fail" in text:
        raise RuntimeError(f"cannot do {text}")
    if "slow" in text:
        time.sleep(float(os.environ.get("SAMPLE_SLOW", "0.1")))
    return json.dumps({"text": text, "count": message.dequeue_count, "id": message.id})


@bp.queue_trigger(arg_name="text", queue_name="%SAMPLE_PREFIX%-start", connection="AzureWebJobsStorage")
@bp.durable_client_input(client_name="client")
async def on_start(text: str, client: df.DurableOrchestrationClient) -> None:
    """Start a `work` orchestration for each message, once."""
    wanted = json.loads(text)
    status = await client.get_status(wanted["run"])
    if status.runtime_status is None:
        await client.start_new("work", wanted["run"], wanted)


def _tick(name: str, timer: func.TimerRequest) -> None:
    line = json.dumps({"past_due": timer.past_due, "status": timer.schedule_status})
    with (Path(os.environ["SAMPLE_SCRATCH"]) / name).open("a") as file:
        file.write(f"{line}\n")


@bp.timer_trigger(arg_name="timer", schedule="%SAMPLE_SCHEDULE%", run_on_startup=False)
def every(timer: func.TimerRequest) -> None:
    """Write a line at each tick."""
    _tick("every", timer)


@bp.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *", run_on_startup=True)
async def at_start(timer: func.TimerRequest) -> None:
    """Write a line when the host starts."""
    _tick("at_start", timer)


@bp.route(route="binding")
@bp.generic_input_binding(arg_name="client", type="durableClient")
def binding(req: func.HttpRequest, client: str) -> func.HttpResponse:
    """Show what a durable client is made from."""
    return func.HttpResponse(client, mimetype="application/json")
