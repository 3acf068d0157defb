"""A company's picture: drawn anew on its way in, sent to whoever may see it on its way out."""

from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.http import Http404, HttpResponseBase

from incubator.common.uploads import checked_picture, stored_response

from .models import Company

EDGE = 1200


def redrawn(file: Any) -> ContentFile:
    """The picture as a WebP of at most 1,200 pixels an edge. Raises what `checked_picture` raises."""
    return checked_picture(file, edge=EDGE, most_bytes=settings.PICTURE_MAX_BYTES)


def picture_response(company: Company) -> HttpResponseBase:
    """The company's picture. The caller found the company by `companies_for`, so the person may see it.

    Raises Http404 for a company without one.
    """
    if not company.picture:
        raise Http404
    return stored_response(company.picture, name="picture.webp", content_type="image/webp", inline=True)
