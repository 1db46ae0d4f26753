"""Whether the host asks for a function key: not where people sign in and the platform says that it sees to that."""

import azure.functions as func

from shared.settings import platform, settings


def key_level() -> func.AuthLevel:
    """Give the level of every function that names none.

    A key beside the sign-in would be one that all share. Where the platform does not say that it asks people to sign in
    (`WEBSITE_AUTH_ENABLED`, documented, which nobody can set from outside), the key stays, whatever the setting says.
    """
    vouched_for = settings().sign_in and platform().sign_in == "true"
    return func.AuthLevel.ANONYMOUS if vouched_for else func.AuthLevel.FUNCTION
