"""Whether the record of decisions is one that nobody can change: its container says so. Nothing is written."""

from collections.abc import Iterator

from azure.core.exceptions import AzureError

from shared.doctor import kinds
from shared.doctor.finding import HealthFinding
from shared.record.place import is_kept
from shared.settings import settings
from shared.storage.patience import FOR_A_PROBE, with_patience
from shared.storage.tables import container_to_read


def look() -> Iterator[HealthFinding]:
    """Read the properties of its container, where one is kept; what storage itself lacks is told by its own look."""
    if not is_kept():
        return
    with with_patience(FOR_A_PROBE):
        container = container_to_read(settings().record_container)
        try:
            is_protected = container.get_container_properties().has_immutability_policy
        except AzureError as refusal:
            yield kinds.RECORD_OPEN.seen(
                f"container {container.container_name}: {refusal.message.partition(chr(10))[0]}"
            )
            return
    if is_protected:
        yield kinds.RECORD.seen(f"container {container.container_name} has a policy")
    else:
        yield kinds.RECORD_OPEN.seen(f"container {container.container_name} has no policy")
