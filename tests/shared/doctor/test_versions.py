"""What of Python, packages and host settings is told."""

import json
from pathlib import Path

import pytest

from shared.doctor import versions

ROOT = Path(__file__).parents[3]


@pytest.fixture
def home(tmp_path):
    """A folder with the app's own two files, which a test may change."""
    for name in ("requirements.txt", "host.json"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    return tmp_path


def ids(found):
    return [each.id for each in found]


def test_what_runs_the_tests_is_well(given, home):
    given()
    assert ids(versions.look(home)) == ["runtime"]


@pytest.mark.parametrize(
    ("version", "found"), [((3, 10), ["python-not-supported"]), ((3, 13), []), ((3, 14), ["python-not-supported"])]
)
def test_another_python_is_told(version, found):
    assert ids(versions.python(version)) == found


def test_a_package_of_another_release_and_one_that_is_not_there_are_told(given, home):
    given()
    (home / "requirements.txt").write_text("# tested\npydantic>=99\nno-such-package>=1\n-r other.txt\naiohttp>=3\n")

    found = [each for each in versions.look(home) if each.id == "package-not-supported"]

    assert ["pydantic", "no-such-package"] == [each.seen.split()[0] for each in found]
    assert "is not installed" in found[1].seen


def test_no_list_of_packages_is_told(given, home):
    given()
    (home / "requirements.txt").unlink()
    assert "packages-not-listed" in ids(versions.look(home))


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("extensionBundle", "version"), "[3.*, 4.0.0)", "[3.*, 4.0.0)"),
        (("extensions", "durableTask", "versionMatchStrategy"), "Strict", "versionMatchStrategy"),
    ],
)
def test_other_host_settings_are_told(given, home, path, value, words):
    given()
    host = json.loads((home / "host.json").read_text())
    part = host
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    (home / "host.json").write_text(json.dumps(host))

    (found,) = [each for each in versions.look(home) if each.id == "host-settings"]
    assert words in found.seen


def test_host_settings_that_cannot_be_read_are_told(given, home):
    given()
    (home / "host.json").write_text("{")
    assert "host-settings" in ids(versions.look(home))


@pytest.mark.parametrize(("threads", "found"), [("24", ["threads-too-few"]), ("32", []), ("", ["threads-too-few"])])
def test_too_few_threads_are_told_in_azure(given, home, threads, found):
    given(WEBSITE_SITE_NAME="func-ferry", PYTHON_THREADPOOL_THREAD_COUNT=threads)
    assert [each for each in ids(versions.look(home)) if each != "runtime"] == found
