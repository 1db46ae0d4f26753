"""Loads an app with Microsoft's worker library and invokes functions of it, as the real host tells the worker to.

    python worker.py APP < invocations.json > answers.json

A process of its own: the packages of an app have names that others have too. The messages of the host are stand-ins
with the fields that the library reads; invocations go through its own entry that needs no gRPC.
"""

import asyncio
import json
import os
import sys
import traceback
from types import SimpleNamespace
from typing import Any

import azure_functions_runtime as worker
from azure_functions_runtime.bindings.datumdef import Datum
from azure_functions_runtime.native_invocation import invocation_request_native


class StatusResult(SimpleNamespace):
    Success, Failure = "Success", "Failure"


class BindingInfo(SimpleNamespace):
    # As in Microsoft's FunctionRpc.proto: directions, and the data type that is not told.
    out, inout, undefined = 1, 2, 0


# fmt: off
MESSAGES = ("WorkerInitResponse", "WorkerMetadata", "FunctionMetadataResponse", "RpcFunctionMetadata", "RpcException",
            "RpcRetryOptions", "FunctionLoadResponse")
# fmt: on
PROTOS = SimpleNamespace(StatusResult=StatusResult, BindingInfo=BindingInfo, **dict.fromkeys(MESSAGES, SimpleNamespace))


async def work(app: str, invocations: list[dict[str, Any]]) -> dict[str, Any]:
    """Index the app, load each of its functions, and run the invocations in their order."""
    initial = SimpleNamespace(capabilities={}, function_app_directory=app)
    begun = await worker.worker_init_request(_message(worker_init_request=initial))
    if begun.result.status != StatusResult.Success:
        return {"failed": str(vars(begun.result.exception))}
    worker.start_threadpool_executor()
    found = (await worker.functions_metadata_request(_message())).function_metadata_results or []
    for function in found:
        request = SimpleNamespace(function_id=function.function_id, metadata=function)
        loaded = await worker.function_load_request(_message(function_load_request=request))
        assert loaded.result.status == StatusResult.Success
    ids = {each.name: each.function_id for each in found}
    answers = [await _invoke(ids[each["function"]], each) for each in invocations]
    worker.stop_threadpool_executor()
    return {"functions": {each.name: _bindings(each) for each in found}, "answers": answers}


async def _invoke(function_id: str, request: dict[str, Any]) -> dict[str, Any]:
    inputs = [(name, _datum(value)) for name, value in request["inputs"].items()]
    metadata = {name: _datum(value) for name, value in request.get("metadata", {}).items()}
    ok, returned, outputs, text, trace = await invocation_request_native("one", function_id, inputs, metadata)
    return {
        "ok": ok,
        "returned": _plain(returned),
        "outputs": {name: _plain(value) for name, value in outputs},
        "error": text,
        "trace": trace,
    }


def _message(**request: Any) -> SimpleNamespace:
    return SimpleNamespace(request=SimpleNamespace(**request), properties={"host": "127.0.0.1", "protos": PROTOS})


def _datum(data: dict[str, Any]) -> Datum:
    """Make what the host would have sent: `{"type": ..., "value": ...}`, HTTP requests as nested values."""
    if data["type"] != "http":
        return Datum(data["value"], data["type"])
    http = data["value"]
    texts = {part: {k: Datum(v, "string") for k, v in http.get(part, {}).items()} for part in PARTS}
    body = Datum(http.get("body", "").encode(), "bytes")
    return Datum(
        {"method": Datum(http["method"], "string"), "url": Datum(http["url"], "string"), "body": body} | texts, "http"
    )


PARTS = ("headers", "params", "query")


def _plain(datum: Any) -> Any:
    if datum is None:
        return None
    if datum.type != "http":
        return datum.value.decode() if isinstance(datum.value, bytes) else datum.value
    http = datum.value
    return {"status": int(http["status_code"].value), "body": _plain(http["body"])}


def _bindings(function: Any) -> list[list[str]]:
    """Give type, name and direction of each binding, as the host would read them."""
    raw = [json.loads(text) for text in function.raw_bindings]
    return sorted([each["type"], each["name"], str(each["direction"]).lower()] for each in raw)


def main() -> None:
    """Say everything on stdout, which is ours alone: the app's own prints go to stderr."""
    ours, sys.stdout = sys.stdout, sys.stderr
    app = os.path.realpath(sys.argv[1])
    sys.path[:] = [app, *sys.path[1:]]
    os.chdir(app)
    try:
        answer = asyncio.run(work(app, json.load(sys.stdin)))
    except Exception:  # noqa: BLE001 - whatever it was, the test is to show it
        answer = {"failed": traceback.format_exc()}
    json.dump(answer, ours)


if __name__ == "__main__":
    main()
