"""Whether the app can become the role in AWS, and what that role allows: tried by dry runs, which change nothing."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from shared.doctor import kinds
from shared.doctor.finding import HealthFinding
from shared.plan.model import Plan
from shared.problems import Busy, CloudRefused, Refused
from shared.settings import settings
from shared.sources.aws.place import find_place
from shared.sources.aws.refusals import asking, code_of
from shared.sources.aws.session import AwsPlace, caller, check_account, ec2, identity_token, ssm

# AWS's answers to a dry run: it would have worked, or the caller may not.
WOULD_WORK: Final = "DryRunOperation"
DENIED: Final = ("UnauthorizedOperation", "AccessDenied", "AccessDeniedException")
# Each with as little as may be answered, should a service take a dry run for a real one.
READS: Final[dict[str, dict[str, Any]]] = {
    "describe_images": {"Owners": ["self"]},
    "describe_instances": {},
    "describe_instance_types": {"InstanceTypes": ["t3.micro"]},
    "describe_network_acls": {},
    "describe_route_tables": {},
    "describe_security_group_rules": {},
    "describe_security_groups": {},
    "describe_subnets": {},
    "describe_volumes": {},
}
MOST_MACHINES: Final = 20  # machines of one plan whose power is tried


def look(plan: Plan | None) -> Iterator[HealthFinding]:
    """Look at the trust, the account and the rights of a plan's role; without a plan only at the token."""
    place = find_place(plan) if plan else None
    if plan and place:
        yield from _role(place, plan)
    elif plan:
        yield kinds.AWS_UNUSED.seen(f"plan {plan.name} has no machines in AWS")
    elif settings().aws_federation_audience:
        yield from _token()
    else:
        yield kinds.AWS_UNUSED.seen("AZFERRY_AWS_FEDERATION_AUDIENCE is not set")


def _token() -> Iterator[HealthFinding]:
    try:
        identity_token()
    except (CloudRefused, Busy) as refusal:
        yield kinds.AWS_TOKEN.seen(str(refusal))
        return
    yield kinds.AWS_UNNAMED.seen(f"Entra gives a token for {settings().aws_federation_audience}")


def _role(place: AwsPlace, plan: Plan) -> Iterator[HealthFinding]:
    try:
        check_account(place)
        if settings().aws_federation_audience:
            identity_token()
        who = caller(place)
    except Busy as away:
        yield kinds.AWS_UNKNOWN.seen(str(away), region=place.region)
    except Refused as refusal:
        yield _refused(place, refusal)
    else:
        yield kinds.AWS.seen(f"AWS knows the app as {who}")
        yield from _rights(place, plan)


def _refused(place: AwsPlace, refusal: Refused) -> HealthFinding:
    """Say which of the three doors was shut: our own list, Entra, or the role's trust."""
    if refusal.facts.id in ("aws-accounts-not-listed", "aws-account-not-allowed"):
        listed = [each for each in settings().aws_accounts.split(",") if each]
        return kinds.AWS_ACCOUNT.seen(str(refusal), accounts=",".join([*listed, place.account or "ACCOUNT"]))
    if refusal.facts.code == "NoIdentityToken":
        return kinds.AWS_TOKEN.seen(str(refusal))
    return kinds.AWS_TRUST.seen(f"{place.role_arn or 'ambient keys'}: {refusal}", **_deploying(place))


def _deploying(place: AwsPlace) -> dict[str, str]:
    return {"tenant": '"$(az account show --query tenantId --output tsv)"', "region": place.region}


def _rights(place: AwsPlace, plan: Plan) -> Iterator[HealthFinding]:
    tries: dict[str, Callable[[], Any]] = {
        f"ec2 {name}": partial(_dry, place, name, **least) for name, least in READS.items()
    }
    tries["ssm describe_instance_information"] = lambda: ssm(place).describe_instance_information(MaxResults=5)
    try:
        denied = [name for name, attempt in tries.items() if not _allows(name, attempt)]
    except (Busy, CloudRefused) as refusal:
        yield kinds.AWS_UNKNOWN.seen(str(refusal), region=place.region)
        return
    if denied:
        yield kinds.AWS_RIGHT.seen(f"in {place.region}: {', '.join(denied)}", **_deploying(place))
        return
    yield kinds.AWS.seen(f"the role may read what the app reads in {place.region} ({len(tries)} calls tried)")
    yield from _power(place, plan)


def _power(place: AwsPlace, plan: Plan) -> Iterator[HealthFinding]:
    """Try stopping and starting each machine that the plan names by its id; AWS says whether it would, and does nothing."""
    named = [machine.source.instance_id for _, machine in plan.entries() if machine.source.instance_id]
    for machine in named[:MOST_MACHINES]:
        denied = [verb for verb in ("stop", "start") if not _may(place, verb, machine)]
        if denied:
            seen = f"{machine}: may not {' or '.join(denied)} it"
            yield kinds.AWS_MACHINE.seen(seen, machine=machine, region=place.region)


def _may(place: AwsPlace, verb: str, machine: str) -> bool:
    """Tell whether it may; of a machine that is not there, or in no state for it, assessment tells."""
    try:
        return _allows(f"to {verb} {machine}", partial(_dry, place, f"{verb}_instances", InstanceIds=[machine]))
    except (Busy, CloudRefused):
        return True


def _dry(place: AwsPlace, call: str, **arguments: Any) -> None:
    getattr(ec2(place), call)(DryRun=True, **arguments)


def _allows(what: str, attempt: Callable[[], Any]) -> bool:
    """Tell whether AWS would let the app do it. Raises `Busy`, and `CloudRefused` for any other refusal."""
    with asking(f"trying {what}"):
        try:
            attempt()
        except ClientError as answer:
            if code_of(answer) not in (WOULD_WORK, *DENIED):
                raise
            return code_of(answer) == WOULD_WORK
    return True
