"""The wheel: the command line and what it needs of `shared`, for machines that have no checkout."""

import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement

from shared.version import VERSION
from tests.architecture import CLOUDS, PACKAGES, ROOT, imported, modules, reached, within

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LINES = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["mcp"]]
DECLARED = {Requirement(line).name: Requirement(line).specifier for line in LINES}
SOURCES = modules()
# What the script `azferry` does that pip writes, for the wheel that lies on the path.
SCRIPT = "from importlib.metadata import entry_points; [script] = entry_points(name='azferry'); script.load()()"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [path] = folder.glob("azferry-*.whl")
    return path


@pytest.fixture(scope="module")
def packed(wheel):
    """The modules in the wheel, by their dotted names."""
    names = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".py")]
    return {name.removesuffix(".py").replace("/", ".") for name in names}


@pytest.fixture
def azferry(wheel, tmp_path):
    """Call the command from an empty folder; the wheel itself stands on the path, and no checkout before it."""

    def run(*line):
        (tmp_path / "empty").mkdir(exist_ok=True)
        command = [sys.executable, "-P", "-c", SCRIPT, *map(str, line)]
        environment = {"PYTHONPATH": str(wheel), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            command, cwd=tmp_path / "empty", env=environment, capture_output=True, text=True, check=False
        )

    return run


def test_it_holds_what_the_command_line_imports_and_nothing_that_lacks_a_part(packed):
    ours = {name for name in SOURCES if name.startswith("cli.")}
    needed = {each for name in ours | packed for each in reached(name, SOURCES)} & SOURCES.keys()

    assert set() == needed - packed


def test_it_holds_nothing_but_the_command_line_and_what_is_shared(packed):
    assert {"cli", "shared"} == {name.partition(".")[0] for name in packed}
    assert len([name for name in packed if name.startswith("shared.")]) < len(
        [name for name in SOURCES if name.startswith("shared.")]
    )


def test_only_the_sign_in_uses_a_library_of_a_cloud(packed):
    clouds = {name: within(imported(name, SOURCES[name]), *CLOUDS) for name in packed}

    assert ["cli.credentials"] == [name for name in clouds if clouds[name]]
    assert clouds["cli.credentials"] == within(clouds["cli.credentials"], "azure.identity", "azure.core")


def test_every_library_that_it_imports_is_a_dependency_with_the_range_of_the_app(packed):
    roots = {each.partition(".")[0] for name in packed for each in imported(name, SOURCES[name])}
    distributions = packages_distributions()
    lines = (ROOT / "requirements.txt").read_text() + (ROOT / "requirements-dev.txt").read_text()
    ranges = {Requirement(line).name: Requirement(line).specifier for line in lines.splitlines() if line[:1].isalpha()}

    foreign = roots - set(sys.stdlib_module_names) - set(PACKAGES) - {"azure", "annotated_types", "pydantic_core"}

    assert set() == {root for root in foreign if not set(distributions[root]) & DECLARED.keys()}
    assert DECLARED == {name: ranges[name] for name in DECLARED}


def test_it_runs_in_an_empty_folder_and_tells_its_version(azferry):
    assert f"azferry {VERSION}\n" == azferry("--version").stdout


def test_it_checks_a_plan_in_an_empty_folder(azferry):
    checked = azferry("validate", ROOT / "examples" / "aws-to-azure.yaml", "--local")

    assert (0, "") == (checked.returncode, checked.stderr)
    assert checked.stdout.startswith("finance is valid")


def test_what_is_packed_stays_out_of_the_app_that_is_deployed():
    assert {"cli", "dist", "hatch_build.py", "pyproject.toml"} <= set((ROOT / ".funcignore").read_text().split())
