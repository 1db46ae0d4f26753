"""Blobs that are only appended to: each addition stands behind what its writer has read, or is not made."""

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError

from shared.storage.tables import asking

if TYPE_CHECKING:  # the start reads no SDK of blobs
    from azure.storage.blob import BlobClient, ContainerClient


def read(container: "ContainerClient", name: str) -> bytes:
    """Give what stands in a blob; nothing where there is none."""
    with asking("reading a blob"):
        try:
            return container.download_blob(name).readall()
        except ResourceNotFoundError:
            return b""


def append(container: "ContainerClient", name: str, body: bytes, behind: int) -> bool:
    """Add to a blob, which is made where it is missing. Gives False where it is not `behind` bytes long any more.

    A try whose answer was lost may have added it: the next one says False, and who reads again finds it.
    """
    blob = container.get_blob_client(name)
    with asking("appending to a blob"):
        try:
            if not behind:
                _make(blob)
            blob.append_block(body, appendpos_condition=behind)
        except HttpResponseError as refused:
            if refused.status_code != HTTPStatus.PRECONDITION_FAILED:
                raise
            return False
    return True


def written_once(container: "ContainerClient", name: str, make: Callable[[], bytes]) -> bytes:
    """Write a whole blob unless there is one of that name. Gives what stands there then."""
    if found := read(container, name):
        return found
    with asking("writing a blob"), suppress(ResourceExistsError):
        container.upload_blob(name, make())
    return read(container, name)


def _make(blob: "BlobClient") -> None:
    """Make an empty blob where there is none: a twin may have made it, and even have written."""
    with suppress(ResourceExistsError):
        blob.create_append_blob(match_condition=MatchConditions.IfMissing)
