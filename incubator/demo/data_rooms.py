"""Data rooms: one that nobody but its company sees yet, and two that firms read."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile

from incubator.common.papers import pdf
from investors.dataroom.enums import ViewKind
from investors.dataroom.models import Document, Folder
from investors.dataroom.services import (
    add_document,
    add_folder,
    record_opened,
    record_stayed,
    set_access,
)
from investors.firms.models import FirmMember
from investors.matching.models import DisclosureGrant
from tenants.companies.models import Company

from .camp import Camp, as_owner
from .days import days_before
from .texts import ROOM_DOCUMENTS, ROOM_FOLDERS, ROOM_SHEETS


def make_data_rooms(camp: Camp) -> int:
    """The first company prepares; two with a live consent, those of the first firm before others, show what they have."""
    _furnish(camp, camp.companies[0], documents=1)
    first_firm = camp.firms[0].pk
    consents = sorted(
        DisclosureGrant.objects.live(camp.today).select_related("company", "firm"),
        key=lambda consent: (consent.firm_id != first_firm, consent.company.business_number, consent.pk),
    )
    shown: dict[int, DisclosureGrant] = {}
    for consent in consents:
        shown.setdefault(consent.company_id, consent)
    for number, consent in enumerate(list(shown.values())[:2]):
        if consent.company_id == camp.companies[0].pk:
            continue
        _show(camp, consent, _furnish(camp, consent.company, documents=len(ROOM_DOCUMENTS) - 2 * number))
    return Document.objects.count()


def _furnish(camp: Camp, company: Company, *, documents: int) -> list[Document]:
    owner = as_owner(camp.members[company.pk][0], company)
    folders: list[Folder] = [add_folder(company=company, name=name, actor=owner) for name in ROOM_FOLDERS]
    made = []
    for number, (title, folder) in enumerate(ROOM_DOCUMENTS[:documents]):
        day = camp.at(days_before(camp.today, 12 - number), 11)
        content = pdf("demo/deck.typ", _words(company, title, number), made_at=day)
        version = add_document(
            folder=folders[folder],
            title=title,
            file=SimpleUploadedFile(f"{company.name} {title}.pdf", content),
            actor=owner,
            now=day,
        )
        made.append(version.document)
    return made


def _words(company: Company, title: str, number: int) -> dict[str, Any]:
    sheets: list[dict[str, Any]] = [
        {"heading": f"{company.name} · {title}", "lines": [company.summary], "bars": []}
    ]
    for heading, lines, bars in ROOM_SHEETS[number]:
        most = max((amount for _name, amount in bars), default=1)
        drawn = [
            {"name": name, "share": round(100 * amount / most), "amount": f"{amount / 10:.1f}억 원"}
            for name, amount in bars
        ]
        sheets.append({"heading": heading, "lines": list(lines), "bars": drawn})
    return {"title": title, "company": company.name, "sheets": sheets}


def _show(camp: Camp, consent: DisclosureGrant, documents: list[Document]) -> None:
    """The firm may keep the first and look at the others; its people have read a little."""
    owner = as_owner(camp.members[consent.company_id][0], consent.company)
    for number, document in enumerate(documents):
        set_access(
            document=document,
            disclosure=consent,
            level="view" if number else "download",
            until=camp.today + timedelta(days=30) if number == 1 else None,
            actor=owner,
            now=camp.now,
        )
    member = FirmMember.objects.filter(firm=consent.firm_id).select_related("user").order_by("pk").first()
    if member is not None:
        _read(camp, consent, documents, member.user)


def _read(camp: Camp, consent: DisclosureGrant, documents: list[Document], reader: Any) -> None:
    dice = camp.dice(f"data room {consent.company.business_number}")
    now: datetime = camp.at(days_before(camp.today, 2), 14, dice.randint(0, 50))
    for document in documents[:2]:
        version: Any = document.versions.get()
        for page in range(1, version.pages + 1):
            viewing = UUID(int=dice.getrandbits(128))
            record_opened(**_seen(consent, version, reader), viewing=viewing, page=page, at=now)
            for _sign in range(dice.randint(1, 5)):
                now += timedelta(seconds=10)
                record_stayed(viewing=viewing, user_id=reader.pk, at=now)
            now += timedelta(seconds=dice.randint(2, 9))
    record_opened(
        **_seen(consent, documents[0].versions.get(), reader),
        viewing=UUID(int=dice.getrandbits(128)),
        page=0,
        kind=ViewKind.DOWNLOADED,
        at=now + timedelta(minutes=2),
    )


def _seen(consent: DisclosureGrant, version: Any, reader: Any) -> dict[str, Any]:
    return {
        "version_id": version.pk,
        "firm_id": consent.firm_id,
        "user_id": reader.pk,
        "reader": reader.name,
    }
