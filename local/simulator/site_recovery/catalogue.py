"""ASR's error catalogue: what a code says, why it happens, what to do."""

from dataclasses import dataclass

from ..faults import Fault
from .state import Json


@dataclass(frozen=True)
class Entry:
    """A row of the catalogue."""

    message: str
    causes: str
    action: str
    provider_code: int = 0
    provider_message: str | None = None


CATALOGUE: dict[str, Entry] = {
    "28031": Entry(
        "Virtual machine '{vm}' could not be created under resource group '{group}'. Azure error message: '{detail}'.",
        "Check Azure error message for more information.",
        "Resolve any errors and retry the operation. Read more at http://aka.ms/ASRErrorCode-28031",
    ),
    "28092": Entry(
        "The network interface for virtual machine '{vm}' could not be created. Azure error message: '{detail}'.",
        "Check Azure error message for more information.",
        "Resolve any errors and retry the operation.",
    ),
    "170010": Entry(
        "Hydration failed for the virtual machine '{vm}'.",
        "The drivers or services that the machine needs to boot in Azure are missing or not set to start at boot.",
        "Set storvsc and vmbus (Windows) or the Hyper-V modules of the initramfs (Linux) to start at boot, and retry.",
    ),
    "150261": Entry(
        "Replication policy creation failed.",
        "The retention or the snapshot frequencies are outside of what the provider supports.",
        "Correct the values and retry the operation.",
    ),
    "310056": Entry(
        "Protection could not be configured for the machine '{vm}'.",
        "The Mobility service is not installed or not registered with the appliance.",
        "Install the Mobility service, register it with the appliance, remove the item and enable replication again.",
    ),
    "95103": Entry(
        "Push installation of the Mobility service to the machine '{vm}' failed with error code EP0854.",
        "Windows Management Instrumentation (WMI) is blocked on the machine.",
        "Allow WMI through the machine's firewall and retry the operation.",
    ),
    "95105": Entry(
        "Push installation of the Mobility service to the machine '{vm}' failed with error code EP0856.",
        "File and Printer Sharing is blocked on the machine.",
        "Allow File and Printer Sharing through the machine's firewall and retry the operation.",
    ),
    "95107": Entry(
        "Push installation of the Mobility service to the machine '{vm}' failed with error code EP0858.",
        "The credentials are wrong, or the account has too few privileges.",
        "Correct the account and retry the operation.",
    ),
    "95108": Entry(
        "Push installation of the Mobility service to the machine '{vm}' failed with error code EP0859.",
        "The installer could not be copied to the machine or did not start there.",
        "Allow remote installation on the machine and retry the operation.",
    ),
    "95117": Entry(
        "Push installation of the Mobility service to the machine '{vm}' failed with error code EP0865.",
        "The machine is not running, or there is no network between it and the process server.",
        "Start the machine, open the network, and retry the operation.",
    ),
    # reported by users: service error and the provider's own code; the exact words are assumed
    "70094": Entry(
        "Protection couldn't be enabled for the virtual machine '{vm}'.",
        "The Hyper-V host refused to start the replication of the virtual machine.",
        "Check the event log of the Hyper-V host, correct the problem and retry the operation.",
        31389,
        "Failed to enable replication for the virtual machine. Unspecified error (0x80004005).",
    ),
    "150097": Entry(
        "Replication couldn't be enabled for the virtual machine '{vm}'.",
        "The subscription may not create virtual machines in the target region, its quota there is used up, or the region "
        "has no size that fits the source.",
        "Raise the quota or choose another region or size, remove the item and enable replication again.",
    ),
    "150019": Entry(
        "The provisioning state of the virtual machine '{vm}' is not valid for this operation.",
        "The virtual machine is not running, or its provisioning state is not Succeeded.",
        "Bring the virtual machine to the provisioning state Succeeded and retry the operation.",
    ),
    "150039": Entry(
        "A data disk of '{vm}' was not mapped to a disk that is reported from within the virtual machine.",
        "The disk was attached but not initialised in the operating system.",
        "Initialise the disk or detach it, and retry the operation.",
    ),
    "151066": Entry(
        "Site Recovery configuration of the virtual machine '{vm}' failed.",
        "The trusted root certificates that authorisation and authentication need are not on the machine.",
        "Install the latest root certificates on the machine and retry the operation.",
    ),
    "151072": Entry(
        "Site Recovery configuration of the virtual machine '{vm}' failed.",
        "No connection to Site Recovery's endpoints: outbound traffic is blocked.",
        "Allow outbound access to the service tags Storage, AzureActiveDirectory, EventHub and AzureSiteRecovery.",
    ),
    "151099": Entry(
        "Installing Site Recovery's extension on the virtual machine '{vm}' failed.",
        "The Mobility service of an earlier migration is still on the machine.",
        "Remove the Mobility service, restart the machine and retry the operation.",
    ),
    "151195": Entry(
        "Site Recovery configuration of the virtual machine '{vm}' failed.",
        "No connection to Site Recovery's endpoints: their names cannot be resolved.",
        "Make the DNS servers of the virtual network reachable and retry the operation.",
    ),
    "151196": Entry(
        "Site Recovery configuration of the virtual machine '{vm}' failed.",
        "No connection to the endpoints of Microsoft Entra ID.",
        "Allow outbound access to the service tag AzureActiveDirectory and retry the operation.",
    ),
    "151197": Entry(
        "Site Recovery configuration of the virtual machine '{vm}' failed.",
        "No connection to Site Recovery's service endpoints.",
        "Allow outbound access to the service tag AzureSiteRecovery of the target region and retry the operation.",
    ),
    "78188": Entry(
        "The data change rate of machine '{vm}' is beyond what Site Recovery supports.",
        "The source disk writes more than the limit of its target disk type.",
        "Choose a faster disk type or lower the change rate.",
    ),
    "539": Entry(
        "The requested action couldn't be performed by the '{provider}' Replication Provider.",
        "Check other errors for more information.",
        "Resolve any errors and retry the operation.",
    ),
}
_UNKNOWN = Entry(
    "The operation failed for '{vm}'.", "Check the provider errors for more information.", "Retry the operation."
)


def job_error(code: str, task: str, activity: str, at: str | None, **words: str) -> Json:
    """Return one entry of a job's `errors` (recorded shape), its texts filled with `words`."""
    entry = CATALOGUE.get(code, _UNKNOWN)
    filled = _Words(words)
    return {
        "serviceErrorDetails": {
            "code": code,
            "message": words.get("message") or entry.message.format_map(filled),
            "possibleCauses": words.get("causes") or entry.causes,
            "recommendedAction": words.get("action") or entry.action,
            "activityId": activity,
        },
        "providerErrorDetails": {
            "errorCode": entry.provider_code,
            "errorMessage": entry.provider_message,
            "errorId": activity.rpartition(" ")[2],
        },
        "errorLevel": "Error",
        "creationTime": at,
        "taskId": task,
    }


def fault_words(fault: Fault) -> dict[str, str]:
    """Return the texts that a fault wants to be said instead of the catalogue's."""
    texts = {"message": fault.message, "causes": fault.possible_causes, "action": fault.recommended_action}
    return {name: text for name, text in texts.items() if text}


class _Words(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return key
