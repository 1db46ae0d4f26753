"""Whether people sign in, and whether the platform really vouches for them."""

from collections.abc import Iterator

from shared.decisions.people import Person
from shared.doctor import kinds
from shared.doctor.finding import HealthFinding
from shared.settings import platform, settings


def look(person: Person) -> Iterator[HealthFinding]:
    """Compare what the app believes with what the platform does; `person` is who asks for this look."""
    here = platform()
    if settings().local and here.in_azure:
        yield kinds.LOCAL_IN_AZURE.seen("AZFERRY_LOCAL is set in Azure", app=here.app, group=here.group)
    elif settings().local:
        yield kinds.SIGN_IN_LOCAL.seen("AZFERRY_LOCAL is set")
    elif not settings().sign_in:
        yield kinds.SIGN_IN_OFF.seen("AZFERRY_SIGN_IN is not set: only the function key guards the API")
    elif here.in_azure and here.sign_in == "false":
        yield kinds.SIGN_IN_BYPASSED.seen("AZFERRY_SIGN_IN is true, WEBSITE_AUTH_ENABLED is false")
    else:
        roles = ", ".join(person.roles) or "no role"
        besides = (
            "" if here.sign_in == "true" else "; it does not say that it asks everybody, so a key is asked for, too"
        )
        yield kinds.SIGN_IN.seen(
            f"the platform vouches for {person.name or person.id or 'who asks'} ({roles}){besides}"
        )
