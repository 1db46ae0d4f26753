"""What an evidence pack is: files in a ZIP, and a manifest with the SHA-256 of each. The same files give the same bytes."""

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pydantic import Field

from shared.backup.manifest import digest_of
from shared.models import NEVER, Model
from shared.states import MigrationStatus, Outcome

MANIFEST: Final = "manifest.json"
EARLIEST: Final = (1980, 1, 1, 0, 0, 0)  # of a ZIP: each file bears it, as the manifest says of when the pack is
READABLE: Final = 0o644 << 16
ON_UNIX: Final = 3


class EvidenceFile(Model):
    """A file of the pack."""

    size: int = Field(description="in bytes")
    sha256: str
    holds: str = Field(default="", description="what stands in it")


class EvidenceManifest(Model):
    """What the pack holds, of which migration, and as of when."""

    form: int = Field(default=1, description="of the pack; one that cannot be read by this build has a higher one")
    migration: str = ""
    version: str = Field(default="", description="of the app that packed it")
    as_of: datetime = Field(default=NEVER, description="when the migration changed last; the pack tells it as of then")
    status: MigrationStatus = MigrationStatus.RUNNING
    outcome: Outcome = Outcome.NONE
    plan_sha256: str = Field(default="", description="of the frozen plan as it is kept, addresses with their queries")
    files: dict[str, EvidenceFile] = Field(default={}, description="by name")


def packed(manifest: EvidenceManifest, files: Mapping[str, bytes], holds: Mapping[str, str]) -> bytes:
    """Give the ZIP: the manifest and all files, sorted by name, none with a date of its own."""
    entries = {
        name: EvidenceFile(size=len(body), sha256=digest_of(body), holds=holds.get(name, ""))
        for name, body in sorted(files.items())
    }
    text = manifest.replace(files=entries).model_dump_json(by_alias=True, indent=1)
    archive = io.BytesIO()
    with ZipFile(archive, "w") as pack:
        for name, body in sorted({**files, MANIFEST: text.encode()}.items()):
            pack.writestr(_entry(name), body, ZIP_DEFLATED, 6)
    return archive.getvalue()


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, EARLIEST)
    entry.create_system, entry.external_attr = ON_UNIX, READABLE
    return entry
