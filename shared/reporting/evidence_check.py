"""Whether an evidence pack is as it was packed: each file against the manifest, offline; what does not match, in words."""

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

from pydantic import ValidationError

from shared.reporting.evidence_manifest import MANIFEST, EvidenceFile, EvidenceManifest

FORM: Final = EvidenceManifest().form
LARGEST_MANIFEST: Final = 1024 * 1024
CHUNK: Final = 1024 * 1024
DAMAGED: Final = (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


@dataclass(frozen=True)
class EvidenceCheck:
    """What came of it."""

    mismatches: tuple[str, ...]
    manifest: EvidenceManifest | None = None

    @property
    def matches(self) -> bool:
        """Whether every file is as the manifest says, and no file is missing or too many."""
        return not self.mismatches


def check_pack(path: Path) -> EvidenceCheck:
    """Compare a pack with its manifest. Raises `OSError` where there is no such file."""
    with path.open("rb") as file:
        try:
            archive = ZipFile(file)
        except DAMAGED:
            return EvidenceCheck((f"{path.name} is no ZIP file, or it is cut off",))
        with archive:
            manifest = _manifest(archive)
            if isinstance(manifest, str):
                return EvidenceCheck((manifest,))
            return EvidenceCheck(tuple(_mismatches(archive, manifest)), manifest)


def _manifest(archive: ZipFile) -> EvidenceManifest | str:
    """Give the manifest, or say why there is none to go by."""
    if MANIFEST not in archive.namelist():
        return f"{MANIFEST} is missing: this is no evidence pack, or somebody took the manifest out"
    try:
        with archive.open(MANIFEST) as file:
            text = file.read(LARGEST_MANIFEST)
        manifest = EvidenceManifest.model_validate_json(text)
    except (*DAMAGED, ValidationError):
        return f"{MANIFEST} cannot be read: it is damaged or was changed"
    if manifest.form > FORM:
        return f"the pack has form {manifest.form}, and this azferry knows form {FORM}: update it, then verify again"
    return manifest


def _mismatches(archive: ZipFile, manifest: EvidenceManifest) -> Iterator[str]:
    times = Counter(archive.namelist())
    yield from (f"{name} stands in the pack {many} times" for name, many in times.items() if many > 1)
    yield from (
        f"{name} is not in the manifest: it was added later"
        for name in times
        if name != MANIFEST and name not in manifest.files
    )
    for name, file in manifest.files.items():
        if name not in times:
            yield f"{name} is missing: the manifest names it"
        elif wrong := _wrong(archive, name, file):
            yield f"{name} {wrong}"
    if not manifest.files:
        yield f"{MANIFEST} names no file"


def _wrong(archive: ZipFile, name: str, expected: EvidenceFile) -> str:
    """Say what is wrong with a file; empty = nothing. No more of it is read than the manifest says that it has."""
    found, size = hashlib.sha256(), 0
    try:
        with archive.open(name) as file:
            while size <= expected.size and (chunk := file.read(CHUNK)):
                found.update(chunk)
                size += len(chunk)
    except DAMAGED:
        return "cannot be read: it is damaged or was changed"
    if size > expected.size:
        return f"was changed: it has more than the {expected.size:,} bytes of the manifest"
    if found.hexdigest() != expected.sha256:
        return f"was changed: its SHA-256 is {found.hexdigest()}, the manifest says {expected.sha256}"
    return ""
