"""Whether people sign in, and whether the platform vouches for them."""

import pytest

from shared.decisions.people import played
from shared.doctor import sign_in

ADA = played("ada@x", ["azferry.operator"])
AZURE = {"WEBSITE_SITE_NAME": "func-ferry", "WEBSITE_RESOURCE_GROUP": "rg-ferry"}


@pytest.mark.parametrize(
    ("settings", "id_"),
    [
        ({"local": "true"}, "sign-in-played"),
        ({"local": "true", **AZURE}, "sign-in-played-in-azure"),
        ({"sign_in": "false", **AZURE}, "sign-in-off"),
        ({"sign_in": "true", "WEBSITE_AUTH_ENABLED": "False", **AZURE}, "sign-in-bypassed"),
        ({"sign_in": "true", "WEBSITE_AUTH_ENABLED": "True", **AZURE}, "sign-in"),
        ({"sign_in": "true", **AZURE}, "sign-in"),
    ],
)
def test_each_state_of_sign_in_is_told(given, settings, id_):
    given(**settings)
    (found,) = sign_in.look(ADA)
    assert id_ == found.id


def test_who_asks_is_named(given):
    given(sign_in="true")
    (found,) = sign_in.look(ADA)
    assert "ada@x (azferry.operator)" in found.seen
