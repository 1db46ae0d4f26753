"""The only reader of the environment: every setting of the app, its default and its meaning."""

import os
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field

PREFIX = "AZFERRY_"
# The storage account that every function app has; ours unless another is named.
HOST_STORAGE = "AzureWebJobsStorage"
# Azure's own name for where telemetry goes; the Functions host reads it too.
INSIGHTS = "APPLICATIONINSIGHTS_CONNECTION_STRING"
HOST_NAME = "WEBSITE_HOSTNAME"
NOT_RESOLVED = "@Microsoft.KeyVault("


class Settings(BaseModel):
    """What the app is told by its environment; `AZFERRY_` + the name in upper case sets each."""

    model_config = ConfigDict(frozen=True)

    # Where the clouds are. Empty = the real ones.
    arm_endpoint: str = Field(default="", description="base URL of Azure Resource Manager; empty = public Azure")
    arm_token: str = Field(default="", description="fixed bearer token for a stand-in on loopback; never set in Azure")
    aws_endpoint: str = Field(default="", description="base URL of all AWS services; empty = real AWS")
    ssm_endpoint: str = Field(default="", description="base URL of AWS Systems Manager; empty = aws_endpoint")
    clock_url: str = Field(default="", description="the local stack's clock; empty = the wall clock")

    # Who we are.
    identity_client_id: str = Field(default="", description="client id of the user-assigned managed identity")
    aws_federation_audience: str = Field(
        default="",
        description="app id URI whose token AWS accepts (AssumeRoleWithWebIdentity); empty = ambient AWS keys",
    )
    aws_accounts: str = Field(
        default="",
        description="comma-separated AWS account ids that plans may name; must be set where identities are federated",
    )
    sign_in: bool = Field(
        default=False, description="people sign in at the platform, which vouches for their names; else nobody is named"
    )
    local: bool = Field(default=False, description="local stack: a `by` in a request body is believed, no sign-in")

    # Where the template grants rights; the app itself reads them only to tell whether it has them.
    vault_groups: str = Field(default="", description="comma-separated ids of the resource groups of vaults")
    discovery_groups: str = Field(
        default="",
        description="comma-separated ids of the resource groups of appliances' sites; empty = those of vaults",
    )
    target_groups: str = Field(
        default="", description="comma-separated ids of the resource groups that machines move to"
    )
    network_groups: str = Field(default="", description="comma-separated ids of the resource groups of networks")
    cache_groups: str = Field(
        default="", description="comma-separated ids of the resource groups of cache storage accounts"
    )
    may_create_groups: bool = Field(default=False, description="the app may make resource groups and vaults")

    # Storage: tables, blobs and queues of the product.
    storage: str = Field(default="", description="connection string; empty = identity with storage_account")
    storage_account: str = Field(default="", description="account name, reached with the managed identity")
    table_prefix: str = Field(default="azferry", description="prefix of all table names, letters and digits only")
    plans_container: str = Field(default="azferry-plans", description="blob container of plans and reports")
    backup_container: str = Field(default="azferry-backups", description="blob container of backups")
    backup_hours: int = Field(default=6, ge=0, description="hours between two backups of tables and blobs; 0 = none")
    record_container: str = Field(
        default="", description="blob container of the record that cannot be changed; empty = none is kept"
    )
    queue: str = Field(default="migration-requests", description="queue of plans to start")

    partitions: int = Field(
        default=8, ge=1, le=8, description="partitions of the task hub that must show that somebody works there"
    )
    gathering: float = Field(
        default=0.1,
        ge=0,
        description="seconds in which machines that look at their items at the same moment come together for one listing",
    )
    copies_every: int = Field(
        default=900,
        ge=60,
        description="seconds between two looks at the copies of machines that wait for people or a window",
    )
    keep_histories: int = Field(
        default=30,
        ge=0,
        description="days for which histories of closed rounds, and assessments, are kept; 0 = for ever; the ledger stays",
    )

    # Who is told of what. What belongs to a channel stands in AZFERRY_CHANNEL_<NAME>_URL, _KEY, _TO, _FROM and _EVENTS.
    channels: str = Field(
        default="", description="channels by name and kind, e.g. `ops:webhook, night:email`; empty = nobody is told"
    )
    tell: str = Field(default="", description="comma-separated channels that are told of every migration")
    address: str = Field(default="", description="address of the page in messages; empty = the app's own host name")
    webhook_hosts: str = Field(default="", description="hosts that plans may name as receivers; * = any public one")
    webhook_key: str = Field(
        default="", description="signs what goes to these (whsec_…); a Key Vault reference in Azure"
    )
    private_receivers: bool = Field(
        default=False, description="receivers of channels may have private addresses, and plain http on loopback"
    )
    notifications_queue: str = Field(default="azferry-notifications", description="queue of wake-ups for what is told")

    # Limits over the whole app; a plan can only be stricter.
    max_replicating: int = Field(default=500, ge=1, description="machines in initial sync at once")
    max_cutting_over: int = Field(default=100, ge=1, description="machines in cutover at once")
    blackouts: str = Field(
        default="",
        description="times in which no cutover of any plan begins: a JSON list of start, end, reason, timeZone",
    )


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Read the environment once. Tests call `settings.cache_clear()` after they change it."""
    names = {name: PREFIX + name.upper() for name in Settings.model_fields}
    found = {field: os.environ[variable] for field, variable in names.items() if os.environ.get(variable)}
    if not {"storage", "storage_account"} & found.keys() and os.environ.get(HOST_STORAGE):
        found["storage"] = os.environ[HOST_STORAGE]
    return Settings.model_validate(found)


class Platform(BaseModel):
    """What the platform itself says of where the app runs."""

    model_config = ConfigDict(frozen=True)

    app: str = ""
    subscription: str = ""
    group: str = ""
    sign_in: str = ""
    worker_threads: int = 0

    @property
    def in_azure(self) -> bool:
        """Tell whether it runs in Azure."""
        return bool(self.app)


def platform() -> Platform:
    """Read the platform's own variables (documented); each is empty elsewhere."""
    threads = os.environ.get("PYTHON_THREADPOOL_THREAD_COUNT", "")
    return Platform(
        app=os.environ.get("WEBSITE_SITE_NAME", ""),
        subscription=os.environ.get("WEBSITE_OWNER_NAME", "").partition("+")[0],
        group=os.environ.get("WEBSITE_RESOURCE_GROUP", ""),
        sign_in=os.environ.get("WEBSITE_AUTH_ENABLED", "").lower(),
        worker_threads=int(threads) if threads.isdecimal() else 0,
    )


def insights_connection_string() -> str:
    """Give where telemetry goes; empty = nowhere."""
    return os.environ.get(INSIGHTS, "")


def channel_setting(channel: str, part: str) -> str:
    """Give a setting of a channel; empty where it is not set, or where its Key Vault reference could not be read."""
    found = os.environ.get(f"{PREFIX}CHANNEL_{channel.upper().replace('-', '_')}_{part}", "").strip()
    return "" if found.startswith(NOT_RESOLVED) else found


def page_address() -> str:
    """Give the address of the page, without a slash at its end; empty where nobody knows it."""
    host = os.environ.get(HOST_NAME, "")
    return settings().address.rstrip("/") or (f"https://{host}" if host else "")
