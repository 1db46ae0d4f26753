"""`GET /` and `GET /page/{name}`: the page, a few static files that hold no data and ask the API with the operator's own key."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import azure.functions as func

from shared.durable.seam import Blueprint

bp = Blueprint()

FOLDER: Final = Path(__file__).parent / "page"
HOME: Final = "index.html"
KINDS: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
# Nothing runs, styles or is asked but what this app serves: no script and no style stands in the page itself.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)


class PageFile(NamedTuple):
    """A file of the page, its media type, and the ETag of what is in it."""

    content: bytes
    kind: str
    tag: str


@bp.route(route="/", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def show_page(req: func.HttpRequest) -> func.HttpResponse:
    """Give the page."""
    return _answer(req, HOME)


@bp.route(route="page/{name}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def show_page_file(req: func.HttpRequest) -> func.HttpResponse:
    """Give one of its files; a name is looked up in the folder's own list, so none leads out of it."""
    return _answer(req, req.route_params["name"])


def _answer(req: func.HttpRequest, name: str) -> func.HttpResponse:
    """Give a file with the policy, or 304 where the browser has it as it is; after a deployment it is asked for anew."""
    found = _files().get(name)
    headers = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
    if found is None:
        return func.HttpResponse("There is no such file.", status_code=404, mimetype="text/plain", headers=headers)
    headers["ETag"] = found.tag
    if found.tag in [each.strip().removeprefix("W/") for each in req.headers.get("if-none-match", "").split(",")]:
        return func.HttpResponse(status_code=304, headers=headers)
    return func.HttpResponse(found.content, mimetype=found.kind, charset="utf-8", headers=headers)


@lru_cache(maxsize=1)
def _files() -> dict[str, PageFile]:
    """Give the files of the page, read once."""
    return {path.name: _file(path) for path in FOLDER.iterdir() if path.suffix in KINDS}


def _file(path: Path) -> PageFile:
    content = path.read_bytes()
    return PageFile(content, KINDS[path.suffix], f'"{hashlib.sha256(content).hexdigest()[:32]}"')
