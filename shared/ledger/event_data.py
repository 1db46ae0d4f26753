"""What of an event programs read, beside its words for people: each kind of event fills what it knows."""

from datetime import datetime

from pydantic import Field, JsonValue

from shared.models import Model
from shared.reporting.problem_document import ProblemDocument


class EventData(Model):
    """What an event is about, as far as its words are not enough; what is None it does not know."""

    job: str | None = Field(default=None, description="of Site Recovery, that was submitted")
    task: str | None = Field(default=None, description="of that job")
    command: str | None = Field(default=None, description="that was sent to the machine")
    took_seconds: int | None = Field(default=None, description="how long a script in Azure ran")
    code: str | None = Field(default=None, description="of the cloud's error")
    causes: str | None = Field(default=None, description="that the cloud thinks possible")
    recovery_point: str | None = None
    recovery_point_time: datetime | None = None
    disks: tuple[str, ...] | None = Field(default=None, description="that stay in Azure")
    changed: str | None = Field(default=None, description="what of the plan was changed")
    before: JsonValue = Field(default=None, description="what it was; left out: its default")
    after: JsonValue = Field(default=None, description="what it is now; left out: its default")
    person: str | None = Field(default=None, description="Entra object id of who did it")
    surface: str | None = Field(default=None, description="command line, page or API")
    thumbprint: str | None = Field(default=None, description="of the registration key that was made")
    machines: tuple[str, ...] | None = Field(default=None, description="that somebody is reminded of")
    escalates_to: tuple[str, ...] | None = Field(default=None, description="who may decide from now on, too")
    message: str | None = Field(default=None, description="that was refused, whole")
    id: str | None = Field(default=None, description="of that message")
    reasons: ProblemDocument | None = Field(default=None, description="the problem document it was refused with")
