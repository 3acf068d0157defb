"""A page before somebody's eyes: drawn with their mark, answered so that nothing keeps it, and written down."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.core import signing
from django.http import Http404, HttpResponse

from .models import Document, DocumentVersion
from .pages import Mark

SALT = "dataroom.viewing"
TOKEN_SECONDS = 12 * 3600
PICTURE = "image/webp"
_KEPT_NOWHERE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class Viewing:
    """One page, opened once by one member of one firm. As a signed token it says whose signs of life are whose."""

    id: UUID
    version_id: int
    page: int
    user_id: int
    firm_id: int

    @classmethod
    def begin(cls, *, version_id: int, page: int, user_id: int, firm_id: int) -> "Viewing":
        return cls(uuid4(), version_id, page, user_id, firm_id)

    @property
    def token(self) -> str:
        return signing.dumps(
            [self.id.hex, self.version_id, self.page, self.user_id, self.firm_id], salt=SALT, compress=True
        )

    @classmethod
    def of(cls, token: str, *, user_id: int, firm_id: int) -> "Viewing | None":
        """What the token says, None unless it is this person's of this firm, and of the last hours."""
        try:
            found = signing.loads(token[:400], salt=SALT, max_age=TOKEN_SECONDS)
        except signing.BadSignature:
            return None
        viewing = cls(UUID(found[0]), *found[1:])
        return viewing if (viewing.user_id, viewing.firm_id) == (user_id, firm_id) else None


def content_of(version: DocumentVersion) -> bytes:
    """The file as it was uploaded. Raises Http404 when the storage has lost it."""
    try:
        with version.file.open("rb") as file:
            return bytes(file.read())
    except FileNotFoundError as error:
        raise Http404 from error


def mark_of(user: Any, firm: str, document: Document, company: str, now: datetime) -> Mark:
    return Mark(f"{user.name} · {user.email}", firm, now, f"{company} · {document.title}")


def unkept(content: bytes, content_type: str, *, name: str, inline: bool) -> HttpResponse:
    """An answer that no cache keeps and no page of another place shows, under a name that says nothing."""
    response = HttpResponse(content, content_type=content_type, headers=_KEPT_NOWHERE)
    response["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    return response
