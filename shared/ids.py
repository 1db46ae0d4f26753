"""Names and ids: how everything that azferry makes is called, the same again each time it is worked out."""

import re
from collections.abc import Iterable
from hashlib import sha1, sha256
from typing import Protocol

NAME = r"^[a-z0-9][a-z0-9-]{0,30}$"  # plans, waves and machines
LONGEST_NAME = 31
LONGEST_INSTANCE_ID = 100  # Durable Functions keeps longer ids, but its storage keys and URLs suffer
LONGEST_CLIENT_TOKEN = 64  # documented: EC2 ClientToken, ASCII
LONGEST_COMMENT = 100  # documented: the Comment of an SSM command
# Any fixed value will do; a changed one would make new request ids for old effects, so it never changes.
NAMESPACE = bytes.fromhex("5a1c8f0e3b7d4c2e9f60a7d1b2c3e4f5")


class Placed(Protocol):
    """Whatever knows where in a migration it is."""

    @property
    def key(self) -> str:
        """Stable id of the place."""

    @property
    def life(self) -> int:
        """Which life of its round it belongs to."""


def name_from(text: str) -> str:
    """Make a name from any text, e.g. an instance's Name tag; empty when nothing usable is in it."""
    kebab = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return kebab[:LONGEST_NAME].rstrip("-")


def short_hash(text: str, length: int = 16) -> str:
    """Give the first hexadecimal digits of the text's SHA-256."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def shortened(text: str, longest: int, digits: int = 16) -> str:
    """Give the text itself if it is short enough, else its head and a hash of the whole, exactly `longest` long."""
    if len(text) <= longest:
        return text
    return f"{text[: longest - digits - 1]}-{short_hash(text, digits)}"


def migration_id(plan: str, run: str) -> str:
    """Give the id of one run of a plan."""
    return f"{plan}.{run}"


def run_of(idempotency_key: str) -> str:
    """Give the run that belongs to a caller's Idempotency-Key: the same key always means the same run."""
    return f"k{short_hash(idempotency_key)}"


def next_run(migrations: Iterable[str]) -> str:
    """Give the next free run number after those of one plan: the id of a finished run is never used again."""
    runs = [migration.rpartition(".")[2] for migration in migrations]
    return str(1 + max((int(run) for run in runs if run.isascii() and run.isdigit()), default=0))


def instance_id(place: Placed) -> str:
    """Give the orchestrator instance that works at a place: `{plan}.{run}.{wave}.{machine}.{phase}.{attempt}`.

    At most 100 characters of `[a-z0-9._-]` (a hashed tail beyond); parts that do not apply are left out. A round that was
    lost and begun again has other ids: a child under an id in use would silently replace the one that runs.
    """
    key = place.key if place.life == 1 else f"{place.key}.life-{place.life}"
    return shortened(key, LONGEST_INSTANCE_ID)


def root_of(migration: str, number: int, purpose: str = "migrate") -> str:
    """Give the id of the root instance of a round, e.g. `finance.1.migrate.1`."""
    return shortened(f"{migration}.{purpose}.{number}", LONGEST_INSTANCE_ID)


def round_of(root: str) -> tuple[str, int]:
    """Read purpose and number of a round from the id of its root."""
    _, purpose, number = root.rsplit(".", 2)
    return purpose, int(number)


def request_id(place_key: str, what: str) -> str:
    """Give the x-ms-client-request-id of one effect: it comes back in the job's activityId, so it is found again.

    A version 5 UUID, worked out here because orchestrators import this module and must not reach for `uuid`.
    """
    digest = bytearray(sha1(NAMESPACE + f"{place_key}|{what}".encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def client_token(place_key: str, what: str) -> str:
    """Give the EC2 ClientToken of one effect: the same token never acts twice."""
    return shortened(_plain(f"azferry-{what}-{place_key}"), LONGEST_CLIENT_TOKEN)


def command_token(place_key: str, what: str) -> str:
    """Give the Comment by which an SSM command is found again: SendCommand has no client token."""
    return shortened(_plain(f"azferry:{what}:{place_key}"), LONGEST_COMMENT)


def protected_item_name(migration: str, machine: str) -> str:
    """Give the name of a machine's protected item; recorded ones are GUID-like, any resource name is accepted."""
    return shortened(_plain(f"{migration}-{machine}").replace(".", "-"), 63)


def recovery_plan_name(migration: str, wave: str, cohort: str, part: int = 1, attempt: int = 1) -> str:
    """Give the name of a cohort's recovery plan: letters, digits and hyphens, it begins with a letter (documented)."""
    name = f"ferry-{migration}-{wave}-{cohort}-p{part}-r{attempt}".replace(".", "-")
    return shortened(name, 63)


def policy_name(plan: str, settings: str) -> str:
    """Give the name of a replication policy: one for each set of settings, so that a changed plan gets its own."""
    return f"ferry-{plan}-{short_hash(settings, 8)}"


def mapping_name(policy: str, container: str) -> str:
    """Give the name of the mapping between a container and a policy."""
    return shortened(f"{policy}-{short_hash(container.lower(), 8)}", 63)


def _plain(text: str) -> str:
    """Give the text with everything but plain ASCII name characters made into hyphens."""
    return re.sub(r"[^A-Za-z0-9._:-]", "-", text)
