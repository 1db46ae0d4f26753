"""Makes the app's folder the first place of imports, so that its packages win over ours of the same name."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OWN_PACKAGE = "local"


def enter(app: Path) -> None:
    """Make the app the working folder and the head of sys.path, and take our own package out of its sight.

    All of `local` must be imported before: afterwards `import local` means the app's package of that name.
    """
    packages = app / ".python_packages" / "lib" / "site-packages"
    others = [entry for entry in sys.path if not _is_ours(entry)]
    sys.path[:] = [os.fspath(app), *([os.fspath(packages)] if packages.is_dir() else []), *others]
    os.chdir(app)
    for name in [name for name in sys.modules if name == OWN_PACKAGE or name.startswith(f"{OWN_PACKAGE}.")]:
        del sys.modules[name]


def _is_ours(entry: str) -> bool:
    return entry == "" or Path(entry).resolve() == ROOT
