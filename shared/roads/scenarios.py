"""Scenarios and modes by their names, for whoever begins a plan and knows only where its machines come from."""

from typing import Final

FROM_AWS: Final = "aws-to-azure"
FROM_SERVERS: Final = "physical-to-azure"
FROM_VMWARE: Final = "vmware-to-azure"
FROM_HYPERV: Final = "hyperv-to-azure"
WITHOUT_AGENTS: Final = "agentless"
BY_CONFIGURATION_SERVER: Final = "configurationServer"
BY_APPLIANCE: Final = "appliance"
