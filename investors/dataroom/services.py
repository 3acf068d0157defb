"""Furnishing a room, opening it to firms, scanning what was put in, and writing down who looked."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Sum
from django.db.models.deletion import ProtectedError
from django.utils import timezone

from incubator.common.errors import NotAllowed, refusing, validate
from incubator.common.uploads import checked_document
from investors.matching.models import DisclosureGrant
from tenants.companies.models import Company

from . import clamd, pages, rules, tasks
from .enums import OPENABLE, UNDECIDED, AccessLevel, ScanState, ViewKind
from .errors import (
    AccessChanged,
    AccessUntilPast,
    FolderExists,
    FolderNotEmpty,
    NoConsent,
    NotOpenable,
    ReasonMissing,
    RoomFull,
    VersionMeanwhile,
)
from .models import Document, DocumentAccess, DocumentVersion, Folder, PageView

ROOM_BYTES = 1024 * settings.MEGABYTE
# What one silence is worth at most: between two signs of life from a page that sends them, and where none come (no JavaScript).
SIGN_EVERY = 10
MOST_BETWEEN_SIGNS = 15
MOST_WITHOUT_SIGNS = 120
FORGOTTEN_AFTER = timedelta(minutes=30)


def _demand(actor: Any, company_id: int) -> None:
    if not rules.may_furnish(actor, company_id):
        raise NotAllowed


@transaction.atomic
def add_folder(*, company: Company, name: str, actor: Any) -> Folder:
    """A new folder, behind the others. Raises NotAllowed, Invalid, FolderExists."""
    _demand(actor, company.pk)
    last = Folder.objects.filter(company=company).aggregate(last=Max("position"))["last"]
    folder = Folder(company=company, name=name.strip(), position=0 if last is None else min(last + 1, 30_000))
    validate(folder)
    with refusing({"dataroom_folder_once": FolderExists}):
        folder.save()
    return folder


@transaction.atomic
def change_folder(*, folder: Folder, name: str, position: int, actor: Any) -> Folder:
    """Raises NotAllowed, Invalid, FolderExists."""
    _demand(actor, folder.company_id)
    folder.name, folder.position = name.strip(), position
    validate(folder)
    with refusing({"dataroom_folder_once": FolderExists}):
        folder.save(update_fields=["name", "position", "updated_at"])
    return folder


@transaction.atomic
def remove_folder(*, folder: Folder, actor: Any) -> None:
    """Only an empty one. Raises NotAllowed, FolderNotEmpty."""
    _demand(actor, folder.company_id)
    try:
        with transaction.atomic(), refusing({"dataroom_document": FolderNotEmpty}):
            folder.delete()
    except ProtectedError as error:
        raise FolderNotEmpty from error


@transaction.atomic
def add_document(*, folder: Folder, title: str, file: Any, actor: Any, now: datetime) -> DocumentVersion:
    """A new document with its first version. Nobody but the company sees it before access is given.

    Raises NotAllowed, Invalid and whatever add_version does.
    """
    _demand(actor, folder.company_id)
    document = Document(company_id=folder.company_id, folder=folder, title=title.strip())
    validate(document, exclude={"company"})
    document.save()
    return add_version(document=document, file=file, actor=actor, now=now)


@transaction.atomic
def add_version(*, document: Document, file: Any, actor: Any, now: datetime) -> DocumentVersion:
    """The next version. Firms see it as soon as the scanner let it pass, at once where there is none.

    Raises NotAllowed, RoomFull, VersionMeanwhile, what `checked_document` and what `pages.page_count` raise.
    """
    _demand(actor, document.company_id)
    checked = checked_document(file)
    used = DocumentVersion.objects.filter(company=document.company_id).aggregate(all=Sum("size"))["all"] or 0
    if used + checked.size > ROOM_BYTES:
        raise RoomFull(megabytes=ROOM_BYTES // settings.MEGABYTE)
    count = pages.page_count(checked.file.read(), checked.content_type)
    checked.file.seek(0)
    document = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
    last = document.versions.aggregate(last=Max("number"))["last"] or 0
    version = DocumentVersion(
        company_id=document.company_id,
        document=document,
        number=last + 1,
        file=checked.file,
        name=checked.name,
        content_type=checked.content_type,
        sha256=checked.sha256,
        size=checked.size,
        pages=count,
        uploaded_by=actor,
        uploaded_at=now,
        scan_state=ScanState.WAITING if settings.CAMP_CLAMD else ScanState.NOT_CONFIGURED,
    )
    with refusing({"dataroom_version_once": VersionMeanwhile}):
        version.save()
    if version.is_openable:
        _show(document, version)
    else:
        tasks.scan_later(version.pk)
    return version


def _show(document: Document, version: DocumentVersion | None) -> None:
    document.current = version
    document.save(update_fields=["current", "updated_at"])


@transaction.atomic
def change_document(*, document: Document, title: str, folder: Folder, actor: Any) -> Document:
    """Another title or folder. Raises NotAllowed, Invalid."""
    _demand(actor, document.company_id)
    document.title, document.folder = title.strip(), folder
    validate(document)
    document.save(update_fields=["title", "folder", "updated_at"])
    return document


@transaction.atomic
def put_away(*, document: Document, actor: Any, now: datetime) -> Document:
    """Out of the room: no firm opens it any more, whatever access it has. Raises NotAllowed."""
    _demand(actor, document.company_id)
    document.archived_at = now
    document.save(update_fields=["archived_at", "updated_at"])
    return document


@transaction.atomic
def take_out(*, document: Document, actor: Any, now: datetime) -> Document:
    """Back into the room, to nobody but the company: access is given anew. Raises NotAllowed."""
    _demand(actor, document.company_id)
    document.accesses.filter(withdrawn_at=None).update(withdrawn_at=now)
    document.archived_at = None
    document.save(update_fields=["archived_at", "updated_at"])
    return document


@transaction.atomic
def set_access(
    *,
    document: Document,
    disclosure: DisclosureGrant,
    level: str,
    until: date | None = None,
    actor: Any,
    now: datetime,
) -> DocumentAccess | None:
    """Open the document to the firm of a live consent ("view" or "download", until a day), or close it (level "").

    An access is never changed: the old one is withdrawn and a new one given. What is as asked stays.
    Raises NotAllowed, NoConsent, AccessUntilPast, Invalid, AccessChanged.
    """
    _demand(actor, document.company_id)
    if disclosure.company_id != document.company_id:
        raise NotAllowed
    today = timezone.localdate(now)
    standing = DocumentAccess.objects.filter(document=document, firm=disclosure.firm_id, withdrawn_at=None)
    if not level:
        standing.update(withdrawn_at=now)
        return None
    live = DisclosureGrant.objects.live(today).filter(pk=disclosure.pk, since__lte=today)
    if not live.exists():
        raise NoConsent
    if until is not None and until < today:
        raise AccessUntilPast
    same = standing.filter(disclosure=disclosure, level=level, until=until).first()
    if same is not None:
        return same
    standing.update(withdrawn_at=now)
    access = DocumentAccess(
        company_id=document.company_id,
        document=document,
        firm_id=disclosure.firm_id,
        disclosure=disclosure,
        level=AccessLevel(level),
        until=until,
        given_by=actor,
        given_at=now,
    )
    with refusing({"dataroom_one_access": AccessChanged}):
        access.save()
    return access


@transaction.atomic
def scan_version(*, version_id: int, now: datetime) -> str:
    """Ask the scanner about a version that waits for it, and show it to firms, or take it from them. Safe to run twice."""
    version = (
        DocumentVersion.objects.filter(pk=version_id).exclude(scan_state__in=["clean", "infected"]).first()
    )
    if version is None or not settings.CAMP_CLAMD:
        return ""
    with version.file.open("rb") as file:
        content = file.read()
    try:
        verdict = clamd.scan(content, address=settings.CAMP_CLAMD)
    except clamd.ScannerAway as error:
        state, note = ScanState.FAILED, str(error)
    else:
        state, note = (ScanState.CLEAN, "") if verdict.is_clean else (ScanState.INFECTED, verdict.virus)
    if state == ScanState.FAILED and version.scan_state == ScanState.NOT_CONFIGURED:
        return (
            version.scan_state
        )  # it was shown before there was a scanner; silence is no reason to take it away
    document = Document.objects.select_for_update(of=("self",)).get(pk=version.document_id)
    DocumentVersion.objects.filter(pk=version.pk).update(
        scan_state=state, scanned_at=now, scan_note="".join(filter(str.isprintable, note))[:200]
    )
    best = document.versions.filter(scan_state__in=OPENABLE).order_by("-number").first()
    if document.current_id != (best.pk if best else None):
        _show(document, best)
    return state


def unscanned() -> list[int]:
    """Versions that wait for the scanner, and those from before there was one."""
    if not settings.CAMP_CLAMD:
        return []
    states = [*UNDECIDED, ScanState.NOT_CONFIGURED]
    found = DocumentVersion.objects.filter(scan_state__in=states).order_by("pk")
    return list(found.values_list("pk", flat=True)[:200])


def _worth(last: PageView, at: datetime, *, signs: bool) -> int:
    """The seconds between the last observation and now, as far as somebody may be believed to have looked on."""
    between = int((at - last.at).total_seconds())
    most = MOST_BETWEEN_SIGNS if signs else MOST_WITHOUT_SIGNS
    return between if 0 < between <= most else (most if between > most else 0)


@transaction.atomic
def record_opened(
    *,
    viewing: UUID,
    version_id: int,
    firm_id: int,
    user_id: int,
    reader: str,
    page: int,
    kind: str = ViewKind.OPENED,
    at: datetime,
) -> None:
    """A page came to somebody's eyes, and the one before it went. Safe to run twice: a viewing is observed once a moment."""
    version = DocumentVersion.objects.get(pk=version_id)
    _lock_reader(user_id)
    if PageView.objects.filter(viewing=viewing, at=at).exists():
        return
    before = (
        PageView.objects.filter(
            user=user_id, firm=firm_id, document=version.document_id, at__lt=at, at__gt=at - FORGOTTEN_AFTER
        )
        .exclude(kind=ViewKind.DOWNLOADED)
        .exclude(viewing=viewing)
        .order_by("-at", "-pk")
        .first()
    )
    shared: dict[str, Any] = {
        "company_id": version.company_id,
        "document_id": version.document_id,
        "firm_id": firm_id,
        "user_id": user_id,
        "reader": reader,
    }
    rows = []
    if before is not None and kind == ViewKind.OPENED:
        signs = before.kind == ViewKind.STAYED
        rows.append(
            PageView(
                **shared,
                version_id=before.version_id,
                viewing=before.viewing,
                kind=ViewKind.STAYED,
                page=before.page,
                at=at,
                seconds=_worth(before, at, signs=signs),
            )
        )
    # The opened page last: it is what the next observation follows.
    rows.append(PageView(**shared, version=version, viewing=viewing, kind=kind, page=page, at=at))
    PageView.objects.bulk_create(rows)


