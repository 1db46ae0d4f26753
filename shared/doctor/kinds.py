"""Every kind of finding, as one table; docs/doctor.md tells them all."""

from typing import Final

from shared.doctor.finding import FindingKind, FindingSeverity
from shared.reporting.release_commands import DOCTOR_OF_PLAN, LOGIN

_OK, _NOTICE, _WARNING = FindingSeverity.OK, FindingSeverity.NOTICE, FindingSeverity.WARNING
_GRANT: Final = 'az role assignment create --assignee "{who}" --role "{role}" --scope {scope}'
_AWS_ROLE: Final = (
    'infra/aws/deploy.sh --tenant {tenant} --audience "$(azd env get-value AZFERRY_AWS_FEDERATION_AUDIENCE)" '
    '--principal "$(azd env get-value AZFERRY_IDENTITY_PRINCIPAL_ID)" --regions {region}'
)

RUNTIME: Final = FindingKind(id="runtime", area="versions", severity=_OK)
PYTHON: Final = FindingKind(
    id="python-not-supported",
    area="versions",
    meaning="azferry is tested on Python 3.11 to 3.13 only.",
    remedy="azd deploy (infra/modules/function-app.bicep names the runtime); on a laptop: make setup PYTHON=/path/to/python3.13",
)
PACKAGE: Final = FindingKind(
    id="package-not-supported",
    area="versions",
    meaning="The app was tested with other versions; it may refuse to start, or misread what a service answers.",
    remedy="{install}",
)
PACKAGES_UNKNOWN: Final = FindingKind(
    id="packages-not-listed",
    area="versions",
    severity=_NOTICE,
    meaning="requirements.txt is not beside the app, so nobody compared the versions of its packages.",
    remedy="azd deploy",
)
HOST: Final = FindingKind(
    id="host-settings",
    area="versions",
    meaning="The Functions host runs with other settings than those that the app is tested with.",
    remedy="git checkout host.json && azd deploy",
)
THREADS: Final = FindingKind(
    id="threads-too-few",
    area="versions",
    severity=_WARNING,
    meaning="The host hands the worker more activities and orchestrators at once than it has threads: they queue.",
    remedy="azd provision (it sets PYTHON_THREADPOOL_THREAD_COUNT to 32)",
)

ZONES: Final = FindingKind(id="zones", area="zones", severity=_OK)
NO_ZONES: Final = FindingKind(
    id="zones-not-usable",
    area="zones",
    meaning="Windows and blackouts cannot be reckoned: plans are refused, and open migrations wait.",
    remedy="{install}",
)

CHANNEL: Final = FindingKind(id="channel", area="channels", severity=_OK)
CHANNEL_FAULTY: Final = FindingKind(
    id="channel-faulty",
    area="channels",
    severity=_WARNING,
    meaning="Nobody is told by this channel: its messages are given up, and stand in the inbox.",
    remedy="Put its settings right (docs/notifications.md), then: azd provision",
)
NO_CHANNELS: Final = FindingKind(
    id="no-channels",
    area="channels",
    severity=_NOTICE,
    meaning="Nobody is told of gates and failures: people have to look at the page.",
    remedy="azd env set AZFERRY_CHANNELS ops:webhook (docs/notifications.md tells what else), then: azd provision",
)

CLOCK: Final = FindingKind(id="clock", area="clock", severity=_OK)
CLOCK_OFF: Final = FindingKind(
    id="clock-off",
    area="clock",
    severity=_WARNING,
    meaning="Windows open early or late by as much.",
    remedy="{sync}",
)
CLOCK_WRONG: Final = FindingKind(
    id="clock-wrong",
    area="clock",
    meaning="Tokens and signed requests are refused: AWS refuses what is five minutes off.",
    remedy="{sync}",
)
CLOCK_UNKNOWN: Final = FindingKind(
    id="clock-not-compared",
    area="clock",
    severity=_WARNING,
    meaning="The service cannot be reached from here, or something in between answers for it.",
    remedy="curl --head {url}  # from the same network; let it through the firewall (docs/addresses.md)",
)

