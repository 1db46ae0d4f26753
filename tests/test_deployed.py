"""What `azd deploy` publishes: all that the app needs, and nothing else; `.funcignore` says what stays at home."""

import shutil
import subprocess
import sys

import pytest

from tests.architecture import ROOT
from tests.served import functions

TOP = {"function_app.py", "host.json", "requirements.txt", "activities", "orchestrators", "shared", "triggers"}
# An editable install leads to the checkout: what is missing here must not be found there.
LIST = """
import sys
from pathlib import Path
sys.path = ["", *(each for each in sys.path if each and not Path(each, "function_app.py").exists())]
import function_app
print(*sorted(each.get_function_name() for each in function_app.app.get_functions()))
"""


def listed(*options):
    """Files that git knows, as it reads the patterns."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", *options]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")) - {""}


@pytest.fixture(scope="module")
def published():
    known = listed("--cached", "--others", "--exclude-standard")
    ignored = listed("--cached", "--others", "--ignored", "--exclude-from=.funcignore")
    return {each for each in known - ignored if (ROOT / each).is_file()} - {".funcignore"}


def test_only_what_azure_needs_is_published(published):
    assert TOP == {each.split("/")[0] for each in published}


def test_it_loads_by_itself_with_every_function(published, tmp_path):
    for each in published:
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / each, tmp_path / each)

    alone = subprocess.run([sys.executable, "-c", LIST], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert alone.stdout.split() == sorted(each.get_function_name() for each in functions()), alone.stderr
