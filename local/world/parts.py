"""What the sides of a world are made of, and how a person's deeds are told to the simulator."""

from typing import Annotated, Any

import httpx
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Part(BaseModel):
    """A part of a world: camelCase in the file, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class Drive(Part):
    """A disk; in short its size in GB alone."""

    size_gb: int = Field(gt=0)
    used_gb: float | None = None
    churn: float = 64 * 1024


def in_short(value: Any) -> Any:
    """Take a size alone for a disk of that size."""
    return {"sizeGb": value} if isinstance(value, int) else value


AnyDrive = Annotated[Drive, BeforeValidator(in_short)]


def post(url: str, path: str, body: dict[str, Any]) -> None:
    """Tell the simulator's control API. Raises httpx.HTTPStatusError when it does not take it."""
    httpx.post(f"{url}/control/{path}", json=body, timeout=30, trust_env=False).raise_for_status()
