"""What generation 1 of the SDK's client does not tell of the task hub: the code of an answer, and lists of any length.

Asked at the same local endpoint that the SDK's client uses, which never leaves the machine and needs no key.
"""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from pydantic import AliasPath, BaseModel, ConfigDict, Field

TIMEOUT: Final = aiohttp.ClientTimeout(total=30)
NEXT_PAGE: Final = "x-ms-continuation-token"
PAGES: Final = 1_000  # of a hundred: more than any hub holds


class Instance(BaseModel):
    """An instance as the hub lists it."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(validation_alias=AliasPath("instanceId"))
    status: str = Field(validation_alias=AliasPath("runtimeStatus"))
    updated: datetime = Field(validation_alias=AliasPath("lastUpdatedTime"))
    given: Any = Field(default=None, validation_alias=AliasPath("input"))

    @property
    def belongs_to(self) -> tuple[str, int]:
        """Migration and round of its input; a branch has those of its children. An empty name = none."""
        request = json.loads(self.given) if isinstance(self.given, str) and self.given[:1] == "{" else self.given
        if isinstance(request, Mapping) and request.get("children"):
            request = request["children"][0].get("request", {})
        if not isinstance(request, Mapping):
            return "", 0
        return str(request.get("migration", "")), int(request.get("round", 1))


async def code_of(client: Any, instance_id: str) -> int:
    """Give the HTTP code with which the hub answers for an instance: 200, 202, 404, or a failure's."""
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        url = f"{_endpoint(client)}instances/{quote(instance_id)}?showInput=false"
        async with session.get(url) as answer:
            return answer.status


async def listed(client: Any, prefix: str, query: Mapping[str, str]) -> AsyncIterator[Instance]:
    """Give every instance whose id begins with a prefix; `query` as in Durable's own API, e.g. `runtimeStatus`.

    Statuses are written with a capital: the hub drops unknown ones, and without any all instances are listed. Raises
    aiohttp.ClientError where the hub fails.
    """
    parameters = {"top": "100", **({"instanceIdPrefix": prefix} if prefix else {}), **query}
    token = ""
    async with aiohttp.ClientSession(timeout=TIMEOUT, raise_for_status=True) as session:
        for _ in range(PAGES):
            headers = {NEXT_PAGE: token} if token else {}
            async with session.get(f"{_endpoint(client)}instances/", params=parameters, headers=headers) as answer:
                page, token = await answer.json(content_type=None), answer.headers.get(NEXT_PAGE, "")
            for each in page or ():
                if each["instanceId"].startswith(prefix):
                    yield Instance.model_validate(each)
            if not token:
                return


def _endpoint(client: Any) -> str:
    """Give the local endpoint of the hub, with a slash at its end."""
    return str(client._orchestration_bindings.rpc_base_url)  # noqa: SLF001 - the SDK has no public name for it
