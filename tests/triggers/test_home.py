"""The page is a few files that ask nobody but the app."""

import re

import pytest

from triggers.home import FOLDER, KINDS

FILES = sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_page_is_served_with_its_type_and_the_policy(ask, name):
    answer = ask("GET", f"/page/{name}")

    assert (200, (FOLDER / name).read_bytes()) == (answer.status, answer.raw)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert ("nosniff", "no-cache") == (answer.headers["X-Content-Type-Options"], answer.headers["Cache-Control"])


@pytest.mark.parametrize("name", FILES)
def test_nothing_comes_from_outside_and_nothing_is_made_markup(name):
    text = (FOLDER / name).read_text()
    outside = set(re.findall(r"https?://[^\"' ]*", text)) - {"http://www.w3.org/2000/svg"}

    assert set() == outside
    assert [] == re.findall(r"@import url|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)


def test_no_script_and_no_style_stands_in_the_page_itself(ask):
    text = ask("GET", "/").raw.decode()

    assert [] == re.findall(r"<script(?![^>]* src=)|<style| style=| on\w+=", text)
    assert set(re.findall(r"/page/([\w.]+)", text)) == {*FILES} - {"index.html"}


def test_who_has_a_file_is_not_sent_it_again(ask):
    for path in ("/", "/page/style.css"):
        tag = ask("GET", path).headers["ETag"]
        again = ask("GET", path, headers={"if-none-match": tag})
        assert (304, b"") == (again.status, again.raw)


@pytest.mark.parametrize("name", ["nothing.js", "home.py", "..%2Fhome.py", "..\\home.py"])
def test_what_is_no_file_of_the_page_is_not_found(ask, name):
    assert 404 == ask("GET", f"/page/{name}").status


def test_every_file_has_a_type():
    assert {f".{name.rpartition('.')[2]}" for name in FILES} <= KINDS.keys()
