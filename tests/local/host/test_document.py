"""docs/local-host.md names tests that exist."""

import re
from pathlib import Path

HERE = Path(__file__).parent
DOCUMENT = (HERE.parents[2] / "docs" / "local-host.md").read_text()


def test_every_row_names_tests_that_exist():
    written = {name for file in HERE.rglob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text())}
    rows = [
        line
        for line in DOCUMENT.splitlines()
        if line.startswith("| ") and not line.startswith(("| ---", "| Fact", "| What |"))
    ]

    assert rows
    assert not [row for row in rows if not re.search(r"`test_\w+`", row)]
    assert not set(re.findall(r"`(test_\w+)`", DOCUMENT)) - written
