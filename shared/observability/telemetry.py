"""Sends traces and metrics to Application Insights, where there is one; logs go there by the Functions host.

Only our own spans are sent: what the SDKs would add are URLs of operations, which are signed and as good as a key.
"""

import logging
from typing import Any, Final

from shared.azure.clients import credential
from shared.settings import insights_connection_string, settings
from shared.version import VERSION

# They tell URLs and headers of every request; at this level they tell what went wrong.
TALKATIVE: Final = ("azure", "botocore", "boto3", "urllib3", "msal", "opentelemetry")
# Everything that the distribution would listen to by itself.
INSTRUMENTED: Final = (
    "azure_sdk",
    "django",
    "fastapi",
    "flask",
    "httpx",
    "httpx2",
    "psycopg2",
    "requests",
    "urllib",
    "urllib3",
)


def start() -> bool:
    """Quieten the SDKs, and send telemetry if the app is told where to; tells whether it does."""
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    connection = insights_connection_string()
    if connection:
        # imported late: it is slow, and on a developer's machine nobody needs it
        from azure.monitor.opentelemetry import configure_azure_monitor  # noqa: PLC0415 - see above

        configure_azure_monitor(**options(connection))
    return bool(connection)


def options(connection: str) -> dict[str, Any]:
    """Give what the distribution is configured with: the app's identity, all of our spans, nobody else's."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - needed where telemetry is sent

    named = {"credential": credential()} if settings().identity_client_id else {}
    return named | {
        "connection_string": connection,
        "disable_logging": True,
        "enable_live_metrics": False,
        "instrumentation_options": {name: {"enabled": False} for name in INSTRUMENTED},
        "resource": Resource.create({"service.name": "azferry", "service.version": VERSION}),
        "sampling_ratio": 1.0,
    }
