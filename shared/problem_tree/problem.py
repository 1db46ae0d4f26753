"""The root of every expected failure, and its facts, as they travel and lie in the ledger."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from shared.models import Sparse


class Fault(BaseModel):
    """One thing that is wrong in an input: where (JSON pointer; line and column of a text) and what."""

    model_config = ConfigDict(frozen=True)

    pointer: str = Field(description="JSON pointer into the document, e.g. /waves/0/machines/3/name")
    message: str
    line: int = Sparse(default=0, description="in the text that was sent, the first is 1; 0 = not known")
    column: int = Sparse(default=0)
    profile: str = Sparse(default="", description="that gave the value; then line and column are not known")
    origin: str = Sparse(default="", description="JSON pointer into that profile")


class ProblemData(BaseModel):
    """A problem as data: what crosses the wire between activity and orchestrator and lands in the ledger."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    kind: str = Field(description="class name in the tree above")
    id: str = Field(description="stable id, documented in docs/errors.md")
    title: str
    detail: str
    advice: str = Field(default="", description="what a person can do about it")
    code: str = Field(default="", description="the cloud's own error code, e.g. an ASR code such as 28031")
    causes: str = Field(default="", description="possible causes, as the cloud tells them")
    errors: tuple[Fault, ...] = ()
    extra: Mapping[str, str] = Field(default_factory=dict)


class Problem(Exception):  # noqa: N818 - a problem document, not an "Error"
    """Root of every expected failure; carries what an operator needs to act."""

    status: ClassVar[int] = 500
    id: ClassVar[str] = "problem"
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str, *, advice: str = "", **more: Any) -> None:
        """Keep the sentence, the advice, and optional `code`, `causes`, `errors`, `extra`, `id`, `title`."""
        super().__init__(detail)
        self.facts = ProblemData(
            **{"kind": type(self).__name__, "id": self.id, "title": self.title, "detail": detail, "advice": advice}
            | more
        )

    @classmethod
    def from_facts(cls, facts: ProblemData) -> Self:
        """Rebuild the problem that `facts` was taken from."""
        problem = cls.__new__(cls)
        Exception.__init__(problem, facts.detail)
        problem.facts = facts
        return problem
