"""Whole files: encodings, separators, headings, places, and files that are none."""

import hashlib
import io
import random
import unicodedata
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.utils.translation import override

from incubator.common.sheets import (
    Column,
    DuplicateColumn,
    EmptyFile,
    EncryptedFile,
    ExpandsTooMuch,
    FileTooLarge,
    MissingColumns,
    NoRows,
    NotASpreadsheet,
    OldExcelFile,
    TooManyRows,
    UndecodableFile,
    bilingual,
    business_number,
    day,
    decimal,
    files,
    listed,
    read_sheet,
    text,
    whole,
    won,
)

COLUMNS = (
    Column("name", ("기업명", "Company", "Company name"), text(30)),
    Column("number", ("사업자등록번호", "Business number"), business_number()),
    Column("founded_on", ("설립일", "Founded on"), day(), blank=True),
    Column("revenue_krw", ("연매출(원)", "Revenue (KRW)"), won(), required=False, default=0),
)
HEADING = "기업명,사업자등록번호,설립일,연매출(원)"
LINE = '동명메디칼,124-81-00998,2025. 8. 14.,"388,000,000"'


def read(data, name="companies.csv", columns=COLUMNS):
    return read_sheet(io.BytesIO(data), name, columns)


def csv(*lines, encoding="utf-8", end="\r\n"):
    return (end.join(lines) + end).encode(encoding)


def xlsx(*rows, title="기업", more=()):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    for other in more:
        book.create_sheet(other)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def changed_archive(data, **contents):
    """The workbook with some parts replaced (`sheet1=…`)."""
    paths = {"sheet1": "xl/worksheets/sheet1.xml", "strings": "xl/sharedStrings.xml"}
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            for short, change in contents.items():
                content = change(content) if paths[short] == part else content
            new.writestr(part, content)
    return buffer.getvalue()


FIRST = {
    "name": "동명메디칼",
    "number": "1248100998",
    "founded_on": date(2025, 8, 14),
    "revenue_krw": 388_000_000,
}


