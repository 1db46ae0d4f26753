"""The settings of a profile as people write them: judged part by part as a plan's are, whatever is left out."""

from collections.abc import Iterator
from typing import Any, Final, cast

from pydantic import ValidationError

from shared.plan.documents import read_document
from shared.plan.error_messages import faults_of, no_such_field
from shared.plan.locating import located
from shared.plan.model import Plan, Wave
from shared.plan.partial_parse import lenient
from shared.plan.pointers import pointer
from shared.plan.profiles import EACH_WAVE, PARTS, PARTS_OF_WAVES, Settings
from shared.plan.values import Part
from shared.problems import Fault, InvalidRequest, TooLarge

LARGEST: Final = 128 * 1024
DESCRIPTION: Final = "description"
KNOWN: Final = (DESCRIPTION, *PARTS, EACH_WAVE)


def read_settings(body: bytes, content_type: str, called: str = "the profile") -> Settings:
    """Read the settings of a profile, as they are kept: two that mean the same are the same.

    Raise `TooLarge`, `UnsupportedFormat`, `UnreadablePlan`, and `InvalidRequest` with every fault at once.
    """
    if len(body) > LARGEST:
        raise TooLarge(f"The profile has {len(body):,} bytes; {LARGEST:,} are allowed")
    document = read_document(body, content_type)
    if faults := tuple(_faults(document)):
        message = f"{len(faults)} error{'s' if len(faults) != 1 else ''} in {called}"
        raise InvalidRequest(
            message,
            advice="Correct every entry of `errors` and send the profile again.",
            errors=located(body.decode("utf-8-sig"), faults, document),
        )
    return _plain(document)


def settings_schema() -> dict[str, Any]:
    """Give the outline of a profile as JSON Schema; its parts are those of plans, of which nothing is required."""

    def outline(names: tuple[str, ...], lists: tuple[str, ...]) -> dict[str, Any]:
        return {name: {"type": "array" if name in lists else "object"} for name in names}

    each = {
        "type": "object",
        "properties": outline(PARTS_OF_WAVES, ("verify", "targetScripts")),
        "additionalProperties": False,
    }
    properties = {DESCRIPTION: {"type": "string"}, **outline(PARTS, ("notifications",)), EACH_WAVE: each}
    about = "Settings that hold where a plan that names the profile says nothing itself; no field is required."
    return {"type": "object", "description": about, "properties": properties, "additionalProperties": False}


def _faults(document: Any) -> Iterator[Fault]:
    if not isinstance(document, dict) or not document.keys() - {DESCRIPTION}:
        yield Fault(pointer="", message=f"says nothing: it holds some of {', '.join(KNOWN)}")
        return
    yield from _unknown(document, KNOWN, "")
    yield from _broken(Plan, {key: value for key, value in document.items() if key in KNOWN and key != EACH_WAVE}, "")
    each = document.get(EACH_WAVE, {})
    if not isinstance(each, dict):
        yield Fault(pointer=f"/{EACH_WAVE}", message="must be an object")
        return
    yield from _unknown(each, PARTS_OF_WAVES, f"/{EACH_WAVE}")
    yield from _broken(Wave, {key: value for key, value in each.items() if key in PARTS_OF_WAVES}, f"/{EACH_WAVE}")


def _unknown(document: dict[str, Any], known: tuple[str, ...], at: str) -> Iterator[Fault]:
    for name in document:
        if name not in known:
            message = f"{no_such_field(str(name))} in a profile; it holds {', '.join(known)}"
            yield Fault(pointer=at + pointer((name,)), message=message)


def _broken(kind: type[Part], document: dict[str, Any], at: str) -> Iterator[Fault]:
    """Yield what is wrong in what is there; what is missing the plan may say, but not within an entry of a list."""
    try:
        kind.model_validate(document, by_alias=True, by_name=False)
    except ValidationError as error:
        paths = [each["loc"] for each in error.errors(include_url=False) if each["type"] == "missing"]
        left_out = {pointer(path) for path in paths if not any(isinstance(step, int) for step in path)}
        for fault in faults_of(error):
            if fault.pointer not in left_out:
                yield fault.model_copy(update={"pointer": at + fault.pointer})


def _plain(document: dict[str, Any]) -> Settings:
    """Give the settings as a plan writes them, only those that are there."""
    whole = _written(Plan, {key: value for key, value in document.items() if key != EACH_WAVE})
    each = _written(Wave, document.get(EACH_WAVE) or {})
    return whole | ({EACH_WAVE: each} if each else {})


def _written(kind: type[Part], document: dict[str, Any]) -> Settings:
    part = lenient(kind, document)
    return cast(Settings, part.model_dump(mode="json", by_alias=True, exclude_unset=True))
