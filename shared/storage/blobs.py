"""Blobs of the app's container: written once or anew, read whole."""

from contextlib import suppress
from datetime import datetime

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from shared.storage.tables import asking, container


def read(name: str) -> bytes | None:
    """Return a blob's content, or None where there is none."""
    with asking("reading a blob"):
        try:
            return container().download_blob(name).readall()
        except ResourceNotFoundError:
            return None


def write_once(name: str, body: bytes) -> bool:
    """Write a blob unless there is one of that name already. Return whether it was written."""
    with asking("writing a blob"):
        try:
            container().upload_blob(name, body)
        except ResourceExistsError:
            return False
    return True


def write(name: str, body: bytes) -> None:
    """Write a blob in the place of whatever had its name."""
    with asking("writing a blob"):
        container().upload_blob(name, body, overwrite=True)


def older_than(moment: datetime, folder: str) -> tuple[str, ...]:
    """Return the names of the blobs of a folder that nobody has written since a moment."""
    with asking("listing blobs"):
        found = container().list_blobs(name_starts_with=f"{folder}/")
        return tuple(each.name for each in found if each.last_modified < moment)


def delete(name: str) -> None:
    """Delete a blob; one that is gone already is no fault."""
    with asking("deleting a blob"), suppress(ResourceNotFoundError):
        container().delete_blob(name)
