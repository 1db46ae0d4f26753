#!/usr/bin/env bash
# pytest-timeout 2.4.0: a limit on one parameter does not go before the limit on its function.
#
# Guess: the mark nearest to a case counts, so pytest.param(..., marks=pytest.mark.timeout(60)) gives a long case more time.
# Seen: the function's mark counts for every case, also for one whose parameter allows more.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pytest==9.0.2 pytest-timeout==2.4.0
cat > "$folder/test_limits.py" <<'PYTHON'
import time

import pytest


@pytest.mark.timeout(1)
@pytest.mark.parametrize("seconds", [pytest.param(2, marks=pytest.mark.timeout(60))])
def test_a_long_case(seconds):
    time.sleep(seconds)


@pytest.mark.parametrize("seconds", [pytest.param(2, marks=pytest.mark.timeout(60)), pytest.param(2, marks=pytest.mark.timeout(1))])
def test_each_with_its_own(seconds):
    time.sleep(seconds)
PYTHON
COLUMNS=200 "$folder/venv/bin/python" -m pytest -q -p no:cacheprovider --tb=line "$folder/test_limits.py" > "$folder/out" || true
grep -E "passed|failed|FAILED" "$folder/out"
grep -q "test_a_long_case.*Timeout (>1.0s)" "$folder/out" && grep -q "2 failed, 1 passed" "$folder/out" || { echo "this has changed"; exit 1; }
