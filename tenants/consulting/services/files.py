"""What a company adds to its question."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from incubator.common.uploads import Document, checked_document
from tenants.consulting import policy
from tenants.consulting.errors import TooManyFiles
from tenants.consulting.models import Booking, BookingFile


def check_files(files: Sequence[Any]) -> list[Document]:
    """The files as they may be kept. Raises TooManyFiles, FileTooLarge, FileEmpty, FileNotAllowed, NameNotContent."""
    if len(files) > policy.MOST_FILES:
        raise TooManyFiles(most=policy.MOST_FILES)
    return [checked_document(file) for file in files]


def keep_files(
    booking: Booking, files: Sequence[Document], *, actor: Any, now: datetime
) -> list[BookingFile]:
    return [
        BookingFile.objects.create(
            booking=booking,
            company_id=booking.company_id,
            file=document.file,
            name=document.name,
            content_type=document.content_type,
            size=document.size,
            added_by=actor,
            added_at=now,
        )
        for document in files
    ]
