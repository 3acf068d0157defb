"""A company's picture: checked and drawn anew on its way in, sent to whoever may see it on its way out."""

import io
import secrets
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.base import ContentFile
from django.http import FileResponse, Http404, HttpResponseBase
from PIL import Image, ImageOps

from .errors import NotAPicture, PictureTooLarge, PictureTooWide
from .models import Company

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_MEGAPIXELS = 24
EDGE = 1200


def redrawn(file: Any) -> ContentFile:
    """The picture as a WebP of at most 1,200 pixels an edge, without anything else that the file carried.

    `file` has `size` (bytes) and `read`. Raises PictureTooLarge, PictureTooWide, NotAPicture.
    """
    if file.size > settings.PICTURE_MAX_BYTES:
        raise PictureTooLarge(megabytes=settings.PICTURE_MAX_BYTES // settings.MEGABYTE)
    source: BinaryIO = io.BytesIO(file.read())
    try:
        with Image.open(source, formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_MEGAPIXELS * 1_000_000:
                raise PictureTooWide(megapixels=MOST_MEGAPIXELS)
            upright = ImageOps.exif_transpose(picture)
            small = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
            small.thumbnail((EDGE, EDGE))
            target = io.BytesIO()
            small.save(target, "WEBP", quality=85, exif=b"")
    except PictureTooWide:
        raise
    # Pillow raises whatever its parsers stumble over in a hostile file; to a person it all means the same.
    except Exception as error:
        raise NotAPicture from error
    return ContentFile(target.getvalue(), name=f"{secrets.token_hex(16)}.webp")


def picture_response(company: Company) -> HttpResponseBase:
    """The company's picture. The caller found the company by `companies_for`, so the person may see it.

    Raises Http404 for a company without one.
    """
    if not company.picture:
        raise Http404
    try:
        file = company.picture.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    return FileResponse(
        file, content_type="image/webp", headers={"Cache-Control": "private, max-age=300", "Vary": "Cookie"}
    )
