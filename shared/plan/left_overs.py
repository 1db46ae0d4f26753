"""What becomes of what Site Recovery leaves behind of a migrated machine; all of it is listed in any case."""

from typing import Literal

from pydantic import Field

from shared.plan.values import Part

KeepOrRemove = Literal["keep", "remove"]


class LeftOvers(Part):
    """What is left behind of a machine once its migration is complete."""

    replica_disks: KeepOrRemove = Field(
        default="keep",
        description="disks that held the copy (asrseeddisk-…, …-ASRReplica) and are still there; removed are only those that Site "
        "Recovery named as this machine's, and that nothing uses",
    )
    mobility_service: KeepOrRemove = Field(
        default="keep",
        description="the agent inside the migrated VM; removed by run command, or where that fails it is listed with the reason",
    )
