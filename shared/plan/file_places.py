"""Where machines fetch files: addresses that mean nothing to any shell, and that are shown without what may be secret."""

import re

_PATH = r"[A-Za-z0-9._~%/+=@,:-]"
_QUERY = r"[A-Za-z0-9._~%/+=@,:&-]"
_WEB = rf"https://[A-Za-z0-9.-]{{1,253}}(?::[0-9]{{1,5}})?/{_PATH}{{0,1500}}(?:\?{_QUERY}{{0,1500}})?"
_BUCKET = rf"s3://[a-z0-9][a-z0-9.-]{{1,61}}[a-z0-9]/{_PATH}{{1,1024}}"
FILE_PLACE = rf"^(?:{_WEB}|{_BUCKET})$"
MACHINE = "{machine}"
MACHINE_FILE = FILE_PLACE.replace(_PATH, rf"(?:{_PATH}|\{{machine\}})")
SHA256 = "^[0-9A-Fa-f]{64}$"

_USER = re.compile(r"(://)[^/@\s]*@")
_SIGNATURE = re.compile(r"(://[^?\s'\"]*)\?[^\s'\"]*")


def of_machine(place: str, machine: str) -> str:
    """Give a place for one machine."""
    return place.replace(MACHINE, machine)


def without_secrets(text: str) -> str:
    """Take user info and queries out of the addresses in a text: they may be a password or a signature."""
    if "://" not in text:
        return text
    return _SIGNATURE.sub(r"\1", _USER.sub(r"\1", text))
