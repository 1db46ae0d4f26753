"""Writes docs/plan.md from the models of a plan: `python -m tests.plan_document`. A test sees that it was not forgotten."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from shared.plan.error_messages import pattern_words
from shared.plan.profile_settings import KNOWN
from shared.plan.profiles import PARTS_OF_WAVES
from shared.plan.schema import EXAMPLE, plan_schema
from shared.plan.values import ISO_DURATION

WORDS = {
    f"^{ISO_DURATION}$": "a duration such as `PT15M`, `PT4H` or `P1DT12H`",
    "^(?:[0-9]{1,5}|(?:100|[0-9]{1,2})%)$": "a percentage such as `10%`",
}
DOCUMENT = Path(__file__).parents[1] / "docs" / "plan.md"
HEAD = """# The plan: every field

This page is written from the models (`python -m tests.plan_document`).

A plan is YAML or JSON. What is left out has its default; a field that there is not is an error, as is an empty one (`null`). Every error is told
at once, with pointer, line and column. `azferry schema` gives the same as JSON Schema, for editors. The smallest plan says little:

```yaml
{example}```

More of them stand in [examples](../examples); lists of other tools become plans with [`import`](lists.md).

## Profiles

What several plans share (subscription, region, networks, vault, cache, policy, limits, gates, checks) can stand in a profile, which each of them names:

```yaml
profile: prod-weu
```

The plan lies upon its profile, field by field: what the plan says itself holds, what it leaves out is the profile's; tags are put together by name, lists are
taken whole. A profile holds some of {parts}; of these `eachWave` ({waves}) lies under each wave of the plan. Nothing in it is required.
[An example](../examples/profiles/prod-weu.yaml), and [a plan upon it](../examples/aws-to-azure.launch.yaml).

The app keeps profiles, version by version: `azferry target-profiles prod-weu --set FILE` shows what differs and makes the next one; `azferry target-profiles prod-weu` shows
who changed what, when and why. A plan is frozen with the version that is the newest when it is started, and says in `profile` which that was and which places it filled (`gave`).
So a later version moves nothing that runs: the same plan sent again is the same migration, and `azferry change ID PLAN` goes by the version that runs. To let a running migration
follow, name the version, `profile: {name: prod-weu, version: 4}`, and send that with it: it shows what would become otherwise. What is wrong in a value that a
profile gave is told with the profile and the place there. On a machine without an app, `validate --local`, `import`, `waves` and `forecast` read `profiles/NAME.yaml` beside the
plan; where both are there, the file is what this machine reads, and the app goes by its own.

The JSON Schema is of whole plans: it asks for what a profile may give.
"""


def document() -> str:
    """Give the whole page."""
    schema = plan_schema()
    names = list(dict.fromkeys(_reached(schema, schema["$defs"])))
    parts = [("Plan", schema), *((name, schema["$defs"][name]) for name in names)]
    example = yaml.safe_dump(EXAMPLE, sort_keys=False)
    head = (
        HEAD.replace("{example}", example).replace("{parts}", _names(KNOWN)).replace("{waves}", _names(PARTS_OF_WAVES))
    )
    return head + "".join(line + "\n" for each in parts for line in _part(*each))


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _reached(part: Any, known: dict[str, Any]) -> Iterator[str]:
    """Yield the parts that a part holds, each before those that it holds itself."""
    here = dict.fromkeys(ref for field in _whole(part).get("properties", {}).values() for ref in _refs(field))
    for name in here:
        yield name
        yield from _reached(known[name], known)


def _refs(field: Any) -> Iterator[str]:
    if isinstance(field, dict):
        if "$ref" in field:
            yield field["$ref"].rpartition("/")[2]
        for each in field.values():
            yield from _refs(each)
    if isinstance(field, list):
        for each in field:
            yield from _refs(each)


def _whole(part: dict[str, Any]) -> dict[str, Any]:
    """Give the object where something shorter may stand for it."""
    return part | next((each for each in part.get("anyOf", ()) if "properties" in each), {})


def _part(name: str, part: dict[str, Any]) -> Iterator[str]:
    """Yield a section: what the part is, and its fields."""
    yield f"\n## {name}\n"
    yield part.get("description", "").replace("\n", " ").strip()
    yield "\n| field | holds | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for field, schema in _whole(part)["properties"].items():
        needed = field in _whole(part).get("required", ())
        cells = (f"`{field}`", _holds(schema), "**required**" if needed else _default(schema), _meaning(schema))
        yield "| " + " | ".join(each.replace("|", "\\|").replace("\n", " ") for each in cells) + " |"


def _holds(schema: dict[str, Any]) -> str:
    """Say what kind of value a field holds."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    choices = schema.get("oneOf") or schema.get("anyOf") or schema.get("allOf")
    if choices:
        return " or ".join(dict.fromkeys(filter(None, map(_holds, choices))))
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{each}`" for each in schema.get("enum", [schema.get("const")]) if each != "")
    if schema.get("type") == "array":
        most = f", at most {schema['maxItems']:,}" if "maxItems" in schema else ""
        return f"list of {_holds(schema['items'])}{most}"
    return _simple(schema)


def _simple(schema: dict[str, Any]) -> str:
    kind = schema.get("type", "")
    if kind == "string":
        most = f", at most {schema['maxLength']:,} characters" if "maxLength" in schema else ""
        pattern = schema.get("pattern")
        return (WORDS.get(pattern) or pattern_words(pattern) if pattern else "text") + most
    if kind in ("integer", "number"):
        ends = [f"{schema[key]:,}" for key in ("minimum", "maximum") if key in schema]
        return "whole number" + (f", {' to '.join(ends)}" if len(ends) == 2 else "")
    return {"boolean": "`true` or `false`", "object": "names with values"}.get(kind, kind)


def _default(schema: dict[str, Any]) -> str:
    value = schema.get("default")
    if isinstance(value, dict):
        return "its own defaults" if value else "none"
    return f"`{json.dumps(value) if not isinstance(value, str) else value}`" if value not in (None, "", []) else "none"


def _meaning(schema: dict[str, Any]) -> str:
    examples = ", ".join(
        f"`{each if isinstance(each, str) else json.dumps(each)}`" for each in schema.get("examples", ())
    )
    return schema.get("description", "") + (f"; e.g. {examples}" if examples else "")


if __name__ == "__main__":
    DOCUMENT.write_text(document())
