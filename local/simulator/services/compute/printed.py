"""What a script prints on a machine where all is well: every condition of it holds. Nothing is run."""

import re

_ECHO = re.compile(r"^\s*(?:if\b.*?;\s*then\s+)?echo\s+(?P<text>[^;\n]+?)\s*(?:;\s*else\b.*)?$")
_LITERAL = re.compile(r"^\s*(?:if\s*\(.*\)\s*\{\s*)?(?:Write-Output\s+)?(['\"])(?P<text>[^'\"]*)\1(?:\s*\}.*)?$")


def printed(script: str) -> str:
    """Return the lines that plain `echo` and PowerShell literals would print, taking the `then` of one-line ifs."""
    found = (_ECHO.match(line) or _LITERAL.match(line) for line in script.splitlines())
    return "\n".join(match["text"].strip("'\"") for match in found if match)