@transaction.atomic
def record_stayed(*, viewing: UUID, user_id: int, at: datetime) -> None:
    """A sign that the page is still before somebody's eyes. Signs that come too often, late or twice count for nothing."""
    _lock_reader(user_id)
    last = PageView.objects.filter(viewing=viewing, user=user_id).order_by("-at", "-pk").first()
    if last is None or (at - last.at).total_seconds() < SIGN_EVERY / 2:
        return
    PageView.objects.create(
        company_id=last.company_id,
        document_id=last.document_id,
        version_id=last.version_id,
        firm_id=last.firm_id,
        user_id=user_id,
        reader=last.reader,
        viewing=viewing,
        kind=ViewKind.STAYED,
        page=last.page,
        at=at,
        seconds=_worth(last, at, signs=True),
    )


def _lock_reader(user_id: int) -> None:
    """One observation of a person after the other, whichever worker has it: each is worth what passed since the one before."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [5_140_884, user_id % 2_147_483_647])


@transaction.atomic
def open_for_office(*, version: DocumentVersion, reason: str, actor: Any, now: datetime) -> PageView:
    """A manager opens a company's file: written down with the reason, and shown to the company.

    Raises NotAllowed, ReasonMissing, NotOpenable.
    """
    if not rules.may_look_inside(actor):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing
    if version.scan_state == ScanState.INFECTED:
        raise NotOpenable(state=version.get_scan_state_display())
    return PageView.objects.create(
        company_id=version.company_id,
        document_id=version.document_id,
        version=version,
        user=actor,
        reader=actor.name,
        viewing=uuid4(),
        kind=ViewKind.OFFICE,
        at=now,
        reason=reason.strip()[:400],
    )
