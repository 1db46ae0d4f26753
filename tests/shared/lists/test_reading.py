"""Files as people and programs save them: encodings, separators, headers, workbooks; and what could do harm."""

import io
from zipfile import ZipFile

import openpyxl
import pytest

from shared.lists import limits
from shared.problems import TooLarge, UnknownList, UnreadableList, UnreadableRequest
from tests.shared.lists.conftest import archive, as_file, found, machines, messages_of, plan_for, workbook

PLAN = plan_for("aws-to-azure")
BODY = "name,wave,application,privateIp\nled-sql1,Wave 7,Zürich Café,10.0.2.15\n"
MADE = {
    "led-sql1": {"name": "led-sql1", "source": {"privateIp": "10.0.2.15"}, "application": "Zürich Café"},
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-with-mark", "utf-16-be-with-mark"])
def test_unicode_of_every_kind_is_read_without_a_word(into, encoding):
    marks = {"utf-16-le-with-mark": ("utf-16-le", b"\xff\xfe"), "utf-16-be-with-mark": ("utf-16-be", b"\xfe\xff")}
    plain, mark = marks.get(encoding, (encoding, b""))

    result = into(mark + BODY.encode(plain), PLAN)

    assert (MADE, ()) == (machines(result), result.findings)


def test_what_is_not_unicode_is_read_as_cp1252_and_said(into):
    result = into(BODY.encode("cp1252"), PLAN)

    assert MADE == machines(result)
    assert [("warning", 0, "", "Zürich")] == messages_of(result)


def test_an_encoding_that_is_named_is_used(into):
    result = into(BODY.encode("cp850"), PLAN, encoding="cp850")

    assert (MADE, ()) == (machines(result), result.findings)


@pytest.mark.parametrize(
    "body", [b"\x00\x01\x02\x03", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0old", b"  \n", b"{broken"]
)
def test_what_is_no_list_is_refused_in_words(into, body):
    with pytest.raises(UnreadableList, match=r"list\.csv"):
        into(body, PLAN)


@pytest.mark.parametrize("separator", [";", "\t", ","])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_told_by_the_file(into, separator, end):
    body = BODY.replace(",", separator).replace("\n", end)

    assert MADE == machines(into(body, PLAN))


def test_excels_own_word_for_the_separator_is_obeyed(into):
    body = "sep=|\r\n" + BODY.replace(",", "|")

    assert MADE == machines(into(body, PLAN))


def test_values_may_hold_separators_and_line_breaks_in_quotes(into):
    body = 'name;wave;application;privateIp\nled-sql1;Wave 7;"Zürich,\nCafé; old";10.0.2.15\nled2;;"";10.0.2.16\n'
    result = into(body, PLAN)

    assert "Zürich, Café; old" == machines(result)["led-sql1"]["application"]
    assert "imported" == result.changes[1].wave


def test_a_quote_that_nothing_closes_is_named_by_its_row(into):
    with pytest.raises(UnreadableList, match="from row 3 on"):
        into('name,privateIp\na,10.0.0.1\nb,"10.0.0.2\n' + "x,1\n" * 20_000, PLAN)


def test_titles_above_the_header_blank_rows_and_repeated_headers_are_no_machines(into):
    body = (
        'Inventory of 2026;;;\n;;;\nmade by ann, 30.11.;;;\n"Name ";" WAVE";Private  IP;\n;;;\n led1 ;w;10.0.0.1;\n\n'
        '"Name ";" WAVE";Private  IP;\nled2;w;10.0.0.2 ;\n   ;  ;;\n'
    )
    result = into(body.replace("Private  IP", "private ip"), PLAN)

    assert ["led1", "led2"] == list(machines(result))
    assert () == result.findings


def test_rows_are_counted_as_a_spreadsheet_counts_them(into):
    result = into('title\n\nname,privateIp,application\na,10.0.0.1,"x\ny"\n\nb,10.0.0.300,z\n', PLAN)

    assert [(6, "b")] == [(each.row, each.read) for each in found(result)]


def test_a_column_that_comes_twice_counts_once_and_differences_are_told(into):
    result = into("name,privateIp,wave,wave\na,10.0.0.1,w1,w2\nb,10.0.0.2,,w2\n", PLAN)

    assert {"a": "w1", "b": "w2"} == {each.machine: each.wave for each in result.changes}
    assert [("warning", 2, "wave", "w1")] == messages_of(result)


def test_a_row_that_is_wider_than_its_header_is_told(into):
    assert [("warning", 2, "", "y")] == messages_of(into("name,privateIp\na,10.0.0.1,,y\n", PLAN))


def test_columns_that_are_not_taken_over_are_listed_once_with_where_they_say_something(into):
    result = into("name,privateIp,Owner,Empty\na,10.0.0.1,,\nb,10.0.0.2,ann,\nc,10.0.0.3,bob,\n", PLAN)

    assert [("information", 3, "Owner", "ann")] == messages_of(result)


def test_a_workbook_is_read_by_its_values_numbers_and_texts_alike(into):
    rows = [
        ("name", "wave", "bootGroup", "privateIp", "application"),
        ("led", 7, 2.0, "10.0.0.1", 4711),
        ("led2", "7", "2", "10.0.0.2", True),
    ]
    result = into(workbook({"list": rows}, title_rows=[("Our machines", None, None), ()]), PLAN, "l.xlsx")

    assert [("4711", 2), ("True", 2)] == [
        (each["application"], each["bootGroup"]) for each in machines(result).values()
    ]
    assert {"7"} == {each.wave for each in result.changes}


def test_hidden_sheets_are_told_and_not_read(into):
    rows = [("name", "privateIp"), ("led", "10.0.0.1")]
    body = workbook({"old": [rows[0], ("gone", "10.0.0.9")], "notes": [("nothing",)], "list": rows}, hidden=("old",))
    result = into(body, PLAN, "l.xlsx")

    assert ["led"] == list(machines(result))
    assert {("old", "is a hidden sheet and was not read"), ("notes", "the sheet was not read")} == {
        (each.sheet, each.message) for each in result.findings
    }


def test_formulas_are_read_by_the_value_that_was_stored_and_told_where_there_is_none(into):
    body = workbook(
        {"list": [("name", "privateIp", "application"), ("led", "10.0.0.1", '="a"&"b"'), ("led2", "10.0.0.2", "#N/A")]}
    )
    result = into(body, PLAN, "l.xlsx")

    assert [("C", 2, '="a"&"b"'), ("application", 3, "#N/A")] == [
        (each.column, each.row, each.read) for each in found(result, "warning")
    ]
    stored = _with_stored_value(body)
    assert "ab" == machines(into(stored, PLAN, "l.xlsx"))["led"]["application"]


def _with_stored_value(body):
    """The workbook as Excel saves it: the formula with its value."""
    kept = io.BytesIO()
    with ZipFile(io.BytesIO(body)) as before, ZipFile(kept, "w") as after:
        for each in before.infolist():
            text = before.read(each)
            if each.filename == "xl/worksheets/sheet1.xml":
                assert b"</f><v></v>" in text or b"</f><v/>" in text or b"</f><v />" in text
                for empty in (b"<v></v>", b"<v/>", b"<v />"):
                    text = text.replace(b"</f>" + empty, b"</f><v>ab</v>")
                text = text.replace(b'<c r="C2">', b'<c r="C2" t="str">')
            after.writestr(each, text)
    return kept.getvalue()


def test_a_value_that_a_spreadsheet_would_run_does_not_go_into_the_plan(into):
    result = into("name,privateIp,application,tag:a\nled,10.0.0.1,\"=cmd|' /C calc'!A0\",=1+1\n", PLAN)

    assert {"name": "led", "source": {"privateIp": "10.0.0.1"}} == machines(result)["led"]
    assert {"application", "tag:a"} == {each.column for each in found(result, "warning")}


def test_control_characters_do_not_go_into_the_plan(into):
    result = into("name,privateIp,application\nled,10.0.0.1,a\x1b[31mb\nled2,10.0.0.2,a\u202eb\n", PLAN)

    assert {"led", "led2"} == set(machines(result))
    assert ["application", "application"] == [each.column for each in found(result, "warning")]
    assert "\x1b" not in result.plan


def test_words_of_yaml_stay_words(into):
    words = [
        "yes",
        "null",
        "0042",
        "1e3",
        "12:30",
        "true",
        "- x",
        "a: b",
        "#x",
        "é",
        "'q\"",
        "~",
        "0x1F",
        "[a]",
        "*a",
        "!t",
    ]
    body = "name,privateIp,tag:a\n" + "".join(
        f'm{n},10.0.0.{n},"{word.replace(chr(34), chr(34) * 2)}"\n' for n, word in enumerate(words)
    )
    result = into(body, PLAN)

    assert words == [each["target"]["tags"]["a"] for each in machines(result).values()]
    assert ([], ()) == (found(result), result.errors)
    assert not into(body, result.plan).changed


def test_a_file_of_no_known_format_says_what_was_tried_and_why_not(into):
    with pytest.raises(UnknownList) as refused:
        into("Hostname,Colour\nled,red\n", PLAN)

    assert all(
        f"{name}: no " in str(refused.value) for name in ("mgn", "cmf", "azure-migrate", "rvtools", "asr-at-scale")
    )
    assert "server name and two of cores" in str(refused.value)


def test_a_file_of_two_formats_asks_which_and_the_format_may_be_named(into):
    body = "server name,cores,os name,name,privateIp\nled,1,Linux,led2,10.0.0.1\n"
    with pytest.raises(UnknownList, match=r"azure-migrate .*azferry"):
        into(body, PLAN)

    assert ["led2"] == list(machines(into(body, PLAN, format="azferry")))
    with pytest.raises(UnknownList, match="no column mgn:server"):
        into(body, PLAN, format="mgn")
    with pytest.raises(UnreadableRequest, match="no format 'excel'"):
        into(body, PLAN, format="excel")


def test_thirty_faults_are_told_at_once_each_with_its_place(into):
    rows = [
        "a,10.0.0.999,w,1,Standard_D2,10.1.1.1,linux",  # no address, and nothing else to find it by
        ",10.0.0.2,w,1,,,",  # no name
        "dup,10.0.0.3,w,1,,,",
        "DUP,10.0.0.4,w,1,,,",  # contradicts the row above
        *(f"m{n},10.0.1.{n},w,9,two words,not-an-ip,solaris" for n in range(9)),  # four faults each
        "ok,10.0.0.5,w,2,,,",
    ]
    result = into("name,privateIp,wave,bootGroup,size,target.privateIp,system\n" + "\n".join(rows) + "\n", PLAN)

    assert [2, 3, 5] == sorted({each.row for each in found(result)})
    assert 36 == len([each for each in found(result, "warning") if each.row >= 6])
    assert all(
        each.file == "list.csv" and each.message and each.advice
        for each in result.findings
        if each.severity != "information"
    )
    assert {"privateIp", "bootGroup", "size", "target.privateIp", "system"} <= {each.column for each in result.findings}
    assert ["ok", *(f"m{n}" for n in range(9))] == sorted(machines(result), key=lambda name: name != "ok")
    assert () == result.errors


def test_large_files_are_refused_before_they_are_read(into, monkeypatch):
    monkeypatch.setattr(limits, "LARGEST_FILE", 100)

    with pytest.raises(TooLarge):
        into(BODY * 3, PLAN)


def test_more_machines_than_a_person_waits_for_are_refused_before_they_are_judged(into, monkeypatch):
    monkeypatch.setattr(limits, "MOST_MACHINES", 2)
    body = "wave,machine,source.instanceId\n" + "".join(f"one,m{at},i-0000000{at}\n" for at in range(3))
    with pytest.raises(TooLarge, match="name 3 machines; 2 are taken at once"):
        into(body.encode())


def test_an_archive_that_would_grow_out_of_all_measure_is_refused(into):
    with pytest.raises(TooLarge, match="would grow"):
        into(archive({"a.csv": b" " * 4_000_000}), PLAN)


def test_an_archive_that_would_unpack_to_too_much_is_refused(into, monkeypatch):
    monkeypatch.setattr(limits, "LARGEST_UNPACKED", 100)

    with pytest.raises(TooLarge, match="would unpack"):
        into(archive({"a.csv": BODY, "b.csv": BODY}), PLAN)


def test_an_archive_of_too_many_members_is_refused(into):
    with pytest.raises(TooLarge, match="members"):
        into(archive({f"{number}.csv": "x" for number in range(1_001)}), PLAN)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_with_a_document_type_is_refused(into, encoding):
    body = workbook({"list": [("name", "privateIp"), ("led", "10.0.0.1")]})
    kept = io.BytesIO()
    with ZipFile(io.BytesIO(body)) as before, ZipFile(kept, "w") as after:
        for each in before.infolist():
            text = before.read(each)
            if each.filename == "xl/workbook.xml":
                harmless = '<?xml version="1.0"?><!DOCTYPE workbook [<!ENTITY a "a">]>'
                text = (harmless + text.decode().partition("?>")[2]).encode(encoding)
            after.writestr(each, text)

    with pytest.raises(UnreadableList, match="declares a document type"):
        into(kept.getvalue(), PLAN, "l.xlsx")


def test_a_workbook_that_is_broken_inside_is_refused_in_words(into):
    body = workbook({"list": [("name", "privateIp"), ("led", "10.0.0.1")]})
    kept = io.BytesIO()
    with ZipFile(io.BytesIO(body)) as before, ZipFile(kept, "w") as after:
        for each in before.infolist():
            after.writestr(each, before.read(each)[: -40 if "sheet1" in each.filename else None])

    with pytest.raises(UnreadableList, match="no workbook that can be read"):
        into(kept.getvalue(), PLAN, "l.xlsx")


def test_members_that_are_no_lists_are_told(into):
    result = into(archive({"a.csv": BODY, "readme.md": "x", "deep/b.xlsx": b"x"}), PLAN)

    assert {"list.csv/readme.md", "list.csv/b.xlsx"} == {each.file for each in result.findings}
    assert MADE == machines(result)


def test_several_lists_are_joined_by_name(into):
    servers = as_file("Server name,Cores,OS name,IP addresses\nled1,1,Linux,10.0.0.1\nled2,1,Linux,10.0.0.2\n", "a.csv")
    waves = as_file("Machine name,Wave Name\nLED1,Wave 7\nled2,Wave 8\n", "w.csv")
    result = into([servers, waves], PLAN)

    assert {"led1": "wave-7", "led2": "wave-8"} == {each.machine: each.wave for each in result.changes}
    assert ["azure-migrate", "azure-wave-plan"] == [each.format for each in result.lists]
    assert [] == found(result)


def test_what_a_sheet_says_of_its_size_is_not_believed(into):
    body = workbook({"list": [("name", "privateIp"), ("led", "10.0.0.1"), ("led2", "10.0.0.2")]})
    kept = io.BytesIO()
    with ZipFile(io.BytesIO(body)) as before, ZipFile(kept, "w") as after:
        for each in before.infolist():
            text = before.read(each)
            if each.filename == "xl/worksheets/sheet1.xml":
                assert b'<dimension ref="A1:B3"' in text
                text = text.replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1:A2"')
            after.writestr(each, text)

    assert ["led", "led2"] == list(machines(into(kept.getvalue(), PLAN, "l.xlsx")))


def test_rows_far_below_are_read_too(into):
    book = openpyxl.Workbook()
    for row, cells in ((1, ("name", "privateIp")), (2, ("led", "10.0.0.1")), (5_000, ("led2", "10.0.0.2"))):
        for column, cell in enumerate(cells, start=1):
            book.active.cell(row, column, cell)
    kept = io.BytesIO()
    book.save(kept)

    assert ["led", "led2"] == list(machines(into(kept.getvalue(), PLAN, "l.xlsx")))


def test_an_archive_with_a_password_is_refused(into):
    body = bytearray(archive({"a.csv": BODY}))
    body[body.index(b"PK\x01\x02") + 8] |= 1

    with pytest.raises(UnreadableList, match="is encrypted"):
        into(bytes(body), PLAN)


def test_no_format_takes_a_formula_or_a_tag_that_azure_refuses(into):
    body = "mgn:server:user-provided-id,mgn:app:name,mgn:server:tag:windows-team,mgn:server:tag:a/b,mgn:server:tag:ok\ni-0aaa11112222,=1+1,x,y,z\n"
    result = into(body, PLAN)

    assert {
        "name": "i-0aaa11112222",
        "source": {"instanceId": "i-0aaa11112222"},
        "target": {"tags": {"ok": "z"}},
    } == machines(result)["i-0aaa11112222"]
    assert ["mgn:app:name", "mgn:server:tag:a/b", "mgn:server:tag:windows-team"] == sorted(
        each.column for each in found(result, "warning")
    )
    assert () == result.errors
