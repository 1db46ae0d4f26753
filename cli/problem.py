"""A problem document (RFC 9457) as the command line shows it: what, why, where, and what to do."""

from collections.abc import Iterator
from typing import Any

from pydantic import ConfigDict, Field

from cli.wording import plain
from shared.models import Model
from shared.problems import Fault, Problem
from shared.reporting.problem_documents import to_document

MOST_ERRORS = 200  # more than a screen holds; `-o json` shows all of them


class Document(Model):
    """What an answer with a status of 400 or above says; members that this version does not know are kept."""

    model_config = ConfigDict(extra="allow")

    title: str = "Something went wrong"
    status: int = 0
    detail: str = ""
    advice: str = ""
    code: str = ""
    causes: str = ""
    errors: tuple[Fault, ...] = Field(default=())

    def wire(self) -> dict[str, Any]:
        """Give the document as JSON data, without what is empty."""
        return {name: value for name, value in self.model_dump(mode="json", by_alias=True).items() if value}


def of(problem: Problem) -> Document:
    """Translate a problem that was found on this machine."""
    return Document.model_validate(to_document(problem))


def lines(document: Document) -> Iterator[str]:
    """Give the problem in plain words, line by line."""
    yield f"{document.title}: {document.detail}" if document.detail else document.title
    for fault in document.errors[:MOST_ERRORS]:
        yield f"  {fault_line(fault)}"
    if len(document.errors) > MOST_ERRORS:
        yield f"  … and {len(document.errors) - MOST_ERRORS:,} more; -o json shows all"
    labelled = (("code", document.code), ("possible causes", document.causes), ("what to do", document.advice))
    for label, text in labelled:
        if text:
            yield f"  {label}: {text}"


def fault_line(fault: Fault) -> str:
    """Give one fault on a line: where in the text and in the document, and what."""
    where = f"line {fault.line}, column {fault.column}, " if fault.line else ""
    return f"{where}{fault.pointer or '/'}: {fault.message}"


def text(document: Document) -> str:
    """Give the problem in plain words, fit for a terminal."""
    return plain("\n".join(lines(document)))
