"""Data as JSON, YAML, tab-separated lines or a plain table, whole or by a JMESPath query."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.arguments import usage
from cli.failing import Failing
from cli.options import Output
from cli.problem import Document
from cli.wording import plain


class Query:
    """A JMESPath query, as `az` takes it with --query; without a text everything is wanted."""

    def __init__(self, text: str = "") -> None:
        """Compile it. Raises `BadParameter`: a query that is none is refused before anything is sent."""
        self.text = text
        self._compiled: Any = None
        if text:
            import jmespath  # noqa: PLC0415 - most calls need none

            try:
                self._compiled = jmespath.compile(text)
            except jmespath.exceptions.JMESPathError as error:
                raise usage(f"no JMESPath query: {error}", "--query") from None

    def of(self, data: Any) -> Any:
        """Give the wanted part of the data. Raises `Failing` where a function of the query cannot take what is there."""
        if self._compiled is None:
            return data
        from jmespath.exceptions import JMESPathError  # noqa: PLC0415 - see above

        try:
            return self._compiled.search(data)
        except JMESPathError as error:
            advice = "What the command does is done; look at its answer without --query."
            raise Failing(
                Document(title="The query does not fit the answer", detail=str(error), advice=advice)
            ) from None


def rendered(data: Any, form: Output) -> str:
    """Give data in a form that programs read."""
    if form is Output.YAML:
        import yaml  # noqa: PLC0415 - most calls need none

        return yaml.safe_dump(data, sort_keys=False, allow_unicode=True).removesuffix("...\n").rstrip("\n")
    if form is Output.TSV:
        return "\n".join("\t".join(fields) for fields in _cells(data)[1])
    return json.dumps(data, indent=2, ensure_ascii=False)


def line(data: Any, form: Output) -> str:
    """Give data so that more may follow: JSON on one line, a document of YAML, lines of a table."""
    if form is Output.JSON:
        return json.dumps(data, ensure_ascii=False)
    return f"---\n{rendered(data, form)}" if form is Output.YAML else rendered(data, Output.TSV)


def table(data: Any) -> Table:
    """Draw data as a table with a column for each name."""
    headings, cells = _cells(data)
    drawn = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold", show_header=bool(headings))
    for heading in headings or [""] * max(map(len, cells), default=0):
        drawn.add_column(plain(heading), overflow="fold")
    for fields in cells:
        drawn.add_row(*map(Text, fields))
    return drawn


def _cells(data: Any) -> tuple[list[str], list[list[str]]]:
    """Give the names of the columns, where what is shown has names, and the fields of each row."""
    rows = _rows(data)
    if not all(isinstance(row, Mapping) for row in rows):
        return [], [[_field(value) for value in (row if _is_list(row) else [row])] for row in rows]
    headings = list(dict.fromkeys(name for row in rows for name in row))
    return headings, [[_field(row.get(name)) for name in headings] for row in rows]


def _rows(data: Any) -> list[Any]:
    """Give the entries of a listing, else the one thing that it is; nothing has no row."""
    if isinstance(data, Mapping) and isinstance(data.get("value"), list):
        data = data["value"]
    if data is None:
        return []
    return list(data) if _is_list(data) else [data]


def _field(value: Any) -> str:
    """Give a value on one line, as `az` does: of a list its length, of an object nothing."""
    if isinstance(value, Mapping) or value is None:
        return ""
    if _is_list(value):
        return str(len(value))
    if isinstance(value, bool):
        return str(value).lower()
    return plain(" ".join(str(value).split()))


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