STORAGE: Final = FindingKind(id="storage", area="storage", severity=_OK)
STORAGE_UNNAMED: Final = FindingKind(
    id="storage-not-named",
    area="storage",
    meaning="The app has nowhere to keep migrations: it can do nothing.",
    remedy="azd provision (it sets AZFERRY_STORAGE_ACCOUNT); on a laptop: make run",
)
STORAGE_AWAY: Final = FindingKind(
    id="storage-not-reached",
    area="storage",
    meaning="The app cannot read or keep anything: migrations stand still until storage answers again.",
    remedy="az storage account show --name {account} --query '[publicNetworkAccess,networkRuleSet.defaultAction]'  "
    "# private: the app's subnet and its DNS have to lead there (docs/private-network.md)",
)
STORAGE_REFUSED: Final = FindingKind(
    id="storage-refused",
    area="storage",
    meaning="The app's identity has no right to read there; a new grant takes some minutes to hold.",
    remedy=_GRANT,
)
STORAGE_RIGHTS: Final = FindingKind(
    id="storage-rights-missing",
    area="storage",
    meaning="The app could read there, and not keep anything.",
    remedy=_GRANT,
)
STORAGE_RIGHTS_UNKNOWN: Final = FindingKind(
    id="storage-rights-not-read",
    area="storage",
    severity=_NOTICE,
    meaning="Reading works; whether the identity may write was not asked, as nothing is written here to try it.",
    remedy="az role assignment list --assignee \"{who}\" --all --query '[].[roleDefinitionName,scope]'",
)
RECORD: Final = FindingKind(id="record", area="storage", severity=_OK)
RECORD_OPEN: Final = FindingKind(
    id="record-not-protected",
    area="storage",
    severity=_WARNING,
    meaning="Decisions are kept in a record, and who may write to storage can change it.",
    remedy="azd env set AZFERRY_RECORD_DAYS 365 && azd provision (it gives the container its policy); on a laptop nothing protects it",
)

SIGN_IN: Final = FindingKind(id="sign-in", area="sign-in", severity=_OK)
SIGN_IN_LOCAL: Final = FindingKind(
    id="sign-in-played",
    area="sign-in",
    severity=_NOTICE,
    meaning="This is a local stack: who asks is believed.",
    remedy="None is needed on a laptop.",
)
LOCAL_IN_AZURE: Final = FindingKind(
    id="sign-in-played-in-azure",
    area="sign-in",
    meaning="Anybody with the function key can approve in anybody's name.",
    remedy='az functionapp config appsettings delete --name {app} --resource-group "{group}" --setting-names AZFERRY_LOCAL',
)
SIGN_IN_OFF: Final = FindingKind(
    id="sign-in-off",
    area="sign-in",
    severity=_WARNING,
    meaning="Whoever has the function key may do everything, nobody is named in the ledger, and plans with fourEyes are refused.",
    remedy="azd env set AZFERRY_REGISTER_SIGN_IN true && azd up",
)
SIGN_IN_BYPASSED: Final = FindingKind(
    id="sign-in-bypassed",
    area="sign-in",
    meaning="The app believes the headers that name people, and the platform's own check is off: they can be forged.",
    remedy="azd provision (it turns the platform's check on)",
)

RIGHTS: Final = FindingKind(id="rights", area="rights", severity=_OK)
RIGHTS_MISSING: Final = FindingKind(
    id="rights-missing",
    area="rights",
    meaning="Migrations that need them stop before anything is changed (concern permissions-missing).",
    remedy='azd env set {variable} "{groups}" && azd provision',
)
GROUP_MISSING: Final = FindingKind(
    id="group-missing",
    area="rights",
    severity=_WARNING,
    meaning="There is no such resource group, or the identity sees nothing of it.",
    remedy="az group show --name {group} --subscription {subscription}",
)
RIGHTS_UNKNOWN: Final = FindingKind(
    id="rights-not-read",
    area="rights",
    severity=_WARNING,
    meaning="Azure did not tell what the identity may do there; an assessment would not know either.",
    remedy='az role assignment list --assignee "{who}" --scope {scope} --include-inherited --output table',
)
RIGHTS_TOO_MANY: Final = FindingKind(
    id="rights-too-many",
    area="rights",
    severity=_WARNING,
    meaning="The identity may do more than azferry ever asks for: whoever gets hold of it may, too.",
    remedy='az role assignment list --assignee "{who}" --scope {scope} --include-inherited --output table  '
    "# and take back what is not called azferry",
)
RIGHTS_UNNAMED: Final = FindingKind(
    id="rights-nowhere",
    area="rights",
    severity=_NOTICE,
    meaning="No resource group is named where the app may work, so nobody compared its rights.",
    remedy=f"{DOCTOR_OF_PLAN}  # compares those of a plan; azd env set AZFERRY_TARGET_GROUPS … && azd provision grants them",
)

