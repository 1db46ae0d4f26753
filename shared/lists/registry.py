"""Every format, and which of them a file is of."""

from typing import Final

from shared.lists.formats.at_scale_kit import AtScaleKit
from shared.lists.formats.azure_migrate import AzureMigrateInventory
from shared.lists.formats.cmf import CmfIntake
from shared.lists.formats.discovery_agent import DiscoveryAgent
from shared.lists.formats.execution_plan import ExecutionPlan
from shared.lists.formats.list_format import ListFormat
from shared.lists.formats.mgn import MgnInventory
from shared.lists.formats.migration_hub import MigrationHubInventory
from shared.lists.formats.own_columns import OwnColumns
from shared.lists.formats.rvtools import RvTools
from shared.lists.formats.wave_plan import AzureWavePlan
from shared.lists.sources import ListSource
from shared.plan.error_messages import quoted
from shared.problems import UnknownList, UnreadableRequest

FORMATS: Final[tuple[ListFormat, ...]] = (
    MgnInventory(),
    CmfIntake(),
    AzureMigrateInventory(),
    RvTools(),
    ExecutionPlan(),
    AzureWavePlan(),
    AtScaleKit(),
    MigrationHubInventory(),
    DiscoveryAgent(),
    OwnColumns(),
)
NAMES: Final = tuple(each.name for each in FORMATS)


def format_of(source: ListSource, wanted: str = "") -> ListFormat:
    """Return the format of a file: the one that is wanted, else the only one that fits.

    Raise `UnknownList` with the reason of each, and `UnreadableRequest` for a format that there is not.
    """
    if wanted:
        return _wanted(source, wanted)
    reasons = {each: each.why_not(source) for each in FORMATS}
    fitting = [each for each, why in reasons.items() if not why]
    fitting = [each for each in fitting if each.is_certain(source)] or fitting
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        found = ", ".join(f"{each.name} ({each.title})" for each in fitting)
        raise UnknownList(f"{quoted(source.name)} may be {found}", advice="Say which with --format.")
    tried = "; ".join(f"{each.name}: {why}" for each, why in reasons.items())
    raise UnknownList(
        f"{quoted(source.name)} is of no format that is known. Tried: {tried}",
        advice="See docs/lists.md for the columns of each format; a list of your own needs `name` and one more field.",
    )


def _wanted(source: ListSource, wanted: str) -> ListFormat:
    found = next((each for each in FORMATS if each.name == wanted), None)
    if found is None:
        raise UnreadableRequest(f"there is no format {quoted(wanted)}", advice=f"There are {', '.join(NAMES)}.")
    if why := found.why_not(source):
        raise UnknownList(f"{quoted(source.name)} is no {found.title}: {why}", advice="Leave --format out.")
    return found
