"""The hash of a plan: two plans that mean the same have the same one, however they are written."""

import json
from hashlib import sha256
from typing import Any

from shared.plan.model import Plan


def to_document(plan: Plan) -> dict[str, Any]:
    """Give a plan as plain JSON data without what is default: reading it gives the same plan."""
    return plan.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def plan_hash(plan: Plan) -> str:
    """Give the SHA-256 of the plan's canonical form, in hexadecimal."""
    text = json.dumps(to_document(plan), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()
