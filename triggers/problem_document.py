"""The shape of a problem document (RFC 9457), for the OpenAPI document."""

from pydantic import BaseModel, ConfigDict, Field

from shared.problems import Fault


class ProblemDocument(BaseModel):
    """What every answer with a status of 400 or above says; `type` is explained in docs/errors.md."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["https://azferry.dev/problems/not-found"])
    title: str
    status: int
    detail: str
    instance: str = Field(default="", description="the path that was asked")
    advice: str = Field(default="", description="what can be done about it")
    code: str = Field(default="", description="the cloud's own error code")
    causes: str = Field(default="", description="possible causes, as the cloud tells them")
    errors: tuple[Fault, ...] = Field(default=(), description="every place in the input that is wrong")
