"""What a company adds to its question."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from incubator.common.uploads import checked_document
from tenants.consulting import policy
from tenants.consulting.errors import TooManyFiles
from tenants.consulting.models import Booking, BookingFile

NAME_LENGTH = 200


def check_files(files: Sequence[Any]) -> list[tuple[str, Any]]:
    """Each file's name and its content as it may be kept. Raises TooManyFiles, FileTooLarge, FileNotAllowed, NameNotContent."""
    if len(files) > policy.MOST_FILES:
        raise TooManyFiles(most=policy.MOST_FILES)
    return [(str(file.name)[-NAME_LENGTH:], checked_document(file)) for file in files]


def keep_files(
    booking: Booking, files: Sequence[tuple[str, Any]], *, actor: Any, now: datetime
) -> list[BookingFile]:
    return [
        BookingFile.objects.create(
            booking=booking,
            company_id=booking.company_id,
            file=content,
            name=name,
            size=content.size,
            added_by=actor,
            added_at=now,
        )
        for name, content in files
    ]
