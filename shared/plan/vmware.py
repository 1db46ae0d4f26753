"""Where virtual machines come from that a configuration server replicates: the vCenter that it is to read."""

from pydantic import Field

from shared.plan.values import Part, ShortText, Whole


class VmwareSource(Part):
    """A vCenter server, or a single ESXi host; a replication appliance is told of its own by hand."""

    vcenter: str = Field(
        pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$",
        description="address of the vCenter server: a name that the configuration server resolves, or an IP address",
        examples=["vcenter.corp.local"],
    )
    account: ShortText = Field(description="name of the account, kept in the configuration server, that reads it")
    port: Whole = Field(default=443, ge=1, le=65_535, description="port of the vCenter server")
