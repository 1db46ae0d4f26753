"""Answers cross-origin requests as local.settings.json's `Host.CORS` allows."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp


def with_cors(application: ASGIApp, origins: tuple[str, ...], credentials: bool) -> ASGIApp:
    """Give the application with CORS in front of it; without origins it stays as it is."""
    if not origins:
        return application
    return CORSMiddleware(
        application,
        allow_origins=origins,
        allow_methods=["*"],
        allow_headers=["*"],
        allow_credentials=credentials,
        expose_headers=["*"],
    )
