"""Runs checkov on infra/: a file that it cannot read is a failure too, which checkov itself only counts."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def unread(report: str) -> list[str]:
    """Return the files that a report of checkov (JSON, of one framework or of several) names as not parsed."""
    parsed = json.loads(report)
    reports = parsed if isinstance(parsed, list) else [parsed]
    named = [each for part in reports for each in part.get("results", {}).get("parsing_errors", ())]
    counted = sum(part.get("summary", part).get("parsing_errors", 0) for part in reports)
    return named or ["a file that checkov does not name"] * counted


def main(checkov: str) -> int:
    """Return 0 where every file could be read and every check passed."""
    command = (checkov, "--directory", "infra", "--config-file", "infra/checkov.yaml", "--output", "json")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lacking = unread(done.stdout) if done.stdout.strip() else [f"anything: {done.stderr[-2000:]}"]
    for each in lacking:
        sys.stderr.write(f"checkov could not read {each}\n")
    sys.stdout.write(done.stdout if done.returncode else "checkov found nothing.\n")
    return done.returncode or len(lacking)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
