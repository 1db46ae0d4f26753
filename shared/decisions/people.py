"""People: who asks, told apart by an id that is theirs for good, and the roles that they have in Entra."""

import base64
import json
import unicodedata
import uuid
from collections.abc import Collection
from enum import StrEnum
from typing import Final

from pydantic import Field

from shared.models import Model


class Role(StrEnum):
    """An app role of the Entra app; infra/register-sign-in.sh makes them."""

    READER = "azferry.reader"
    OPERATOR = "azferry.operator"
    APPROVER = "azferry.approver"
    OWNER = "azferry.owner"


EVERY_ROLE: Final = tuple(Role)
PLAYED: Final = uuid.UUID("6b1f3f0a-8d0e-5b52-9d0f-2f4f0c9a7e11")  # ids of people who are only played


class Person(Model):
    """Somebody who asks for something."""

    name: str = Field(default="", description="as people know them; empty = nobody signs in here")
    id: str = Field(default="", description="Entra object id; empty = cannot be told apart from others")
    roles: tuple[str, ...] = ()
    surface: str = Field(default="", description="what they use: command line, page, assistant or API")


def may(roles: Collection[str], *wanted: Role) -> bool:
    """Tell whether one of the roles is there; the owner may do whatever another role may."""
    return bool({Role.OWNER, *wanted} & set(roles))


def strongest(roles: Collection[str]) -> str:
    """Give the strongest of some roles, in which a person speaks; empty = none is ours."""
    return next((role.value for role in reversed(Role) if role in roles), "")


def played(name: str, roles: Collection[str] = EVERY_ROLE) -> Person:
    """Give a person as the local stack plays them: a name in any letter case and spelling is one person."""
    plain = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return Person(name=name, id=str(uuid.uuid5(PLAYED, plain)) if plain else "", roles=tuple(roles))


def vouched_for(person: Person) -> str:
    """Give the header X-MS-CLIENT-PRINCIPAL with which the platform vouches for a person, as the local stack plays it."""
    claims = [("oid", person.id), ("preferred_username", person.name), *(("roles", role) for role in person.roles)]
    principal = {"auth_typ": "aad", "claims": [{"typ": typ, "val": value} for typ, value in claims]}
    return base64.b64encode(json.dumps(principal).encode()).decode()
