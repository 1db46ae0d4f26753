"""Which generation of the Durable SDK this app is made for, seen before anything of it is used."""

from functools import lru_cache
from importlib.metadata import version
from typing import Final

PACKAGE: Final = "azure-functions-durable"


@lru_cache(maxsize=1)
def generation() -> str:
    """Give the generation of the SDK that is installed: its first number."""
    return version(PACKAGE).partition(".")[0]


def refuse_others() -> None:
    """Raise RuntimeError where the SDK is not of generation 1: the next one speaks another protocol."""
    if generation() != "1":
        raise RuntimeError(
            f"azferry needs {PACKAGE} 1.x, and {version(PACKAGE)} is installed, which speaks another protocol: "
            "install the packages of requirements.txt."
        )
