"""What may be put into a room, and what of it a firm gets."""

import io
import zipfile
import zlib
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from incubator.common.errors import DomainError, NotAllowed
from investors.dataroom import pages, services
from investors.dataroom.models import Document, DocumentVersion, Folder
from tests.factories.accounts import sign_in
from tests.factories.companies import founder_of
from tests.factories.dataroom import (
    NOW,
    AccessFactory,
    FolderFactory,
    blank_pdf,
    handmade,
    uploaded,
    words_pdf,
)
from tests.factories.files import picture
from tests.factories.firms import investor_of

pytestmark = pytest.mark.django_db
MARK = pages.Mark("김하늘 · reader@firm.example", "무등투자", NOW, "무등 · 계획서")


def zipped(**parts: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, text in parts.items():
            packed.writestr(name.replace("__", "/").replace("_x", ".x"), text)
    return target.getvalue()


def hidden_script() -> bytes:
    """JavaScript that no page refers to, its name written with an escape."""
    return handmade(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
        b"<</S/J#61vaScript/Other(app.alert)>>",
    )


def endless_page() -> bytes:
    """A few kilobytes that paint forty million pixels' worth of lines, many times over."""
    drawing = zlib.compress(b"0 0 m 600 800 l 300 0 l b\n" * 6_000_000, 1)
    return handmade(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        b"<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream" % (len(drawing), drawing),
    )


HOSTILE = {
    "script": (
        lambda: words_pdf("x", catalogue=b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"),
        "document_active",
    ),
    "hidden script": (hidden_script, "document_active"),
    "launch": (lambda: words_pdf("x", catalogue=b"/OpenAction<</S/Launch/F(calc.exe)>>"), "document_active"),
    "attachment": (lambda: blank_pdf(attachment="inside.exe"), "document_carrying"),
    "form of another kind": (lambda: words_pdf("x", catalogue=b"/AcroForm<</XFA(x)>>"), "document_carrying"),
    "password": (lambda: blank_pdf(password="secret"), "document_locked"),
    "800 pages": (lambda: blank_pdf(800, 10, 10), "document_too_long"),
    "truncated": (lambda: blank_pdf()[:120], "document_damaged"),
    "no page": (lambda: b"%PDF-1.7\n", "document_damaged"),
    "as large as a field": (lambda: blank_pdf(1, 10_000_000, 10_000_000), "document_too_complex"),
    "a ZIP by another name": (lambda: zipped(a="x"), "file_not_allowed"),
    "a picture by another name": (lambda: picture().read(), "name_not_content"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_words_and_leaves_nothing(name: str) -> None:
    make, code = HOSTILE[name]
    folder = FolderFactory()
    with pytest.raises(DomainError) as refused:
        services.add_document(
            folder=folder, title="계획서", file=uploaded(make()), actor=founder_of(folder.company), now=NOW
        )
    assert refused.value.code == code
    assert str(refused.value)
    assert not Document.objects.exists()


def test_a_page_that_never_ends_is_stopped_by_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "INSPECT_SECONDS", 1)
    with pytest.raises(DomainError) as refused:
        pages.page_count(endless_page(), "application/pdf")
    assert refused.value.code == "document_too_complex"


def test_a_strange_page_is_drawn_within_bounds() -> None:
    for width, height in ((14_000, 9_000), (14_000, 1), (3, 3)):
        drawn = pages.page_picture(blank_pdf(1, width, height), "application/pdf", page=1, mark=MARK)
        with Image.open(io.BytesIO(drawn)) as shown:
            assert max(shown.size) <= pages.PAGE_EDGE + 30


def test_the_mark_lies_over_the_whole_page_and_differs_by_reader() -> None:
    content = blank_pdf(2)
    drawn = pages.page_picture(content, "application/pdf", page=2, mark=MARK)
    with Image.open(io.BytesIO(drawn)) as shown:
        sheet = shown.convert("L")
    third = sheet.height // 3
    for at in range(3):
        for half in (0, sheet.width // 2):
            part = sheet.crop((half, at * third, half + sheet.width // 2, (at + 1) * third))
            assert sum(part.histogram()[:235]) > 1_000  # the page itself is white
    other = pages.page_picture(
        content,
        "application/pdf",
        page=2,
        mark=pages.Mark("박바다 · b@firm.example", "무등투자", NOW, MARK.foot),
    )
    assert other != drawn
    assert drawn == pages.page_picture(content, "application/pdf", page=2, mark=MARK)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in document)


def test_a_download_is_new_pictures_without_words_or_author() -> None:
    original = words_pdf("INNERMOST", author="Original Author")
    assert "INNERMOST" in text_of(original)  # the control: they are there to be found
    access = AccessFactory(level="download", document__content=original)
    client = sign_in(Client(), investor_of(access.firm))
    answer = client.get(reverse("reading:file", args=[access.document_id]))
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="document-{access.document_id}-v1.pdf"'
    assert answer["Cache-Control"] == "no-store"
    reader = PdfReader(io.BytesIO(answer.content))
    assert len(reader.pages) == 1
    assert not reader.metadata
    assert text_of(answer.content).strip() == ""
    for word in (b"INNERMOST", b"Original Author", b"deck.pdf"):
        assert word not in answer.content


def test_the_page_is_a_picture_that_nothing_keeps() -> None:
    access = AccessFactory(document__content=words_pdf("INNERMOST"))
    client = sign_in(Client(), investor_of(access.firm))
    answer = client.get(reverse("reading:picture", args=[access.document_id, 1]))
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/webp", "no-store")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == 'inline; filename="page.webp"'
    assert b"INNERMOST" not in answer.content
    with Image.open(io.BytesIO(answer.content)) as shown:
        assert not shown.getexif()
    assert client.get(reverse("reading:picture", args=[access.document_id, 2])).status_code == 404


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def test_an_office_file_is_handed_over_only_where_allowed_and_says_nothing_of_its_author() -> None:
    content = zipped(word__document_xml="<text/>", docProps__core_xml="<creator>Original Author</creator>")
    values: dict[str, Any] = {"content_type": WORD, "pages": 0}
    access = AccessFactory(
        **{f"document__content__{name}": value for name, value in values.items()}, document__content=content
    )
    client = sign_in(Client(), investor_of(access.firm))
    address = reverse("reading:file", args=[access.document_id])
    assert client.get(address).status_code == 404
    page = client.get(
        reverse("reading:document", args=[access.document_id]), headers={"accept-language": "en"}
    )
    assert "Ask it for a PDF" in page.content.decode()
    assert client.get(reverse("reading:picture", args=[access.document_id, 1])).status_code == 404
    services.set_access(
        document=access.document, disclosure=access.disclosure, level="download",
        actor=founder_of(access.company), now=NOW,
    )  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(client.get(address).content)) as packed:
        assert packed.read("word/document.xml") == b"<text/>"
        assert b"Original Author" not in packed.read("docProps/core.xml")


def test_a_founder_uploads_versions_and_firms_see_the_newest() -> None:
    folder = FolderFactory()
    client = sign_in(Client(), founder_of(folder.company))
    sent = {"folder": folder.pk, "title": "사업계획서", "file": uploaded(blank_pdf(3), "계획 1.pdf")}
    assert client.post(reverse("dataroom:upload"), sent).status_code == 302
    version = DocumentVersion.objects.get()
    assert (version.pages, version.number, version.name) == (3, 1, "계획 1.pdf")
    assert "계획" not in version.file.name
    address = reverse("dataroom:add_version", args=[version.document_id])
    assert client.post(address, {"file": uploaded(blank_pdf(4))}).status_code == 302
    document = Document.objects.get()
    assert (document.current.number, document.current.pages) == (2, 4)
    refused = client.post(
        address, {"file": uploaded(blank_pdf(password="x"))}, headers={"accept-language": "en"}
    )
    assert "asks for a password" in refused.content.decode()
    assert document.versions.count() == 2
    assert client.get(reverse("dataroom:file", args=[version.pk])).status_code == 200


def test_another_companys_people_change_nothing() -> None:
    access = AccessFactory()
    stranger = founder_of(FolderFactory().company)
    client = sign_in(Client(), stranger)
    for name in ("add_version", "change", "put_away", "take_out"):
        address = reverse(f"dataroom:{name}", args=[access.document_id])
        assert client.post(address, {"file": uploaded(blank_pdf())}).status_code == 404
    with pytest.raises(NotAllowed):
        services.add_version(document=access.document, file=uploaded(blank_pdf()), actor=stranger, now=NOW)
    assert Folder.objects.count() == 2
