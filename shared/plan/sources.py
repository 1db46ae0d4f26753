"""Where machines come from: one part per kind of source."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from shared.plan.hyperv import HyperVSource
from shared.plan.values import Flag, Part, Region, ResourceGroup, SubscriptionId, not_null
from shared.plan.vmware import VmwareSource


class AwsSource(Part):
    """The AWS account and region of the machines."""

    region: str = Field(pattern=r"^[a-z]{2}(?:-[a-z]+)+-[0-9]$", description="AWS region", examples=["eu-west-1"])
    role_arn: str = Field(
        default="",
        pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}$",
        description="role to assume; left out: the app's own AWS identity",
    )
    vpc_id: str = Field(
        default="",
        pattern=r"^vpc-[0-9a-f]{4,17}$",
        description="VPC of the machines; private addresses are unique in it",
    )
    inspect: Flag = Field(
        default=True,
        description="the assessment runs commands that only look, through AWS Systems Manager: the drivers of Windows on Xen, "
        "and what the server reaches of Azure",
    )


class AzureSource(Part):
    """The Azure subscription and region of the machines."""

    subscription_id: SubscriptionId = Field(description="Azure subscription of the machines")
    region: Region = Field(description="Azure region that they run in", examples=["northeurope"])
    resource_group: ResourceGroup = Field(
        default="",
        description="resource group of machines that are named; left out: the whole subscription is searched",
    )


class Source(Part):
    """Where machines come from; which part applies depends on the scenario."""

    aws: Annotated[AwsSource | None, BeforeValidator(not_null)] = Field(default=None, description="for aws-to-azure")
    azure: Annotated[AzureSource | None, BeforeValidator(not_null)] = Field(
        default=None, description="for azure-to-azure"
    )
    hyperv: Annotated[HyperVSource | None, BeforeValidator(not_null)] = Field(
        default=None, description="for hyperv-to-azure"
    )
    vmware: Annotated[VmwareSource | None, BeforeValidator(not_null)] = Field(
        default=None, description="for vmware-to-azure in mode configurationServer"
    )
