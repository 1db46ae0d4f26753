"""Branch: a slice of a fan-out that is too wide for one orchestrator."""

from shared.durable import Blueprint, orchestrates
from shared.fan_out import BRANCH, branch

bp = Blueprint()

orchestrates(bp, BRANCH)(branch)
