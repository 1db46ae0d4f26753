"""Reading what a plan names and the app does not make: each resource once, whichever machines and roads name it."""

from collections.abc import Collection
from functools import partial

from activities.flow.kept_reads import KeptReads
from shared.azure.named import look_up
from shared.concerns.target_facts import ResourceFacts
from shared.plan.model import Plan
from shared.plan.named import NamedResource, named_in


def read_named(plan: Plan, kept: KeptReads, names: Collection[NamedResource] | None = None) -> dict[str, ResourceFacts]:
    """Give the facts of what a plan names (or of some of it), by id in lower case, without what the cloud refuses to tell.

    Raises `Busy`.
    """
    resources = named_in(plan) if names is None else names
    read = ((each.key, kept.known(f"named{each.key}", ResourceFacts, partial(_look, each))) for each in resources)
    return {key: facts for key, facts in read if facts is not None}


def _look(resource: NamedResource) -> ResourceFacts:
    """Look a resource up; an id that can be none of its kind leads nowhere."""
    found = look_up(resource.kind, resource.id) if resource.is_possible else None
    if found is None:
        return ResourceFacts(exists=False)
    return ResourceFacts(exists=True, region=found.location, subnets=found.subnets)