@pytest.mark.parametrize("encoding", ["cp949", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_each_encoding_and_line_end(encoding, end):
    sheet = read(csv(HEADING, LINE, encoding=encoding, end=end))
    assert [dict(row.values) for row in sheet.rows] == [FIRST]
    assert (sheet.issues, sheet.notes) == ([], [])
    assert sheet.rows[0].line == 2


def test_a_path_and_an_open_file_are_read_alike(tmp_path):
    data = csv(HEADING, LINE, encoding="cp949")
    path = tmp_path / "companies.csv"
    path.write_bytes(data)
    sheet = read_sheet(path, path.name, COLUMNS)
    assert sheet == read(data)
    assert sheet.sha256 == hashlib.sha256(data).hexdigest()


def test_a_path_that_is_not_there():
    with pytest.raises(FileNotFoundError):
        read_sheet(Path("nowhere.csv"), "nowhere.csv", COLUMNS)


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_separators(mark):
    sheet = read(
        csv(
            HEADING.replace(",", mark),
            LINE.replace(",", mark).replace(f"388{mark}000{mark}000", "388,000,000"),
        )
    )
    assert [dict(row.values) for row in sheet.rows] == [FIRST]


def test_the_separator_is_read_from_the_heading_only():
    columns = (Column("name", ("기업명",), text(30)), Column("note", ("비고",), text(90)))
    sheet = read(csv("기업명,비고", "가온에듀,하나;둘;셋;넷;다섯"), columns=columns)
    assert sheet.rows[0]["note"] == "하나;둘;셋;넷;다섯"


def test_english_and_odd_headers():
    sheet = read(csv("company NAME,business_number,Founded-On,Revenue(KRW)", LINE))
    assert [dict(row.values) for row in sheet.rows] == [FIRST]


def test_decomposed_hangul_is_composed():
    sheet = read(csv(unicodedata.normalize("NFD", HEADING), unicodedata.normalize("NFD", LINE)))
    assert sheet.rows[0]["name"] == "동명메디칼"


def test_lines_are_counted_as_excel_counts_them():
    data = csv(
        "",
        HEADING,
        "",
        LINE,
        ",,,",
        '"두 줄\n이름",208-81-10310,2025-01-01,0',
        "",
        "셋,214-86-39239,2025-01-01,0",
    )
    assert [(row.line, row["name"]) for row in read(data).rows] == [
        (4, "동명메디칼"),
        (6, "두 줄 이름"),
        (8, "셋"),
    ]


def test_empty_cells():
    sheet = read(csv(HEADING, "동명메디칼,124-81-00998,,", "동명메디칼,124-81-00998", ",124-81-00998,,"))
    assert [row.values.get("founded_on") for row in sheet.rows] == [None, None, None]
    assert [row["revenue_krw"] for row in sheet.rows[:2]] == [0, 0]
    assert [(issue.line, issue.column, issue.code) for issue in sheet.issues] == [(4, "기업명", "empty_cell")]


def test_a_column_that_may_be_missing():
    sheet = read(csv("기업명,사업자등록번호,설립일", "동명메디칼,124-81-00998,2025-08-14"))
    assert sheet.rows[0]["revenue_krw"] == 0
    assert sheet.rows[0].given == {"name", "number", "founded_on"}


def test_unknown_columns_are_noted():
    sheet = read(csv(HEADING + ",비고,메모", LINE + ",하나,둘"))
    assert [dict(row.values) for row in sheet.rows] == [FIRST]
    with override("en"):
        assert [str(note) for note in sheet.notes] == [
            "These columns are not known here and were ignored: 비고, 메모."
        ]


def test_missing_columns_are_named():
    with pytest.raises(MissingColumns) as refusal:
        read(csv("기업명,연매출(원)", "동명메디칼,0"))
    assert refusal.value.params == {"columns": "사업자등록번호, 설립일", "line": 1}


def test_a_column_that_is_there_twice():
    with pytest.raises(DuplicateColumn) as refusal:
        read(csv(HEADING + ",Company", LINE + ",Other"))
    assert refusal.value.params == {"column": "기업명", "first": "기업명", "second": "Company"}


def test_two_columns_must_not_share_a_header():
    clash = (*COLUMNS, Column("label", ("기업 명",), text()))
    with pytest.raises(ValueError, match="기업 명"):
        read(csv(HEADING, LINE), columns=clash)


def test_a_rejected_row_is_named_with_its_place():
    sheet = read(csv(HEADING, LINE, "둘,101-81-34618,2027. 2. 29.,-5"))
    assert [(issue.line, issue.column, issue.value, issue.code) for issue in sheet.issues] == [
        (3, "사업자등록번호", "101-81-34618", "wrong_business_number"),
        (3, "설립일", "2027. 2. 29.", "no_such_day"),
        (3, "연매출(원)", "-5", "too_small"),
    ]
    assert [len(row.issues) for row in sheet.rows] == [0, 3]
    with override("en"):
        assert str(sheet.issues[1]) == "line 3, 설립일 “2027. 2. 29.”: There is no such day in the calendar."


def test_a_row_raises_issues_at_its_cells():
    row = read(csv(HEADING, LINE)).rows[0]
    issue = row.issue("number", "%(who)s is unknown.", "unknown_company", who="Nobody")
    assert (issue.line, issue.column, issue.value, str(issue.reason)) == (
        2,
        "사업자등록번호",
        "124-81-00998",
        "Nobody is unknown.",
    )
    assert row.issue(None, "100%", "whole_line").column == ""
    assert bilingual(row.issue(None, "100%", "whole_line")).endswith("100%")


def test_the_label_is_the_header_of_the_file():
    sheet = read(csv("Company,Business number,Founded on", "A,1,2025-01-01"))
    assert sheet.issues[0].column == "Business number"


def test_a_nul_and_an_overlong_text_reject_their_rows():
    sheet = read(csv(HEADING, "a\x00b,124-81-00998,,", f"{'가' * 31},124-81-00998,,", LINE))
    assert [(issue.line, issue.code, issue.value) for issue in sheet.issues] == [
        (2, "control_character", "a�b"),
        (3, "too_long", "가" * 31),
    ]


def test_a_megabyte_in_one_cell_rejects_its_row():
    sheet = read(csv(HEADING, f"{'a' * 1_000_000},124-81-00998,,", LINE))
    assert [(issue.line, issue.code) for issue in sheet.issues] == [(2, "broken_line")]
    assert sheet.rows[1]["name"] == "동명메디칼"


def test_an_open_quotation_mark_does_not_swallow_rows():
    sheet = read(csv(HEADING, LINE, '"둘,208-81-10310,,', LINE))
    assert [(issue.line, issue.code) for issue in sheet.issues] == [(3, "broken_line")]


def test_won_without_quotation_marks_do_not_slip_into_the_next_column():
    sheet = read(csv(HEADING, "동명메디칼,124-81-00998,2025-08-14,388,000,000"))
    assert [(issue.line, issue.column, issue.code) for issue in sheet.issues] == [(2, "", "too_many_cells")]


def test_xlsx_with_real_dates_and_numbers():
    sheet = read(
        xlsx(
            ("기업명", "사업자등록번호", "설립일", "연매출(원)"),
            ("동명메디칼", 1248100998, datetime(2025, 8, 14), 388_000_000),
            (None, None, None, None),
            ("동명메디칼", "124-81-00998", date(2025, 8, 14), "388,000,000"),
        ),
        "companies.xlsx",
    )
    assert [dict(row.values) for row in sheet.rows] == [FIRST, FIRST]
    assert [row.line for row in sheet.rows] == [2, 4]


def test_xlsx_decimals_are_read_as_they_are_shown():
    columns = (Column("area", ("면적(㎡)",), decimal(2, min=0)), Column("room", ("호실",), text()))
    sheet = read(xlsx(("면적(㎡)", "호실"), (0.1 + 0.2, 408), (23.1, "D08")), columns=columns)
    assert [(row["area"], row["room"]) for row in sheet.rows] == [
        (Decimal("0.3"), "408"),
        (Decimal("23.1"), "D08"),
    ]


def formula_sheet(result):
    data = xlsx(("이름", "합계"), ("가", "=1+1"))
    return changed_archive(data, sheet1=lambda xml: xml.replace(b"<v></v>", result).replace(b"<v />", result))


SUMS = (Column("name", ("이름",), text()), Column("total", ("합계",), whole(), blank=True))


def test_formulas_are_read_by_their_saved_results():
    assert read(formula_sheet(b"<v>2</v>"), columns=SUMS).rows[0]["total"] == 2


def test_a_formula_without_a_result_is_not_taken_for_an_empty_cell():
    sheet = read(formula_sheet(b""), columns=SUMS)
    assert [(issue.line, issue.column, issue.code) for issue in sheet.issues] == [
        (2, "합계", "formula_without_result")
    ]


def test_an_error_in_a_cell():
    sheet = read(xlsx(("이름", "합계"), ("가", "#N/A")), columns=SUMS)
    assert [(issue.line, issue.column, issue.code) for issue in sheet.issues] == [
        (2, "합계", "error_in_cell")
    ]


def test_the_first_worksheet_is_read_and_the_others_are_noted():
    sheet = read(xlsx(("이름", "합계"), ("가", 1), title="첫째", more=["둘째"]), columns=SUMS)
    assert len(sheet.rows) == 1
    with override("en"):
        assert [str(note) for note in sheet.notes] == ["Only the first worksheet, “첫째”, was read."]


def test_a_workbook_that_lies_about_its_size_is_read_whole():
    data = xlsx(("이름", "합계"), ("가", 1), ("나", 2))
    shrunk = changed_archive(data, sheet1=lambda xml: xml.replace(b'ref="A1:B3"', b'ref="A1:A2"'))
    assert shrunk != data
    assert [row["total"] for row in read(shrunk, columns=SUMS).rows] == [1, 2]


def test_multi_valued_cells_of_a_workbook():
    columns = (Column("sectors", ("관심분야",), listed(text())),)
    sheet = read(xlsx(("관심분야",), ("제조, 로봇, 음성·언어",)), columns=columns)
    assert sheet.rows[0]["sectors"] == ("제조", "로봇", "음성·언어")


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        b"\xff\xd8\xff\xe0" + bytes(100),
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
        b"<html><table><tr><td>x</td></tr></table></html>",
        random.Random(1).randbytes(4096),
        random.Random(2).randbytes(200_000),
        b"PK\x03\x04" + random.Random(3).randbytes(4096),
        b"\x00\x01\x02\x03a,b\n",
    ],
)
def test_what_is_no_spreadsheet(data):
    with pytest.raises(NotASpreadsheet):
        read(data)


