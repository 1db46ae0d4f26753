"""Many rows at once: as few transactions as the service's limits allow, repaired by running again."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from shared.problems import Busy
from shared.storage.entities import Row, WrittenRow
from shared.storage.rows import MOST_TRIES, Operation, Rows, StoredRow, pause

MOST_OPERATIONS: Final = 100  # of one transaction
MOST_BYTES: Final = 3_000_000  # the service takes 4 MiB, envelopes included
SHARE: Final = MOST_BYTES // MOST_OPERATIONS  # of each of a hundred rows
SMALL: Final = SHARE // 3  # bytes of a row, of which two may be written as six: it always keeps to its share


def write_all(
    table: Rows[Row],
    partition: str,
    operations: Callable[[dict[str, StoredRow[Row]]], Sequence[Operation]],
    row_keys: Collection[str] = (),
) -> None:
    """Do the operations that are missing, given what is there; dying in between is mended by running it again.

    `operations` is asked again, with what is there by then, whenever another writer came between. Where it concerns
    `row_keys` only, it is first asked with these as they were last seen, unread: the writes prove them.
    """
    existing = table.remembered(partition, row_keys)
    for attempt in range(MOST_TRIES):
        existing = existing or {found.key: found for found in table.found(partition)}
        done = [table.commit(chunk) for chunk in chunks(operations(existing))]
        if all(done):
            return
        existing = {}
        pause(attempt)
    raise Busy(f"too many writers want {table.name} of {partition}")


def chunks(operations: Sequence[Operation]) -> Iterator[Sequence[Operation]]:
    """Cut into transactions that the service takes."""
    start, size = 0, 0
    for at, (_, entity, _) in enumerate(operations):
        weight = _weight(entity)
        if at - start == MOST_OPERATIONS or (at > start and size + weight > MOST_BYTES):
            yield operations[start:at]
            start, size = at, 0
        size += weight
    if operations[start:]:
        yield operations[start:]


def _weight(entity: Mapping[str, Any]) -> int:
    """Give how many bytes a row is sent as, at the most."""
    if isinstance(entity, WrittenRow) and entity.size <= SMALL:
        return SHARE
    return len(json.dumps(dict(entity), default=str))
