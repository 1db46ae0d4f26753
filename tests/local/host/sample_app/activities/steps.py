"""The activities of the sample app."""

import asyncio
import json
import os
import time
from pathlib import Path

import azure.durable_functions as df
import azure.functions as func

bp = df.Blueprint()


@bp.activity_trigger(input_name="name")
def say(name: str) -> str:
    """Greet."""
    return f"hello {name}"


@bp.activity_trigger(input_name="value")
def echo(value: dict):
    """Give back what came."""
    return value


@bp.activity_trigger(input_name="text")
async def shout(text: str) -> str:
    """Greet loudly, on the loop."""
    await asyncio.sleep(0)
    return text.upper()


@bp.activity_trigger(input_name="reason")
def boom(reason: str) -> str:
    """Fail."""
    raise ValueError(reason)


@bp.activity_trigger(input_name="key")
def flaky(key: str) -> int:
    """Fail twice, then give the number of the attempt."""
    path = Path(os.environ["SAMPLE_SCRATCH"]) / f"flaky-{key}"
    attempt = int(path.read_text()) + 1 if path.exists() else 1
    path.write_text(str(attempt))
    if attempt < 3:
        raise RuntimeError(f"attempt {attempt}")
    return attempt


@bp.activity_trigger(input_name="step")
def journal(step: dict) -> dict:
    """Write one line, once for each key, and say what was written: safe to run twice."""
    folder = Path(os.environ["SAMPLE_SCRATCH"]) / step["run"]
    folder.mkdir(parents=True, exist_ok=True)
    time.sleep(step.get("seconds", 0))
    (folder / step["key"]).write_text(json.dumps(step))
    return {"wrote": step["key"]}


@bp.activity_trigger(input_name="message")
@bp.durable_client_input(client_name="client")
async def announce(message: dict, client: df.DurableOrchestrationClient) -> str:
    """Raise an event from inside an activity."""
    await client.raise_event(message["to"], message["event"], message["payload"])
    return "announced"


@bp.activity_trigger(input_name="nothing")
def who_am_i(nothing: str, context: func.Context) -> str:
    """Say the function's name as the context knows it."""
    return context.function_name
