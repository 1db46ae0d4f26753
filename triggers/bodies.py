"""The bodies of commands."""

import json
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeVar

import azure.functions as func
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from shared.coordination.decision import Decision, Verdict
from shared.decisions.people import Person
from shared.decisions.resending import DISMISS, RESEND
from shared.decisions.steered import said_by
from shared.ids import NAME
from shared.intake.known_profiles import KEPT_PROFILES
from shared.intake.text import Line, Lines, Statement
from shared.lists.options import ListOptions
from shared.plan.documents import JSON_TYPES
from shared.plan.error_messages import faults_of
from shared.plan.model import Plan
from shared.plan.profiles import TargetProfiles
from shared.plan.reader import read_plan
from shared.problems import InvalidRequest, TooLarge, UnreadableRequest, UnsupportedFormat

LARGEST: Final = 2 * 1024 * 1024  # twenty thousand machines by name
Name = Annotated[str, StringConstraints(pattern=NAME)]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Text = Annotated[Lines, StringConstraints(max_length=2_000)]
Reason = Annotated[Statement, StringConstraints(min_length=1, max_length=2_000)]
Who = Annotated[Line, StringConstraints(max_length=256)]
Machines = Annotated[tuple[Name, ...], Field(max_length=20_000)]


class Body(BaseModel):
    """What every command may say."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)

    by: Who = Field(default="", description="who says it; believed on the local stack only, else the signed-in user")

    def said_by(self, person: Person, at: datetime) -> Decision:
        """Give what is decided, and by whom."""
        return said_by(person, at)


class Some(Body):
    """A command for some machines, or for all of them."""

    machines: Machines = Field(default=(), description="machines by name; none = all that it is for")
    comment: Text = Field(default="", description="why; kept in the ledger")

    def said_by(self, person: Person, at: datetime) -> Decision:  # noqa: D102 - as of every body
        return said_by(person, at, self.comment).replace(machines=self.machines)


class Approval(Some):
    """A decision at a gate."""

    gate: Word = Field(description="name of the gate, e.g. cutover", examples=["cutover"])
    decision: Verdict = Field(description="what is decided", examples=["approve"])
    wave: Name | Literal[""] = Field(default="", description="the wave; may be left out where the gate is clear")
    waves: Annotated[tuple[Name, ...], Field(max_length=500)] = Field(
        default=(), description="several waves: everything that waits at their gates of that name"
    )
    all_ready: bool = Field(default=False, description="everything that waits at gates of that name now, in any wave")

    def said_by(self, person: Person, at: datetime) -> Decision:  # noqa: D102 - as of every body
        waves = tuple(dict.fromkeys(name for name in (self.wave, *self.waves) if name))
        about = {"gate": self.gate, "waves": waves, "machines": self.machines, "all_ready": self.all_ready}
        return said_by(person, at, self.comment).replace(verb=self.decision.value, verdict=self.decision, **about)


class CutOverNow(Some):
    """A cutover that does not wait for its window."""

    wave: Name = Field(description="the wave", examples=["shop"])

    def said_by(self, person: Person, at: datetime) -> Decision:  # noqa: D102 - as of every body
        return super().said_by(person, at).replace(waves=(self.wave,))


class Skipping(Body):
    """A phase of one machine that is left out."""

    machine: Name = Field(description="the machine", examples=["shop-web1"])
    phase: Word = Field(description="the phase", examples=["start_test_failover"])
    comment: Reason = Field(description="why; kept in the ledger", examples=["rehearsed last week"])

    def said_by(self, person: Person, at: datetime) -> Decision:  # noqa: D102 - as of every body
        return said_by(person, at, self.comment).replace(machines=(self.machine,), gate=self.phase)


class Acknowledging(Body):
    """A concern that somebody takes upon themselves."""

    concern: Word = Field(description="id of the concern, see docs/errors.md", examples=["fact-unknown"])
    machine: Name | Literal["", "*"] = Field(default="*", description="the machine; `*` = all of them")
    reason: Reason = Field(description="why it is acceptable; kept in the ledger", examples=["seen for ourselves"])

    def said_by(self, person: Person, at: datetime) -> Decision:  # noqa: D102 - as of every body
        named = () if self.machine in ("", "*") else (self.machine,)
        return said_by(person, at, self.reason).replace(machines=named, gate=self.concern)


class Resending(Body):
    """What becomes of messages that were given up."""

    receiver: Annotated[Line, StringConstraints(max_length=2_000)] = Field(
        default="", description="those to this receiver; none = to all", examples=["ops"]
    )
    dismiss: bool = Field(default=False, description="let them be, instead of sending them again")
    comment: Text = Field(default="", description="why; kept in the ledger")

    def said_by(self, person: Person, at: datetime) -> Decision:  # noqa: D102 - as of every body
        verb = DISMISS if self.dismiss else RESEND
        return said_by(person, at, self.comment).replace(verb=verb, gate=self.receiver)


class Registering(Body):
    """A registration key for the person who registers the server."""

    wave: Name | Literal[""] = Field(default="", description="the wave, where waves have servers of their own")


class SentList(BaseModel):
    """A file with a list of machines, as text or, what is none, as base64."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[Line, StringConstraints(min_length=1, max_length=256)] = Field(description="of the file")
    text: str = Field(default="", description="what it holds")
    base64: Base64Bytes = Field(default=b"", description="the same for what is no text: XLSX, ZIP")


