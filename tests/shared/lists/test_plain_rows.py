"""Rows that are read by a pattern are what the XML parser reads of them; the parser itself reads all else."""

import io
import re
from xml.etree.ElementTree import ParseError

import pytest

from shared.lists import plain_rows, xlsx_rows
from shared.lists.plain_rows import KnownHeads, ParserPart, PlainRow, parts_of
from shared.lists.xlsx_cells import CellKinds
from shared.lists.xlsx_rows import sheet_rows
from shared.problems import TooLarge

BROKEN = (ParseError, KeyError, ValueError, IndexError, TypeError)
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
KINDS = CellKinds(["led", "A & B", "x_x000D_"], frozenset({"3"}), lambda number: ("a moment", number))
USUAL = (
    '<c r="A{n}" t="s"><v>0</v></c><c r="B{n}" s="1" t="inlineStr"><is><t xml:space="preserve"> le d</t></is></c>'
    '<c r="C{n}"><v>{n}</v></c><c r="D{n}" s="3"><v>45000.5</v></c><c r="F{n}" t="b"><v>1</v></c><c r="G{n}" s="2"/>'
    '<c r="H{n}" t="e"><v>#N/A</v></c><c r="I{n}" t="str"><v>R&amp;D &lt;x&gt;</v></c><c r="J{n}"><v>1.5E3</v></c>'
)
FEW = "".join(
    f'<row r="{number}"><c r="A{number}" t="s"><v>0</v></c><c r="B{number}" t="inlineStr"><is><t>led</t></is></c></row>'
    for number in (1, 2, 3)
)
STRANGE = (
    "<!-- <row r='9'> -->", "<![CDATA[<c/>]]>", "<?x?>", "&#65;", "&amp;", "&nbsp;", "&", "<", ">", "]]>", '"', " ", "\r\n", "\t",
    "\x00", "\x0b", "\ufffe", "ü", "\U0001f680", "<c/>", "<c><v>7</v></c>", '<c r="B1"><f>A1</f></c>', '<c r="A1"><v>9</v></c>',
    '<c r="ZZZ1"><v>9</v></c>', '<c t="s" r="K1"><v>1</v></c>', '<c r="K1" t="s"><v>77</v></c>', '<c r="K1" t="inlineStr"><v>1</v></c>',
    '<c r="K1" t="s"><is><t>1</t></is></c>', '<c r="K1"><v>1,5</v></c>', '<c r="K1"><v></v></c>', "x005F_", "_x000D_", "</row>", "<row>",
    '<row r="7"/>', "<row/>", '<row r="7" ht="15">', '<x:c r="K1"/>', "<v>1</v>", "</c>", "<is><r><t>a</t></r><r><t>b</t></r></is>",
    "</sheetData>", '<y xmlns="urn:other"><row r="1"/></y>', ' r="4"', ' spans="1:9"', ' x:y="1"', "<rowBreaks/>",
)  # fmt: skip


def sheet(rows, prefix="", before=""):
    space = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    inner = f"<{prefix}sheetData>{rows}</{prefix}sheetData><{prefix}mergeCells/>"
    return f'{before}<{prefix}worksheet {space}="{SPACE}">{inner}</{prefix}worksheet>'


def of_rows(count, prefix=""):
    rows = "".join(f'<row r="{number}">{USUAL.format(n=number)}</row>' for number in range(1, count + 1))
    return rows.replace("</", f"</{prefix}").replace("<", f"<{prefix}").replace(f"<{prefix}/", "</") if prefix else rows


def read(xml):
    """All rows, or in which way it is refused."""
    try:
        return list(sheet_rows(io.BytesIO(xml), KINDS))
    except TooLarge:
        return "too large"
    except BROKEN:
        return "broken"


def by_parser(monkeypatch, xml):
    """What the XML parser reads where nothing else does."""
    with monkeypatch.context() as patched:
        patched.setattr(xlsx_rows, "parts_of", lambda stream, _known: iter([ParserPart(stream.read())]))
        return read(xml)


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("before", ["", "\ufeff", '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'])
def test_what_a_pattern_reads_is_what_the_parser_reads(prefix, before, monkeypatch):
    xml = sheet(of_rows(30, prefix), prefix, before).encode()

    assert 30 == len(read(xml))
    assert by_parser(monkeypatch, xml) == read(xml)


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_of_usual_rows_the_parser_reads_only_the_first(prefix):
    known, parsed, plain = KnownHeads(), [], []
    for part in parts_of(io.BytesIO(sheet(of_rows(30, prefix), prefix).encode()), known):
        if isinstance(part, PlainRow):
            plain.append(part)
        else:
            parsed.append(part)
            known.judge(part, is_row=True)

    assert (29, 1) == (len(plain), sum(each.head is not None for each in parsed))


def test_rows_that_leave_cells_out_are_read_by_the_pattern_of_their_sheet(monkeypatch):
    cells = ['<c r="A{n}"><v>1</v></c>', '<c r="B{n}" t="s"><v>1</v></c>', '<c r="B{n}"><v>2</v></c>', '<c r="AA{n}"/>']
    rows = (
        "".join(each.format(n=number) for at, each in enumerate(cells) if number >> at & 1) for number in range(1, 100)
    )
    xml = sheet("".join(f'<row r="{number}">{row}</row>' for number, row in enumerate(rows, 1))).encode()

    assert by_parser(monkeypatch, xml) == read(xml)


@pytest.mark.parametrize(
    "xml",
    [
        sheet(of_rows(3)).encode("utf-16"),
        sheet(of_rows(3), before='<?xml version="1.0" encoding="iso-8859-1"?>')
        .replace("le d", "l\xe9d")
        .encode("latin-1"),
        sheet(of_rows(3), before='<?xml version="1.0" encoding="iso-8859-1"?>').replace("le d", "l\xe9d").encode(),
        sheet(of_rows(3)).replace(SPACE, "").encode(),
        sheet(of_rows(3)).replace("le d", "l\xe9d").encode("latin-1"),
        sheet(of_rows(3)).encode()[:-20],
        sheet(of_rows(3) + '<row r="4">' + 120_000 * "<c/>" + "</row>").encode(),
        sheet(of_rows(3) + '<row r="4">' + 120_000 * '<c r="A4"/>' + "</row>").encode(),
    ],
)
def test_other_encodings_and_spaces_and_what_is_broken_or_too_large_come_as_from_the_parser(xml, monkeypatch):
    assert by_parser(monkeypatch, xml) == read(xml)


@pytest.mark.parametrize("strange", STRANGE)
def test_wherever_something_strange_stands_both_ways_come_to_the_same(strange, monkeypatch):
    pieces = re.findall(r"<[^>]*>|[^<]+", sheet(FEW))
    last = pieces.index('<row r="3">')
    for at in (*range(5), *range(last, len(pieces))):
        for piece in (strange, strange + pieces[at]):
            xml = "".join([*pieces[:at], piece, *pieces[at + 1 :]]).encode()
            monkeypatch.setattr(plain_rows, "PART", 300 + 7 * at)  # what is read at once ends anywhere
            assert by_parser(monkeypatch, xml) == read(xml), (at, piece)
