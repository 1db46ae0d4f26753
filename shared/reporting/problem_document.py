"""The shape of an answer that says no, as clients read it."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from shared.models import Sparse
from shared.problems import Fault


class ProblemDocument(BaseModel):
    """What every answer with a status of 400 or above says; `type` is explained in docs/errors.md."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="allow")

    type: str = Field(examples=["https://azferry.dev/problems/not-found"])
    title: str
    status: int
    detail: str
    instance: str = Sparse(default="", description="the path that was asked")
    advice: str = Sparse(default="", description="what can be done about it")
    code: str = Sparse(default="", description="the cloud's own error code")
    causes: str = Sparse(default="", description="possible causes, as the cloud tells them")
    errors: tuple[Fault, ...] = Sparse(default=(), description="every place in the input that is wrong")