class PlanImport(Body):
    """Lists of machines, and the plan that they go into."""

    files: Annotated[tuple[SentList, ...], Field(min_length=1, max_length=100)] = Field(description="the lists")
    plan: str = Field(default="", description="the plan's text, YAML or JSON; left out: a new plan is begun")
    name: Name | Literal[""] = Field(default="", description="name of a new plan")
    options: ListOptions = Field(default=ListOptions(), description="how the lists are to be read")


class SentPlan(BaseModel):
    """A plan that may cover machines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[Line, StringConstraints(min_length=1, max_length=256)] = Field(description="of its file")
    text: str = Field(description="the plan, YAML or JSON")


class InventoryRequest(Body):
    """A place whose machines are to be listed, and plans that may cover them."""

    place: dict[str, JsonValue] = Field(
        description="the beginning of a plan, or a whole one: scenario, source, replication, and target where one is known"
    )
    plans: Annotated[tuple[SentPlan, ...], Field(max_length=100)] = Field(
        default=(), description="plans besides those that the ledger knows"
    )


Read = TypeVar("Read", bound=Body)


def plan_in(req: func.HttpRequest, now: datetime | None = None, profiles: TargetProfiles = KEPT_PROFILES) -> Plan:
    """Read the plan that a request brings. Raises what `read_plan` raises."""
    return read_plan(req.get_body(), req.headers.get("content-type", ""), now, profiles)


def read_body(req: func.HttpRequest, kind: type[Read], largest: int = LARGEST) -> Read:
    """Read the body of a command; none is an empty object.

    Raises `TooLarge`, `UnsupportedFormat`, `UnreadableRequest`, and `InvalidRequest` with every fault.
    """
    data = _object(req.get_body() or b"{}", req.headers.get("content-type", ""), largest)
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        faults = tuple(faults_of(error))
        raise InvalidRequest(
            f"{len(faults)} error{'s' if len(faults) != 1 else ''} in the body; nothing was done", errors=faults
        ) from None


def _object(body: bytes, content_type: str, largest: int) -> Any:
    """Give the JSON object of a body."""
    if len(body) > largest:
        raise TooLarge(f"the body has {len(body):,} bytes; {largest:,} are allowed")
    kind = content_type.split(";", maxsplit=1)[0].strip().lower()
    if kind and kind not in JSON_TYPES:
        raise UnsupportedFormat(f"a command cannot be sent as {kind[:64]}", advice="Send it as application/json.")
    try:
        data = json.loads(body)
        json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError):  # ValueError: no JSON, no UTF-8, half a character, a number too long
        raise UnreadableRequest("the body is not readable JSON") from None
    if not isinstance(data, dict):
        raise UnreadableRequest("the body must be a JSON object")
    return data
