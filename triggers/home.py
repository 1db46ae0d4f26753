"""`GET /`: the page, one self-contained file; it holds no data, and asks the API with the operator's own key."""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Final

import azure.functions as func

from shared.durable.seam import Blueprint

bp = Blueprint()

FILE: Final = Path(__file__).parent / "page" / "index.html"


@bp.route(route="/", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def show_page(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the worker gives it by name
    """Give the page; its policy lets nothing run but its own script, and nothing be asked but this app."""
    page, policy = _page()
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
    return func.HttpResponse(page, mimetype="text/html", charset="utf-8", headers=headers)


@lru_cache(maxsize=1)
def _page() -> tuple[str, str]:
    """Give the page and its content security policy."""
    page = FILE.read_text(encoding="utf-8")
    scripts = " ".join(f"'sha256-{_digest(each)}'" for each in re.findall(r"<script>(.*?)</script>", page, re.DOTALL))
    allowed = f"script-src {scripts}; style-src 'unsafe-inline'; connect-src 'self'; img-src data:"
    return page, f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