def test_an_archive_that_is_no_workbook():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    with pytest.raises(NotASpreadsheet):
        read(buffer.getvalue())


@pytest.mark.parametrize("broken", [b"", b"<worksheet><sheetData><row", b"not xml", b"<worksheet/>" * 2])
def test_a_workbook_with_a_broken_sheet(broken):
    data = changed_archive(xlsx(("이름", "합계"), ("가", 1)), sheet1=lambda _: broken)
    with pytest.raises(NotASpreadsheet):
        read(data, columns=SUMS)


def test_a_cut_workbook():
    data = xlsx(("이름", "합계"), ("가", 1))
    for length in range(4, len(data), 97):
        with pytest.raises(NotASpreadsheet):
            read(data[:length], columns=SUMS)


def test_entities_are_refused_before_they_are_read():
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    with pytest.raises(NotASpreadsheet):
        read(changed_archive(xlsx(("이름", "합계"), ("가", 1)), sheet1=lambda _: bomb), columns=SUMS)


def test_a_workbook_that_unpacks_to_too_much():
    padding = b" " * (files.MOST_UNPACKED_BYTES + 1)
    bomb = changed_archive(xlsx(("이름", "합계"), ("가", 1)), sheet1=lambda xml: xml + padding)
    assert len(bomb) < 1_000_000
    with pytest.raises(ExpandsTooMuch):
        read(bomb, columns=SUMS)


