"""The page is one file that asks nobody but the app."""

import base64
import hashlib
import re


def test_the_page_is_one_file_with_nothing_from_outside(ask):
    told = ask("GET", "/")
    text = told.raw.decode()

    assert 200 == told.status
    assert [] == re.findall(r"https?://|src=|@import|innerHTML|insertAdjacentHTML|document\.write", text)
    assert 1 == text.count("<script>") == text.count("</script>")


def test_its_policy_lets_its_own_script_run_and_no_other(ask):
    told = ask("GET", "/")
    (script,) = re.findall(rb"<script>(.*?)</script>", told.raw, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()

    assert f"script-src 'sha256-{digest}';" in told.headers["Content-Security-Policy"]
    assert told.headers["Content-Security-Policy"].startswith("default-src 'none';")
