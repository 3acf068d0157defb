import hashlib
import io
import zipfile

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from PIL import Image

from incubator.common.uploads import (
    FileEmpty,
    FileNotAllowed,
    FileTooLarge,
    NameNotContent,
    NotAPicture,
    PictureTooLarge,
    checked_document,
    checked_picture,
    shown_name,
    stored_response,
)

SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def file(name, content):
    return SimpleUploadedFile(name, content)


def zipped(**members):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "/").replace("_", "."), content)
    return target.getvalue()


def photograph(kind="JPEG", **options):
    target = io.BytesIO()
    Image.effect_noise((640, 480), 80).convert("RGB").save(target, kind, **options)
    return target.getvalue()


def workbook():
    target = io.BytesIO()
    Workbook().save(target)
    return target.getvalue()


def heic():
    target = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (320, 200), "teal")).save(target)
    return target.getvalue()


def test_a_photograph_of_a_phone_becomes_a_webp():
    made = checked_picture(file("IMG_0001.HEIC", heic()))
    with Image.open(io.BytesIO(made.read())) as picture:
        assert (picture.format, picture.size) == ("WEBP", (320, 200))


def test_where_a_photograph_was_taken_is_forgotten_and_it_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825)[1] = "N"
    made = checked_picture(file("a.jpg", photograph(exif=exif)), edge=100)
    with Image.open(io.BytesIO(made.read())) as picture:
        assert picture.size == (75, 100)
        assert dict(picture.getexif()) == {}


@pytest.mark.parametrize("content", [SCRIPT, b"MZ" + b"\0" * 100, b"", b"%PDF-1.7", photograph()[:2000]])
def test_what_only_says_that_it_is_a_picture_is_refused(content):
    with pytest.raises(NotAPicture):
        checked_picture(file("a.png", content))


def test_a_photograph_of_thirty_megabytes_is_refused():
    with pytest.raises(PictureTooLarge) as refused:
        checked_picture(file("a.jpg", b"\0" * 30_000_000))
    assert refused.value.params == {"megabytes": 20}


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("계획서.pdf", b"%PDF-1.7\n%%EOF", "application/pdf"),
        ("표.xlsx", workbook(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (
            "사업.hwp",
            bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600 + b"HWP Document File V5.00",
            "application/x-hwp",
        ),
        ("사업.hwpx", zipped(mimetype="application/hwp+zip"), "application/hwp+zip"),
        ("a.jpeg", photograph(), "image/jpeg"),
        ("a.PNG", photograph("PNG"), "image/png"),
        ("메모.txt", "안녕하십니까\n".encode("cp949"), "text/plain; charset=utf-8"),
    ],
)
def test_a_document_is_kept_byte_for_byte_under_a_name_nobody_guesses(name, content, content_type):
    checked = checked_document(file(name, content))
    assert (checked.name, checked.content_type, checked.size) == (name, content_type, len(content))
    assert checked.file.read() == content
    assert checked.sha256 == hashlib.sha256(content).hexdigest()
    assert len(checked.file.name.split(".")[0]) == 32


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("a.pdf", photograph(), NameNotContent),
        ("a.png", b"%PDF-1.7", NameNotContent),
        ("a.pdf.exe", b"%PDF-1.7", NameNotContent),
        ("a", b"%PDF-1.7", NameNotContent),
        ("a.docx", workbook(), NameNotContent),
        ("a.svg", SCRIPT, FileNotAllowed),
        ("a.txt", b"MZ\x90\x00\x03", FileNotAllowed),
        ("a.html", b"<script>alert(1)</script>", FileNotAllowed),
        ("a.zip", zipped(a_txt="x"), FileNotAllowed),
        ("a.xlsx", zipped(xl__workbook_xml="<x/>", xl__vbaProject_bin="x"), FileNotAllowed),
        ("a.xlsx", b"PK\x03\x04cut off", FileNotAllowed),
        ("a.doc", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, FileNotAllowed),
        ("a.pdf", b"", FileEmpty),
        ("a.pdf", b"%PDF-" + b"\0" * 21_000_000, FileTooLarge),
    ],
)
def test_what_is_not_what_its_name_says_is_refused(name, content, refusal):
    with pytest.raises(refusal):
        checked_document(file(name, content))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/계획.pdf", "계획.pdf"),
        ("C:\\내 문서\\계획.pdf", "계획.pdf"),
        ("\u1100\u1168\u1112\u116c\u11a8.pdf", "계획.pdf"),
        ("a\r\nSet-Cookie: b\u202e.pdf", "aSet-Cookie: b.pdf"),
        ("가" * 300 + ".pdf", "가" * 116 + ".pdf"),
        ("", "file"),
    ],
)
def test_names_are_shown_as_people_write_them(name, shown):
    assert shown_name(name) == shown


def test_only_pictures_and_papers_are_shown_in_the_browser():
    shown = stored_response(
        checked_picture(file("a.jpg", photograph())), name="a.webp", content_type="image/webp", inline=True
    )
    saved = stored_response(
        checked_document(file("a.txt", b"a")).file, name="메모.txt", content_type="text/plain", inline=True
    )
    assert shown["Content-Disposition"].startswith("inline")
    assert saved["Content-Disposition"].startswith("attachment")
    assert (saved["X-Content-Type-Options"], saved["Cache-Control"]) == ("nosniff", "private, max-age=300")