AWS: Final = FindingKind(id="aws", area="aws", severity=_OK)
AWS_UNUSED: Final = FindingKind(id="aws-not-used", area="aws", severity=_OK)
AWS_UNNAMED: Final = FindingKind(
    id="aws-role-not-tried",
    area="aws",
    severity=_NOTICE,
    meaning="Roles stand in plans, and none was given: nobody tried to become one.",
    remedy=DOCTOR_OF_PLAN,
)
AWS_ACCOUNT: Final = FindingKind(
    id="aws-account-not-allowed",
    area="aws",
    meaning="The app touches only accounts that its settings list.",
    remedy='azd env set AZFERRY_AWS_ACCOUNTS "{accounts}" && azd provision',
)
AWS_TOKEN: Final = FindingKind(
    id="aws-token-refused",
    area="aws",
    meaning="Entra gives the app's identity no token for AWS, so it can become no role.",
    remedy="infra/aws/register-app.sh  # then azd env set AZFERRY_AWS_FEDERATION_AUDIENCE to what it prints, and azd provision",
)
AWS_TRUST: Final = FindingKind(
    id="aws-trust-refused",
    area="aws",
    meaning="AWS does not let the app become the role: its trust names another tenant, audience or identity, or the role is not there.",
    remedy=_AWS_ROLE,
)
AWS_RIGHT: Final = FindingKind(
    id="aws-right-missing",
    area="aws",
    meaning="The role may not do it in this region: migrations stop where they need it.",
    remedy=_AWS_ROLE,
)
AWS_MACHINE: Final = FindingKind(
    id="aws-machine-not-allowed",
    area="aws",
    meaning="The role may not stop or start this machine: by default it may touch only machines that are tagged for it.",
    remedy="aws ec2 create-tags --region {region} --resources {machine} --tags Key=azferry:source,Value=yes",
)
AWS_UNKNOWN: Final = FindingKind(
    id="aws-not-reached",
    area="aws",
    severity=_WARNING,
    meaning="AWS cannot be reached from here just now.",
    remedy="curl --head https://sts.{region}.amazonaws.com  # from the app's network (docs/addresses.md)",
)

BROKEN: Final = FindingKind(
    id="look-failed",
    area="versions",
    severity=_WARNING,
    meaning="This look broke off by itself, so nobody knows; the others were made.",
    remedy="Look for the reference in the app's log, and report it.",
)
CONNECTED: Final = FindingKind(id="connected", area="connection", severity=_OK)
APP_AWAY: Final = FindingKind(
    id="app-not-reached",
    area="connection",
    meaning="Nobody answers at this address; only this machine was looked at.",
    remedy=f'{LOGIN} --url "$(azd env get-value AZFERRY_URL)"; on a laptop: make run',
)
APP_REFUSED: Final = FindingKind(
    id="app-refused",
    area="connection",
    meaning="The app did not let itself be looked at; only this machine was.",
    remedy="{advice}",
)
VERSIONS_DIFFER: Final = FindingKind(
    id="versions-differ",
    area="connection",
    severity=_WARNING,
    meaning="Command line and app are of different releases: one may not know what the other says.",
    remedy="{install}",
)

KINDS: Final = {kind.id: kind for kind in list(globals().values()) if isinstance(kind, FindingKind)}
