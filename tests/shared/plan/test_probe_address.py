"""Addresses of checks that cannot be asked are found out when the plan comes in."""

import pytest
from pydantic import ValidationError

from shared.plan.machines import Probe


@pytest.mark.parametrize(
    "address",
    [
        "http://{machine}/health",
        "https://{machine}:8443/",
        "http://files.corp.example:8080/a%20b?x=1",
        "http://10.0.2.15",
        "http://files.corp.example./x",
    ],
)
def test_an_address_that_can_be_asked_is_taken(address: str) -> None:
    assert Probe(http=address).http == address


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://files..corp.example/health", "is no host name"),
        ("http://-files.example/", "is no host name"),
        ("http://{machine}:99999/", "from 1 to 65535"),
        ("http://{machine}:0/", "from 1 to 65535"),
        ("http://{machine}/é", "should match"),
        ("http://127.0.0.1/", "app itself"),
        ("http://localhost:8080/", "app itself"),
        ("http://169.254.169.254/metadata", "app itself"),
        ("http://0.0.0.0/", "app itself"),
    ],
)
def test_one_that_cannot_is_refused_with_the_reason(address: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Probe(http=address)
