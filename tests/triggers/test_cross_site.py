"""What another web site makes a browser send bears the person's cookie, and is refused."""

import pytest

from tests.triggers.conftest import principal, with_settings

RESUME = ("POST", "/api/migrations/nowhere.1/resume", {})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://app"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 404),
        ({"Origin": "https://app"}, 404),
        ({}, 404),
    ],
)
def test_a_change_that_another_site_asks_for_is_refused(ask, local, headers, status):
    with_settings(local, AZFERRY_SIGN_IN="true", AZFERRY_LOCAL="false")
    answer = ask(*RESUME, headers | principal())

    assert status == answer.status
    if status == 403:
        assert "another web site" in answer.body["detail"]


def test_a_page_may_be_reached_from_a_link_of_another_site(ask):
    assert 200 == ask("GET", "/api/migrations", headers={"Sec-Fetch-Site": "cross-site"}).status
