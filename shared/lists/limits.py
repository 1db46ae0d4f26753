"""How large a list may be: seen before anything of it is unpacked or parsed."""

import re
from typing import Final
from zipfile import ZipFile, ZipInfo

from shared.plan.error_messages import quoted
from shared.problems import TooLarge, UnreadableList

LARGEST_FILE: Final = 64 * 1024 * 1024
LARGEST_UNPACKED: Final = 512 * 1024 * 1024  # a whole RVTools workbook of 20,000 machines has about 300 MiB of XML
MOST_MEMBERS: Final = 1_000
HIGHEST_RATIO: Final = 250  # sheets of repeated words come to 60; a megabyte of blanks to 1,000
SMALL_MEMBER: Final = 1024 * 1024  # below this a ratio says nothing
MOST_ROWS: Final = 250_000  # of one sheet: a dozen disks for each machine of the largest plan
MOST_MACHINES: Final = 25_000  # of all lists together; judging one costs about 0.2 ms
MOST_COLUMNS: Final = 1_000
LARGEST_ROW: Final = 100_000  # elements between two rows of a sheet: 16,384 cells with what is in them
LONGEST_CELL: Final = 32_767  # of Excel's own cells
HEAD: Final = 64 * 1024  # bytes in which a document type would stand
ENCRYPTED: Final = 0x1
REMARKS: Final = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)
ROOT: Final = re.compile(rb"<[A-Za-z_:\x80-\xff]")


def check_size(name: str, size: int) -> None:
    """Raise `TooLarge` for a file that no list of machines needs."""
    if size > LARGEST_FILE:
        raise TooLarge(f"{quoted(name)} has {size:,} bytes; {LARGEST_FILE:,} are allowed", advice="Split it.")


def check_machines(number: int) -> None:
    """Raise `TooLarge` for more machines than a person waits for."""
    if number > MOST_MACHINES:
        raise TooLarge(f"the lists name {number:,} machines; {MOST_MACHINES:,} are taken at once", advice="Split them.")


def check_archive(name: str, archive: ZipFile) -> tuple[ZipInfo, ...]:
    """Return the members of an archive that is safe to unpack. Raise `TooLarge` and `UnreadableList`.

    Nothing is unpacked yet; a member that is larger than the archive says ends there, zipfile sees to that.
    """
    members = tuple(each for each in archive.infolist() if not each.is_dir())
    if len(members) > MOST_MEMBERS:
        raise TooLarge(f"{quoted(name)} has {len(members):,} members; {MOST_MEMBERS:,} are allowed")
    unpacked = sum(each.file_size for each in members)
    if unpacked > LARGEST_UNPACKED:
        raise TooLarge(f"{quoted(name)} would unpack to {unpacked:,} bytes; {LARGEST_UNPACKED:,} are allowed")
    for each in members:
        _check_member(name, each)
    return members


def _check_member(name: str, member: ZipInfo) -> None:
    if member.flag_bits & ENCRYPTED:
        raise UnreadableList(f"{quoted(name)} is encrypted", advice="Save it without a password.")
    if member.file_size > SMALL_MEMBER and member.file_size > HIGHEST_RATIO * max(1, member.compress_size):
        message = f"would grow {member.file_size // max(1, member.compress_size):,} times"
        raise TooLarge(f"{quoted(member.filename)} of {quoted(name)} {message}; {HIGHEST_RATIO} are allowed")


def check_xml(name: str, archive: ZipFile, members: tuple[ZipInfo, ...]) -> None:
    """Raise `UnreadableList` where XML declares a document type: that is what entity bombs are made of.

    Its root has to begin within the head that is looked at: what stands before a root that is seen holds everything that declares.
    """
    for each in members:
        if each.filename.lower().endswith((".xml", ".rels", ".vml")):
            with archive.open(each) as member:
                head = member.read(HEAD).replace(b"\0", b"")  # UTF-16 has the same letters with zeros between them
            prolog = REMARKS.sub(b"", head)
            root = ROOT.search(prolog)
            if b"<!" in (prolog[: root.start()] if root else prolog):
                raise UnreadableList(
                    f"{quoted(each.filename)} of {quoted(name)} declares a document type, which no workbook of Excel does"
                )
            if root is None and each.file_size > HEAD:
                raise UnreadableList(
                    f"{quoted(each.filename)} of {quoted(name)} has no root element in its first {HEAD:,} bytes"
                )
