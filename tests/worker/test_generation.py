"""Python 3.13 brings the second generation of azure-functions: what Azure runs is what is tested here."""

import sys
import warnings
from importlib.metadata import version


def test_python_3_13_runs_the_second_generation_of_azure_functions():
    assert (3, 13) == sys.version_info[:2]
    assert "2" == version("azure-functions").partition(".")[0]


def test_the_app_lists_its_functions_there_and_nothing_of_ours_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", module=r"azure\.|opentelemetry|requests|msrest")
        from function_app import app  # noqa: PLC0415 - what it warns of is looked at

        names = [each.get_function_name() for each in app.get_functions()]
    assert len(names) == len(set(names)) > 100
