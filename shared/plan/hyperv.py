"""Where Hyper-V machines come from: hosts of a site, or a VMM server with its clouds."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from shared.plan.values import Network, Part, ShortText, not_null

SiteName = Annotated[str, Field(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,48}[A-Za-z0-9])?$")]
ArmId = Annotated[str, Field(pattern=r"^/subscriptions/\S{1,2000}$")]


class VmmServer(Part):
    """A System Center VMM server, as it registers with the vault."""

    server: ShortText = Field(description="name under which it shows in the vault")
    clouds: tuple[ShortText, ...] = Field(min_length=1, max_length=100, description="clouds of the machines")
    networks: dict[ShortText, Network] = Field(
        default_factory=dict,
        max_length=1_000,
        description="VM network of VMM: virtual network of the target that its machines join unless the plan says otherwise",
    )
    storage: dict[ShortText, ArmId] = Field(
        default_factory=dict,
        max_length=1_000,
        description="storage classification of VMM: id of the target's storage classification; left out: none is mapped",
    )


class HyperVSource(Part):
    """Hyper-V hosts; exactly one of `site` and `vmm`."""

    site: Annotated[SiteName, Field(description="Hyper-V site of hosts without VMM; made if it is missing")] = ""
    hosts: tuple[ShortText, ...] = Field(
        default=(),
        max_length=1_000,
        description="hosts of the site that are waited for; left out: those that have registered",
    )
    vmm: Annotated[VmmServer | None, BeforeValidator(not_null)] = Field(default=None, description="with VMM")

    @property
    def server(self) -> str:
        """Name of the site, or of the VMM server, under which the hosts show in the vault."""
        return self.vmm.server if self.vmm else self.site

    @property
    def clouds(self) -> tuple[str, ...]:
        """Clouds of the machines; none without VMM, where the site is one container."""
        return self.vmm.clouds if self.vmm else ()
