"""What a person may see of papers, and what anyone may learn of one whose code they have."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind

from .enums import PaperKind
from .models import Paper


def papers_for(user: Any) -> QuerySet[Paper]:
    """Staff see all papers, founders those of their company, others none."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Paper.objects.select_related("company")
    return Paper.objects.filter(company_id__in=acting.company_ids)


@dataclass(frozen=True)
class Face:
    """What stands on a paper for everyone to read, and whether it is still good. `facts` are (label, value) in the
    paper's own language."""

    code: str
    kind: str
    title: str
    language: str
    issuer: str
    facts: list[tuple[str, str]]
    issued_at: datetime
    revoked_at: datetime | None
    pdf_sha256: str

    @property
    def kind_label(self) -> str:
        return str(PaperKind(self.kind).label)


def face_of(code: str) -> Face | None:
    """The face of the paper with this code (16 characters), whoever asks; None without one.

    Nobody reads the table for it: the function `camp_paper` of the database gives these columns of one row.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, title, language, issuer, facts, issued_at, revoked_at, pdf_sha256 FROM camp_paper(%s)",
            [code],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    kind, title, language, issuer, facts, issued_at, revoked_at, pdf_sha256 = row
    listed = json.loads(facts) if isinstance(facts, str) else facts
    return Face(
        code=code,
        kind=kind,
        title=title,
        language=language,
        issuer=issuer,
        facts=[(str(label), str(value)) for label, value in listed],
        issued_at=issued_at,
        revoked_at=revoked_at,
        pdf_sha256=pdf_sha256,
    )
