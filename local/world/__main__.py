"""`python -m local.world PLAN`: makes the source world of a plan in stand-ins that are running."""

import argparse
import json
from pathlib import Path

import yaml

from .build import Places, build, world_for


def main() -> None:
    """Build the world beside the plan, or the one derived from it; prints instance ids by name as JSON."""
    parser = argparse.ArgumentParser(prog="python -m local.world", description=__doc__)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--aws", required=True, help="URL of the AWS stand-in")
    parser.add_argument("--ssm", required=True, help="URL of the SSM stand-in")
    parser.add_argument("--simulator", required=True, help="URL of the Azure simulator")
    args = parser.parse_args()
    plan = yaml.safe_load(args.plan.read_text(encoding="utf-8"))
    ids = build(world_for(args.plan, plan), Places(args.aws, args.ssm, args.simulator))
    print(json.dumps(dict(ids), indent=2))  # noqa: T201  # what it is for


if __name__ == "__main__":
    main()
