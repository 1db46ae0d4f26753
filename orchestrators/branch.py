"""Branch: a slice of a fan-out that is too wide for one orchestrator."""

from shared.durable.fan_out import BRANCH, branch
from shared.durable.seam import Blueprint, orchestrates

bp = Blueprint()

orchestrates(bp, BRANCH)(branch)