def test_old_and_protected_excel_files():
    with pytest.raises(OldExcelFile):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000), "renamed.xlsx")
    with pytest.raises(EncryptedFile):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le"))


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\r\n\r\n  \t\n", bytes(100), xlsx(), b",,\n,,\n"])
def test_empty_files(data):
    with pytest.raises(EmptyFile):
        read(data)


@pytest.mark.parametrize("data", [csv(HEADING), csv(HEADING, ",,,"), xlsx(HEADING.split(","))])
def test_a_heading_alone(data):
    with pytest.raises(NoRows):
        read(data)


def test_bytes_that_are_neither_utf_8_nor_cp949():
    data = csv(HEADING, LINE) + b"\xff\xff,124-81-00998,,\r\n"
    with pytest.raises(UndecodableFile) as refusal:
        read(data)
    assert refusal.value.params == {"line": 3}


def test_a_file_that_is_too_large():
    with pytest.raises(FileTooLarge):
        read(b"a" * (files.MOST_BYTES + 1))


def test_too_many_rows(monkeypatch):
    monkeypatch.setattr(files, "MOST_ROWS", 3)
    rows = [("이름", "합계"), *[("가", number) for number in range(3)]]
    assert len(read(xlsx(*rows), columns=SUMS).rows) == 3
    with pytest.raises(TooManyRows):
        read(xlsx(*rows, ("나", 1)), columns=SUMS)
    with pytest.raises(TooManyRows):
        read(csv("이름,합계", *["가,1"] * 4), columns=SUMS)


def test_a_row_far_below_does_not_cost_the_rows_between():
    data = xlsx(("이름", "합계"), ("가", 1))
    far = changed_archive(data, sheet1=lambda xml: xml.replace(b'<row r="2"', b'<row r="999999999999"'))
    assert far != data
    with pytest.raises(NoRows):
        read(far, columns=SUMS)


def test_a_refusal_says_what_to_do():
    with override("en"), pytest.raises(MissingColumns) as refusal:
        read(csv("a,b", "1,2"))
    with override("en"):
        assert str(refusal.value) == (
            "These columns are missing: 기업명, 사업자등록번호, 설립일. The heading was looked for in line 1."
        )
    assert refusal.value.code == "missing_columns"
