"""Groups of a recovery plan: machines that start together, with what is done before and after."""

from shared.models import Model
from shared.site_recovery.plan_actions import PlanAction, same_actions
from shared.site_recovery.wire import FromWire, Json


class PlannedItem(FromWire):
    """A protected item in a group."""

    id: str = ""


class Group(FromWire):
    """A group; the service puts empty Shutdown and Failover groups in front of ours (recorded)."""

    group_type: str = ""
    replication_protected_items: tuple[PlannedItem, ...] = ()
    start_group_actions: tuple[PlanAction, ...] = ()
    end_group_actions: tuple[PlanAction, ...] = ()

    @property
    def body(self) -> Json:
        """Give it as it is sent: an update names every group."""
        return _group(
            self.group_type,
            tuple(each.id for each in self.replication_protected_items),
            self.start_group_actions,
            self.end_group_actions,
        )


class BootGroup(Model):
    """Machines that start together: the items' ARM ids, and what is done before and after."""

    items: tuple[str, ...]
    before: tuple[PlanAction, ...] = ()
    after: tuple[PlanAction, ...] = ()

    @property
    def body(self) -> Json:
        """Give the group as a recovery plan is sent it."""
        return _group("Boot", self.items, self.before, self.after)

    def is_like(self, group: Group) -> bool:
        """Tell whether a group of the service's is this one."""
        theirs = {each.id.lower() for each in group.replication_protected_items}
        acts = same_actions(self.before, group.start_group_actions) and same_actions(
            self.after, group.end_group_actions
        )
        return acts and theirs == {each.lower() for each in self.items}


def _group(kind: str, ids: tuple[str, ...], before: tuple[PlanAction, ...], after: tuple[PlanAction, ...]) -> Json:
    return {
        "groupType": kind,
        "replicationProtectedItems": [{"id": each, "virtualMachineId": each} for each in ids],
        "startGroupActions": [action.body for action in before],
        "endGroupActions": [action.body for action in after],
    }
