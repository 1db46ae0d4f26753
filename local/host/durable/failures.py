"""How Azure words what failed: the texts of the extension, and the .NET exceptions that travel as details."""

import traceback
from typing import Any

from .json_text import write_json

UNHANDLED = -2146233088  # the number that .NET gives to an exception of no special kind
SCRIPT = "Microsoft.Azure.WebJobs.Script"
EXTENSION = "Microsoft.Azure.WebJobs.Extensions.DurableTask"


def message_of(error: BaseException) -> str:
    """Return an exception as the Python worker tells it."""
    return f"{type(error).__name__}: {error}"


def frames(error: BaseException) -> str:
    """Return an exception's stack as the Python worker tells it."""
    return "".join(traceback.format_tb(error.__traceback__))


def activity_failed(name: str, text: str) -> str:
    """Return why an activity's task failed."""
    return f"Activity function '{name}' failed: {text}"


def orchestrator_failed(name: str, text: str) -> str:
    """Return why an orchestrator failed."""
    return f"Orchestrator function '{name}' failed: {text}"


def invocation_failed(error: BaseException) -> str:
    """Return what the host makes of an exception that is no orchestrator's own."""
    return f"One or more errors occurred. ({_result(message_of(error), frames(error))})"


def activity_details(error: BaseException) -> str:
    """Return the details of a failed activity: a serialized exception with the worker's inside."""
    text, stack = message_of(error), frames(error)
    return exception_details(text, _worker_exception(text, stack))


def exception_details(text: str, inner: dict[str, Any] | None = None) -> str:
    """Return a serialized .NET exception."""
    outer = {"$type": "System.Exception, System.Private.CoreLib", "ClassName": "System.Exception", "Message": text}
    remote = {"HelpURL": None, "StackTraceString": None, "RemoteStackTraceString": None, "RemoteStackIndex": 0}
    unset = {"ExceptionMethod": None, "HResult": UNHANDLED, "Source": None, "WatsonBuckets": None}
    return write_json({**outer, "Data": None, "InnerException": inner, **remote, **unset})


def child_details(text: str) -> str:
    """Return the details of a failed child."""
    at = f"   at {EXTENSION}.OutOfProcOrchestrationShim.HandleDurableTaskReplay(OrchestrationInvocationResult result)"
    return f"Message: {text}, StackTrace:{at}"


def _worker_exception(text: str, stack: str) -> dict[str, Any]:
    # Its class is not marked as serializable, so its properties are written, its own first.
    kind = {"$type": f"{SCRIPT}.Workers.Rpc.RpcException, {SCRIPT}.Grpc", "RemoteMessage": text}
    own = {**kind, "RemoteStackTrace": stack, "IsUserException": False, "RemoteTypeName": ""}
    data = {"$type": "System.Collections.ListDictionaryInternal, System.Private.CoreLib"}
    about = {"Message": _result(text, stack), "Data": data, "InnerException": None, "HelpLink": None}
    return {**own, **about, "Source": EXTENSION, "HResult": UNHANDLED, "StackTrace": f"   at {SCRIPT}.Workers"}


def _result(text: str, stack: str) -> str:
    return f"Result: Failure\nException: {text}\nStack: {stack}"
