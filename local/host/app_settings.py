"""Resolves `%NAME%` in host.json and in bindings to app settings, as the Functions host does."""

import os
import re

from .problems import HostError

_REFERENCE = re.compile(r"%([^%\s]+)%")


def resolve(text: str, where: str) -> str:
    """Give the text with every `%NAME%` replaced; raises HostError when a setting is missing."""
    return _REFERENCE.sub(lambda match: _setting(match.group(1), where), text)


def replaced(text: str) -> str:
    """Give the text with every `%NAME%` replaced of which there is an app setting; others stay."""
    return _REFERENCE.sub(lambda match: os.environ.get(match.group(1), match.group(0)), text)


def _setting(name: str, where: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise HostError(f"{where}: '%{name}%' does not resolve to a value: there is no app setting of that name.")
    return value
