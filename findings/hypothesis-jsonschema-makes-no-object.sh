#!/usr/bin/env bash
# hypothesis-jsonschema 0.23.1 with hypothesis 6.170.17: no schema of an object gives an example.
#
# Guess: from_schema works with the hypothesis that its own requirements (hypothesis>=6.84.3) allow.
# Seen: each schema of an object raises AttributeError ('many' object has no attribute 'more'), as it uses a part of hypothesis that is
#       not for others and was renamed; texts, numbers and lists still work. With hypothesis 6.150.0 the very same file passes.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/example.py" <<'PYTHON'
from hypothesis import HealthCheck, __version__, given, settings
from hypothesis_jsonschema import from_schema

machine = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


def outcome(schema):
    @settings(max_examples=5, database=None, suppress_health_check=list(HealthCheck))
    @given(from_schema(schema))
    def look(example):
        assert example is not None

    try:
        look()
    except AttributeError as error:
        return str(error)
    return "works"


outcomes = [outcome(schema) for schema in ({"type": "array", "items": {"type": "integer"}}, machine)]
print(f"hypothesis {__version__}: list: {outcomes[0]}; object: {outcomes[1]}")
broken = "'many' object has no attribute 'more'"
assert outcomes == ["works", "works" if __version__ == "6.150.0" else broken], "this has changed"
PYTHON
for version in 6.150.0 6.170.17; do
  python3 -m venv "$folder/venv-$version"
  "$folder/venv-$version/bin/python" -m pip install --quiet --disable-pip-version-check hypothesis-jsonschema==0.23.1 "hypothesis==$version"
  (cd "$folder" && "venv-$version/bin/python" -W ignore example.py)
done
