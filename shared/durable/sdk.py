"""The only module that imports Durable Functions: what of the SDK is used, and what differs between its generations."""

from datetime import timedelta
from functools import lru_cache
from typing import TypeAlias

import azure.durable_functions as df

OrchestrationContext: TypeAlias = df.DurableOrchestrationContext


class Blueprint(df.Blueprint):  # type: ignore[misc] # the SDK publishes no types
    """The one blueprint that modules register their functions with."""

    def _register_builtin_http_functions(self) -> None:
        """Leave out what SDK 2.x adds to each blueprint for `call_http`: eighty of them would collide, and nobody calls it."""


@lru_cache(maxsize=2)
def retrying(generation: str) -> object:
    """Give how a fault is retried (refusals and busy travel as data). SDK 2.x warns where the class of 1.x is made."""
    if generation == "1":
        return df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=4)
    from durabletask.task import RetryPolicy  # noqa: PLC0415 - SDK 1.x does without it

    return RetryPolicy(first_retry_interval=timedelta(seconds=5), max_number_of_attempts=4)
