"""Ways that a worker of xdist has walked, in files, so that the others retrace them.

A trail names the stand-ins that it went through by their addresses, and each worker has its own. In a file they are replaced by
marks of the same length. Who comes to a way that another one is just walking waits for it.
"""

import fcntl
import hashlib
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class SharedWays:
    """A folder that all workers of a session have, and the addresses of this worker's stand-ins, in an order of their own."""

    folder: Path
    addresses: tuple[str, ...]

    @contextmanager
    def way(self, path: tuple[str, ...]) -> Iterator[Path]:
        """Give the file of a way; until the block ends no other worker has it."""
        widths = [len(each) for each in self.addresses]  # marks of one width do not fit addresses of another
        name = hashlib.sha256(self._marked(repr((widths, path)).encode())).hexdigest()
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.folder / name

    def read(self, file: Path) -> Any:
        """Give what another worker kept, as if it had been walked here; None where nobody was."""
        if not file.exists():
            return None
        kept = file.read_bytes()
        for mark, address in self._marks():
            kept = kept.replace(mark, address)
        return pickle.loads(kept)

    def write(self, file: Path, trail: Any) -> None:
        """Keep a trail for the others."""
        file.write_bytes(self._marked(pickle.dumps(trail)))

    def _marked(self, text: bytes) -> bytes:
        for mark, address in self._marks():
            text = text.replace(address, mark)
        return text

    def _marks(self) -> list[tuple[bytes, bytes]]:
        return [
            (f"stand-in-{number}".ljust(len(address), "-").encode(), address.encode())
            for number, address in enumerate(self.addresses)
        ]
