#!/usr/bin/env bash
# schemathesis 4.32.5 with pytest 9.2.0: a schema that comes from a fixture runs no request.
#
# Guess: schemathesis.pytest.from_fixture works with the pytest that its own requirements allow.
# Seen: each test of such a schema fails before its first request: it writes a private attribute of pytest's nodes, which
# is gone in 9.2. With pytest 9.0.2 the very same file passes.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/test_lazy.py" <<'PYTHON'
import pytest
import schemathesis

DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "t", "version": "1"},
    "paths": {"/things": {"get": {"responses": {"200": {"description": "fine"}}}}},
}


@pytest.fixture
def documented():
    return schemathesis.openapi.from_dict(DOCUMENT)


schema = schemathesis.pytest.from_fixture("documented")


@schema.parametrize()
def test_each_operation(case):
    assert case.path == "/things"
PYTHON
python3 -m venv "$folder/venv"
for pytest in 9.0.2 9.2.0; do
  "$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check schemathesis==4.32.5 "pytest==$pytest"
  COLUMNS=200 "$folder/venv/bin/python" -m pytest -q -p no:cacheprovider --tb=line "$folder/test_lazy.py" > "$folder/$pytest" 2>&1 || true
  echo "pytest $pytest:"; grep -E "passed|failed|Error" "$folder/$pytest" | head -3
done
grep -q "1 passed" "$folder/9.0.2" && grep -q "_nodeid" "$folder/9.2.0" || { echo "this has changed"; exit 1; }
