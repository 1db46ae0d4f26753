"""Words of a plan within the texts of gates, which are filled in once more by who opens the gate."""

from collections.abc import Mapping


def put_in(text: str, words: Mapping[str, str]) -> str:
    """Return the text with these words in place of their names in braces; braces within a word stay as they are."""
    for name, word in words.items():
        text = text.replace("{" + name + "}", word.replace("{", "{{").replace("}", "}}"))
    return text
