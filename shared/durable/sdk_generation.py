"""Which generation of the Durable SDK this app is made for, seen before anything of it is used."""

from importlib.metadata import version
from typing import Final

PACKAGE: Final = "azure-functions-durable"


def refuse_others() -> None:
    """Raise RuntimeError where the SDK is not of generation 1: the next one speaks another protocol."""
    found = version(PACKAGE)
    if found.partition(".")[0] != "1":
        raise RuntimeError(
            f"azferry needs {PACKAGE} 1.x, and {found} is installed, which speaks another protocol: "
            "install the packages of requirements.txt."
        )
