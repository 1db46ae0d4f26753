"""Workbooks that other programs write, or that mean harm: what has rows is read, what has none is told, what could explode is refused."""

import io
from datetime import datetime
from zipfile import ZipFile

import openpyxl
import pytest

from shared.lists.sources import ListFile, source_of
from shared.problems import TooLarge, UnreadableList
from tests.shared.lists.conftest import workbook

AT = datetime.fromisoformat("2026-12-01T08:30")  # a spreadsheet knows no time zone
SIMPLE = {"list": [("name", "privateIp"), ("led", "10.0.0.1")]}
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"


def rows(body):
    return list(source_of(ListFile("l.xlsx", body)).sheets[0].walk())


def changed(body, member, change):
    """The workbook with one of its members changed, as text."""
    kept = io.BytesIO()
    with ZipFile(io.BytesIO(body)) as before, ZipFile(kept, "w") as after:
        for each in before.infolist():
            text = before.read(each)
            after.writestr(each, change(text.decode()).encode() if each.filename == member else text)
    return kept.getvalue()


def with_rows(xml, space=SPACE):
    """A workbook whose first sheet has these rows."""
    sheet = f'<worksheet xmlns="{space}"><sheetData>{xml}</sheetData></worksheet>'
    return changed(workbook(SIMPLE), "xl/worksheets/sheet1.xml", lambda _: sheet)


def test_a_chart_on_a_sheet_of_its_own_is_told_and_the_others_are_read():
    book = openpyxl.Workbook()
    book.active.append(("name", "privateIp"))
    chart = book.create_chartsheet("graph")
    chart.add_chart(openpyxl.chart.BarChart())
    kept = io.BytesIO()
    book.save(kept)
    without_drawing = changed(  # as RVTools' neighbours write it: openpyxl itself gives up on such a sheet
        kept.getvalue(),
        "xl/chartsheets/sheet1.xml",
        lambda _: f'<chartsheet xmlns="{SPACE}"><sheetViews/></chartsheet>',
    )

    for body in (kept.getvalue(), without_drawing):
        source = source_of(ListFile("l.xlsx", body))
        assert ["name", "privateIp"] == next(source.sheets[0].walk())[1]
        assert ["graph"] == [each.sheet for each in source.findings if "chartsheet" in each.message]


def test_a_workbook_of_charts_alone_is_refused_in_words():
    body = changed(
        workbook(SIMPLE), "xl/_rels/workbook.xml.rels", lambda text: text.replace("/worksheet", "/chartsheet", 1)
    )

    with pytest.raises(UnreadableList, match="no visible sheet"):
        source_of(ListFile("l.xlsx", body))


@pytest.mark.parametrize("space", [SPACE, STRICT])
def test_cells_of_every_kind_come_as_they_were_stored(space):
    kinds = (
        '<c r="A1" t="inlineStr"><is><r><t>le</t></r><r><t>d</t></r><rPh><t>spoken</t></rPh></is></c>'
        '<c r="B1" t="b"><v>1</v></c><c r="C1"><v>8</v></c><c r="D1"><v>1.5</v></c><c r="E1" t="e"><v>#N/A</v></c>'
        '<c r="G1" t="str"><f>A1</f><v>led</v></c>'
    )

    assert [(4, ["led", True, 8, 1.5, "#N/A", None, "led"])] == rows(with_rows(f'<row r="4">{kinds}</row>', space))


def test_rows_and_cells_without_a_place_follow_each_other():
    two = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"

    assert [(1, [1, 2]), (2, [3])] == rows(with_rows(two))


def test_dates_are_dates_in_both_calendars():
    body = workbook({"list": [("name", "since"), ("led", AT)]})
    of_1904 = changed(body, "xl/workbook.xml", lambda text: text.replace("<workbookPr", '<workbookPr date1904="1"', 1))

    assert AT == rows(body)[1][1][1]
    assert datetime.fromisoformat("2030-12-02T08:30") == rows(of_1904)[1][1][1]


@pytest.mark.parametrize(
    "xml",
    [
        '<row r="1"><c r="A1" t="s"><v>999</v></c></row>',  # a string that there is not
        '<row r="1"><c r="?1"><v>1</v></c></row>',
        '<row r="x"><c><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1,5</v></c></row>',
    ],
)
def test_what_is_broken_inside_is_told_in_words(xml):
    with pytest.raises(UnreadableList, match="no workbook that can be read"):
        rows(with_rows(xml))


def test_a_row_that_never_ends_is_refused_before_it_fills_the_memory():
    with pytest.raises(TooLarge, match="has more than"):
        rows(with_rows(f'<row r="1">{"<c/>" * 120_000}</row>'))


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE worksheet [<!ENTITY a "ha">]>',
        f'<!--{"x" * 70_000}--><!DOCTYPE worksheet [<!ENTITY a "ha">]>',
        '<!-- <worksheet> --><!DOCTYPE worksheet [<!ENTITY a "ha">]>',
        '<?xml version="1.0"?>\n<!-- a > b --><!DOCTYPE worksheet SYSTEM "file:///etc/passwd">',
    ],
)
def test_whatever_may_declare_an_entity_is_refused_wherever_it_hides(prolog):
    body = changed(workbook(SIMPLE), "xl/worksheets/sheet1.xml", lambda text: prolog + text.partition("?>")[2])

    with pytest.raises(UnreadableList, match=r"document type|no root element"):
        rows(body)


def test_a_part_under_another_name_than_xml_is_never_parsed():
    """What only `.xml` and `.rels` are looked at for could hide in a part that is called otherwise."""
    evil = '<!DOCTYPE w [<!ENTITY a "ha">]><w>&a;</w>'
    body = changed(
        workbook(SIMPLE), "xl/_rels/workbook.xml.rels", lambda text: text.replace("worksheets/sheet1.xml", "evil.bin")
    )
    kept = io.BytesIO(body)
    with ZipFile(kept, "a") as archive:
        archive.writestr("xl/evil.bin", evil)

    with pytest.raises(UnreadableList, match="no visible sheet"):
        rows(kept.getvalue())
