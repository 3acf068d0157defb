"""Documents that a firm may open, and PDFs made by hand."""

import io
from datetime import UTC, datetime
from typing import Any

import factory
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from factory.django import DjangoModelFactory
from pypdf import PdfWriter

from investors.dataroom.enums import AccessLevel, ScanState
from investors.dataroom.models import Document, DocumentAccess, DocumentVersion, Folder

from .accounts import UserFactory
from .companies import CompanyFactory
from .files import picture
from .matching import DisclosureGrantFactory

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def handmade(*objects: bytes) -> bytes:
    """A PDF of these objects, the first of which is its catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)


def words_pdf(words: str, *, author: str = "", catalogue: bytes = b"") -> bytes:
    """A page that says `words` (ASCII) in Helvetica; `catalogue` is added to the catalogue."""
    drawing = b"BT /F 40 Tf 40 400 Td (%s) Tj ET" % words.encode()
    return handmade(
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue,
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Author(%s)/Title(%s)>>" % (author.encode(), author.encode()),
    )


def blank_pdf(pages: int = 1, width: float = 595, height: float = 842, **more: Any) -> bytes:
    writer = PdfWriter()
    for _each in range(pages):
        writer.add_blank_page(width, height)
    if password := more.get("password"):
        writer.encrypt(password)
    if attachment := more.get("attachment"):
        writer.add_attachment(attachment, b"inside")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def uploaded(content: bytes, name: str = "plan.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


class FolderFactory(DjangoModelFactory):
    class Meta:
        model = Folder

    company = factory.SubFactory(CompanyFactory, visible_to_investors=True)
    name = factory.Sequence(lambda n: f"사업 자료 {n}")


class DocumentFactory(DjangoModelFactory):
    """A picture of one page, shown to firms; nobody has access."""

    class Meta:
        model = Document
        skip_postgeneration_save = True

    folder = factory.SubFactory(FolderFactory)
    company = factory.SelfAttribute("folder.company")
    title = factory.Sequence(lambda n: f"사업계획서 {n}")

    @factory.post_generation
    def content(document, create, content, **values):  # noqa: N805
        give_version(document, content, **values)


def give_version(document: Document, content: bytes | None = None, **values: Any) -> DocumentVersion:
    """One more version, shown if it may be: a small picture, or the PDF that is given."""
    is_pdf = content is not None
    content = content if content is not None else picture().read()
    version = DocumentVersion.objects.create(
        **{
            "company_id": document.company_id,
            "document": document,
            "number": document.versions.count() + 1,
            "file": ContentFile(content, name="0" * 32 + (".pdf" if is_pdf else ".png")),
            "name": "deck.pdf" if is_pdf else "deck.png",
            "content_type": "application/pdf" if is_pdf else "image/png",
            "sha256": "0" * 64,
            "size": len(content),
            "pages": 1,
            "uploaded_by": UserFactory(),
            "uploaded_at": NOW,
            "scan_state": ScanState.NOT_CONFIGURED,
            **values,
        }
    )
    if version.is_openable:
        document.current = version
        document.save()
    return version


class AccessFactory(DjangoModelFactory):
    """A firm may look at a document, under a live consent."""

    class Meta:
        model = DocumentAccess

    document = factory.SubFactory(DocumentFactory)
    company = factory.SelfAttribute("document.company")
    disclosure = factory.LazyAttribute(
        lambda access: DisclosureGrantFactory(introduction__match__company=access.document.company)
    )
    firm = factory.SelfAttribute("disclosure.firm")
    level = AccessLevel.VIEW
    given_by = factory.SubFactory(UserFactory)
    given_at = NOW
