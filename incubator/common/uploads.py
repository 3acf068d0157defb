"""Files from people: what they really are, told from their content, before anything keeps or shows them.

A picture is drawn anew on its way in, so that nothing but its pixels is kept. A document is kept byte for byte, under a random
name, and leaves again only through a view that found its row for the reader.
"""

import hashlib
import io
import secrets
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.base import ContentFile
from django.http import FileResponse, Http404, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from .errors import DomainError

FORMATS = ("PNG", "JPEG", "WEBP", "HEIF")
MOST_MEGAPIXELS = 50
LONGEST_NAME = 120


class PictureTooLarge(DomainError):
    code = "picture_too_large"
    message = _("The picture is larger than %(megabytes)s MB. Please make it smaller.")
    field = "picture"
    status = 413


class NotAPicture(DomainError):
    code = "not_a_picture"
    message = _("This file is not a picture that can be read. Please use PNG, JPEG, WebP or HEIC.")
    field = "picture"
    status = 400


class PictureTooWide(DomainError):
    code = "picture_too_wide"
    message = _("The picture has more than %(megapixels)s million pixels. Please make it smaller.")
    field = "picture"
    status = 400


class FileTooLarge(DomainError):
    code = "file_too_large"
    message = _("The file is larger than %(megabytes)s MB. Please make it smaller.")
    field = "file"
    status = 413


class FileEmpty(DomainError):
    code = "file_empty"
    message = _("The file is empty.")
    field = "file"
    status = 400


class FileNotAllowed(DomainError):
    code = "file_not_allowed"
    message = _(
        "Files of this kind cannot be taken. Please use PDF, Word, Excel, PowerPoint, HWP, a picture or text."
    )
    field = "file"
    status = 400


class NameNotContent(DomainError):
    code = "name_not_content"
    message = _(
        "The name ends in .%(named)s, but the file is a different kind (%(found)s). Please save it again."
    )
    field = "file"
    status = 400


@dataclass(frozen=True)
class Document:
    """A checked file: `file` to store under its random name, `name` to show, `content_type` found from the content."""

    file: ContentFile
    name: str
    content_type: str
    sha256: str
    size: int


_OFFICE = "application/vnd.openxmlformats-officedocument."
_TYPES = {
    "pdf": "application/pdf",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "hwp": "application/x-hwp",
    "hwpx": "application/hwp+zip",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
}
_SAME = {"jpeg": "jpg"}
_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_HWP = b"HWP Document File"
_READABLE = {"\t", "\n", "\r", "\f"}


def checked_picture(file: Any, *, edge: int = 2400, most_bytes: int | None = None) -> ContentFile:
    """The picture as a WebP of at most `edge` pixels a side, upright, without anything else that the file carried.

    `file` has `size` (bytes) and `read`; `most_bytes` is settings.UPLOAD_MAX_BYTES unless told.
    Raises PictureTooLarge, PictureTooWide, NotAPicture.
    """
    limit = most_bytes or settings.UPLOAD_MAX_BYTES
    if file.size > limit:
        raise PictureTooLarge(megabytes=max(1, limit // settings.MEGABYTE))
    source: BinaryIO = io.BytesIO(file.read())
    # Here and below: large, and most processes never see a picture.
    import pillow_heif
    from PIL import Image, ImageOps

    pillow_heif.register_heif_opener()
    try:
        with Image.open(source, formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_MEGAPIXELS * 1_000_000:
                raise PictureTooWide(megapixels=MOST_MEGAPIXELS)
            picture.draft("RGB", (edge, edge))
            upright = ImageOps.exif_transpose(picture)
            small = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
            small.thumbnail((edge, edge))
            target = io.BytesIO()
            small.save(target, "WEBP", quality=85, exif=b"")
    except PictureTooWide:
        raise
    # Pillow raises whatever its parsers stumble over in a hostile file; to a person it all means the same.
    except Exception as error:
        raise NotAPicture from error
    return ContentFile(target.getvalue(), name=f"{secrets.token_hex(16)}.webp")


def checked_document(file: Any) -> Document:
    """The file as it came, once its content is of a kind that we take and its name says the same.

    `file` has `name`, `size` (bytes) and `read`. Raises FileTooLarge, FileEmpty, FileNotAllowed, NameNotContent.
    """
    if file.size > settings.UPLOAD_MAX_BYTES:
        raise FileTooLarge(megabytes=settings.UPLOAD_MAX_BYTES // settings.MEGABYTE)
    content = file.read()
    if not content:
        raise FileEmpty
    name = shown_name(file.name or "")
    named = PurePosixPath(name).suffix.lower().removeprefix(".")
    named = _SAME.get(named, named)
    found = _kind(content, named)
    if found is None:
        raise FileNotAllowed
    if named != found:
        raise NameNotContent(named=named or "?", found=found)
    return Document(
        file=ContentFile(content, name=f"{secrets.token_hex(16)}.{found}"),
        name=name,
        content_type=_TYPES[found],
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )


def shown_name(name: str) -> str:
    """A file's name as people may see it: composed Hangul (a Mac sends it in pieces), no path, nothing that cannot be printed."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(letter for letter in last if letter.isprintable()).strip()
    path = PurePosixPath(printable or "file")
    return f"{path.stem[: LONGEST_NAME - len(path.suffix)]}{path.suffix}"


def _kind(content: bytes, named: str) -> str | None:
    """What the content is, as the ending of a name; None for what we do not take. Text is told from its `named` ending."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"PK\x03\x04"):
        return _packed(content)
    if content.startswith(_OLE):
        return "hwp" if _HWP in content else None
    if (picture := _picture(content)) is not None:
        return picture
    if named in ("txt", "csv") and _is_text(content):
        return named
    return None


def _packed(content: bytes) -> str | None:
    """Office files and HWPX are ZIPs: the parts inside tell which. A file with macros is not taken."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = set(packed.namelist())
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                return None
            if "mimetype" in names and packed.getinfo("mimetype").file_size < 64:
                return "hwpx" if packed.read("mimetype").strip() == b"application/hwp+zip" else None
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError):
        return None
    return next((kind for part, kind in _PARTS.items() if part in names), None)


def _picture(content: bytes) -> str | None:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as picture:
            kind = str(picture.format).lower()
    except Exception:  # as above: whatever a parser stumbles over
        return None
    return _SAME.get(kind, kind)


def _is_text(content: bytes) -> bool:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return all(letter.isprintable() or letter in _READABLE for letter in text)
    return False


def stored_response(file: Any, *, name: str, content_type: str, inline: bool = False) -> HttpResponseBase:
    """A stored file to whoever may see it: the caller found its row through a `*_for` selector.

    Only a picture or a PDF is shown `inline`; all else is saved. Raises Http404 when the storage has lost it.
    """
    if not file:
        raise Http404
    try:
        opened = file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    shown = inline and content_type.startswith(("image/", "application/pdf"))
    return FileResponse(
        opened,
        as_attachment=not shown,
        filename=name,
        content_type=content_type,
        headers={
            "Cache-Control": "private, max-age=300",
            "Vary": "Cookie",
            "X-Content-Type-Options": "nosniff",
        },
    )
