"""The job templates of what a vault needs before machines: policies, mappings, sites, containers, networks."""

from .template_rows import TaskRow, Template, single_task

INFRASTRUCTURE_TEMPLATES: tuple[Template, ...] = (
    # recorded from here to the mapping of networks, the first task's spelling too; the names of a change's tasks
    # and of a site's are assumed
    Template(
        "AddProtectionProfile",
        "Create replication policy",
        (
            TaskRow(
                "AddProtectionProfilePreflightsCheckTask",
                "AddProtectionProfilePreflightsCheckTask",
                "Prerequisites check for creating the replication policy",
            ),
            TaskRow("AddProtectionProfileTask", "AddProtectionProfileTask", "Creating the replication policy"),
        ),
        "AddProtectionProfileTask",
        cancellable=False,
    ),
    Template(
        "ModifyProtectionProfile",
        "Modify settings of the replication policy",
        (
            TaskRow(
                "ModifyProtectionProfilePreflightChecksTask",
                "ModifyProtectionProfilePreflightChecksTask",
                "Prerequisites check for modifying the replication policy",
            ),
            TaskRow(
                "ModifyProtectionProfileOnServersTask",
                "ModifyProtectionProfileOnServersTask",
                "Modifying the settings on the servers",
            ),
            TaskRow("ModifyProtectionProfileTask", "ModifyProtectionProfileTask", "Modifying the policy"),
        ),
        "ModifyProtectionProfileTask",
        cancellable=False,
        skips=("ModifyProtectionProfileOnServersTask",),
    ),
    single_task(
        "RemoveProtectionProfile", "Delete replication policy", "RemoveProtectionProfileTask", cancellable=False
    ),
    Template(
        "AssociateProtectionProfile",
        "Associate replication policy",
        (
            TaskRow(
                "CloudPairingWfPreflightChecksTask",
                "CloudPairingPrerequisitesCheck",
                "Check protection prerequisites",
            ),
            TaskRow("CloudPairingWfPrepareSiteTask", "CloudPairingPrepareSite", "Prepare the server"),
            TaskRow(
                "CloudPairingWfPrepareCloudForPairingTask",
                "CloudPairingPrepareCloud",
                "Prepare for configuring protection",
            ),
            TaskRow("CloudPairingWfPairCloudsTask", "CloudPairingPairClouds", "Configure the protection settings"),
        ),
        "CloudPairingWfPairCloudsTask",
    ),
    single_task("DisassociateProtectionProfile", "Dissociate replication policy", "DisassociateProtectionProfileTask"),
    single_task("CreateSite", "Create a site", "CreateSiteTask"),
    single_task("DeleteFabric", "Delete a site", "DeleteFabricTask"),
    Template(
        "CreateCloud",
        "Create protection container",
        (
            TaskRow(
                "CreateCloudPreflightChecksTask",
                "CreateCloudPreflightChecksTask",
                "Prerequisites check for creating the protection container",
            ),
            TaskRow("CreateCloudTask", "CreateCloudTask", "Creating the protection container"),
        ),
        "CreateCloudTask",
    ),
    single_task("RemoveProtectionContainer", "Delete a protection container", "RemoveProtectionContainerTask"),
    single_task("NetworkPairing", "Map Networks", "NetworkPairingTask"),
    single_task("UnpairNetworks", "Remove the mapping of networks", "UnpairNetworksTask"),
)
