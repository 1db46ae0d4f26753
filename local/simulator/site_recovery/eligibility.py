"""Whether an Azure VM may be replicated: the eligibility results that lie under the VM itself."""

from ..arm import Call, Reply, Route
from ..errors import not_found
from ..machines import Reason, SourceMachine
from ..world import World
from .lookup import vaults_of
from .state import Json
from .wire import route

_VM = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{vm}"
_RESULTS = f"{_VM}/providers/Microsoft.RecoveryServices/replicationEligibilityResults"


def _result(call: Call) -> Json:
    vm_id = _VM.format_map(call.params)
    vm = call.world.resources.get(vm_id)
    if vm is None:
        raise not_found(f"Microsoft.Compute/virtualMachines/{call.params['vm']}")
    machine = call.world.azure_machines.get(vm_id.lower())
    errors = [_error(each) for each in _reasons(call.world, machine)] if machine else []
    own = f"{vm['id']}/providers/Microsoft.RecoveryServices/replicationEligibilityResults/default"
    return {
        "name": "default",
        "type": "Microsoft.RecoveryServices/replicationEligibilityResults",
        "id": own,
        "properties": {"clientRequestId": call.client_request_id, "errors": errors},
    }


def _reasons(world: World, machine: SourceMachine) -> list[Reason]:
    """Return what the world says of the VM, and that it is replicated already.

    unknown: the code of the latter; assumed.
    """
    protected = [
        Reason(
            code="VirtualMachineAlreadyProtected",
            message=f"Replication of '{machine.name}' is enabled in '{vault.name}'.",
        )
        for vault in vaults_of(world).values()
        for place in vault.places()
        if place.item.machine.key == machine.key
    ]
    return [*machine.reasons, *protected]


def _error(reason: Reason) -> Json:
    return {
        "code": reason.code,
        "message": reason.message,
        "possibleCauses": reason.causes,
        "recommendedAction": reason.action,
        "status": "NotEligible",
    }


def _list(call: Call) -> Reply:
    return Reply(200, {"value": [_result(call)]})


def _get(call: Call) -> Reply:
    return Reply(200, _result(call))


ROUTES: tuple[Route, ...] = (route("GET", _RESULTS, _list), route("GET", f"{_RESULTS}/default", _get))
