"""The whole look: every part at the same time, and a part that breaks leaves the others alone."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Final

from shared.decisions.people import Person
from shared.doctor import aws_trust, channels, clock_skew, kinds, record, rights, sign_in, storage, time_zones, versions
from shared.doctor.finding import Diagnosis, HealthFinding, diagnosis_of
from shared.durable.seam import logged
from shared.plan.model import Plan
from shared.problems import Busy, CloudRefused
from shared.settings import settings
from shared.version import VERSION

Look = Callable[[], Iterable[HealthFinding]]
AT_ONCE: Final = 8


def examine(person: Person, plan: Plan | None = None) -> Diagnosis:
    """Look at everything that the app needs: for a plan, or for the places of its settings. Nothing is changed."""
    looks: list[Look] = [
        versions.look,
        partial(time_zones.look, versions.INSTALL),
        partial(sign_in.look, person),
        storage.look,
        record.look,
        channels.look,
        partial(clock_skew.look, _services()),
        partial(_rights, plan),
        partial(aws_trust.look, plan),
    ]
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        parts = [pool.submit(copy_context().run, _carefully, look) for look in looks]
        return diagnosis_of([finding for part in parts for finding in part.result()], VERSION)


def _services() -> dict[str, str]:
    """Give the clouds whose clocks are compared: AWS only where it is used."""
    azure = {"Azure": settings().arm_endpoint or "https://management.azure.com"}
    amazon = settings().aws_endpoint or ("https://sts.amazonaws.com" if settings().aws_federation_audience else "")
    return azure | ({"AWS": amazon} if amazon else {})


def _rights(plan: Plan | None) -> Iterable[HealthFinding]:
    try:
        needed = rights.of_plan(plan) if plan else rights.of_settings()
    except (Busy, CloudRefused) as refusal:
        scope = f"/subscriptions/{plan.target.subscription_id}" if plan else ""
        return [kinds.RIGHTS_UNKNOWN.seen(f"{scope}: {refusal}", who=storage.identity_name(), scope=scope)]
    return rights.look(needed)


def _carefully(look: Look) -> list[HealthFinding]:
    """Make one look; what nobody expected becomes a finding, and its trace stands in the log."""
    try:
        return list(look())
    except Exception as fault:  # noqa: BLE001 - the others are to be told all the same
        return [kinds.BROKEN.seen(str(logged("a look of the doctor", fault)))]
