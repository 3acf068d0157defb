"""What a person may see of data rooms."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Min, Prefetch, Q, QuerySet, Sum
from django.utils import timezone

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from investors.matching.models import DisclosureGrant
from tenants.companies import selectors as companies
from tenants.companies.models import Company

from .enums import ViewKind
from .models import (
    Document,
    DocumentAccess,
    DocumentAccessQuerySet,
    DocumentQuerySet,
    DocumentVersion,
    Folder,
    PageView,
)


def folders_for(user: Any) -> QuerySet[Folder]:
    """Staff see all folders, a company its own. A firm sees a folder's name with its documents only."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Folder.objects.select_related("company")
    if acting.kind == Kind.FOUNDER:
        return Folder.objects.filter(company_id__in=acting.company_ids)
    return Folder.objects.none()


def documents_for(user: Any) -> DocumentQuerySet:
    """Staff see all documents, a company its own, a firm those that are open to it at this moment."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Document.objects.select_related("company", "folder", "current")
    if acting.kind == Kind.FOUNDER:
        return Document.objects.filter(company_id__in=acting.company_ids).select_related("folder", "current")
    if acting.kind == Kind.INVESTOR:
        return Document.objects.open_to(acting.firm_ids, timezone.localdate()).for_firm()
    return Document.objects.none()


def versions_for(user: Any) -> QuerySet[DocumentVersion]:
    """Staff see all versions, a company its own. A firm sees a version as its document's current one."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return DocumentVersion.objects.select_related("company", "document")
    if acting.kind == Kind.FOUNDER:
        return DocumentVersion.objects.filter(company_id__in=acting.company_ids)
    return DocumentVersion.objects.none()


def accesses_for(user: Any) -> DocumentAccessQuerySet:
    """Staff see all accesses, a company those that it gave, a firm its own live ones."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return DocumentAccess.objects.select_related("company", "document", "firm")
    if acting.kind == Kind.FOUNDER:
        return DocumentAccess.objects.filter(company_id__in=acting.company_ids)
    if acting.kind == Kind.INVESTOR:
        live = DocumentAccess.objects.live(timezone.localdate())
        return live.filter(firm_id__in=acting.firm_ids).defer(*DocumentAccess.PRIVATE_FIELDS)
    return DocumentAccess.objects.none()


def views_for(user: Any) -> QuerySet[PageView]:
    """Staff see all looks, a company those at its own documents, firms none."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return PageView.objects.select_related("company", "document", "version", "firm", "user")
    if acting.kind == Kind.FOUNDER:
        return PageView.objects.filter(company_id__in=acting.company_ids).defer("user", "viewing")
    return PageView.objects.none()


def firms_with_consent(disclosures: QuerySet[DisclosureGrant], company_id: int) -> QuerySet[DisclosureGrant]:
    """The consents of a company that live today, one a firm, with the firm."""
    today = timezone.localdate()
    return disclosures.filter(
        company=company_id, withdrawn_at=None, since__lte=today, until__gte=today
    ).order_by("firm__name", "pk")


@dataclass
class RoomFolder:
    folder: Folder
    documents: list[Any] = field(default_factory=list)


def in_folders(folders: Iterable[Folder], documents: Iterable[Document]) -> list[RoomFolder]:
    """The documents below their folders, in the order of both; an empty folder stays."""
    rooms = {folder.pk: RoomFolder(folder) for folder in folders}
    for document in documents:
        rooms.setdefault(document.folder_id, RoomFolder(document.folder)).documents.append(document)
    return list(rooms.values())


def with_use(documents: DocumentQuerySet) -> DocumentQuerySet:
    """With how many firms may open each today (`firms`) and its newest version (`newest`, a list of one)."""
    versions = DocumentVersion.objects.order_by("document_id", "-number").distinct("document_id")
    return documents.annotate(
        firms=Count("accesses", filter=_live_access(timezone.localdate()), distinct=True)
    ).prefetch_related(Prefetch("versions", versions, to_attr="newest"))


def _live_access(today: date) -> Q:
    """DocumentAccessQuerySet.live, seen from the document."""
    return (
        Q(accesses__withdrawn_at=None)
        & (Q(accesses__until=None) | Q(accesses__until__gte=today))
        & Q(
            accesses__disclosure__withdrawn_at=None,
            accesses__disclosure__since__lte=today,
            accesses__disclosure__until__gte=today,
        )
    )


@dataclass(frozen=True)
class Looked:
    """How a page, a document or a whole file was looked at by a firm."""

    document: str
    document_id: int
    firm: str
    readers: str
    version: int
    page: int
    seconds: int
    times: int
    first: datetime
    last: datetime
    downloads: int


LOOKS_SHOWN = 500


def looks(views: QuerySet[PageView], *, by_page: bool) -> list[Looked]:
    """What firms looked at, the latest first: a row per firm and document, or per page and version of it as well."""
    keys = ["document_id", "document__title", "firm_id", "firm__name"]
    keys += ["page", "version__number"] if by_page else []
    rows = (
        views.exclude(kind=ViewKind.OFFICE)
        .order_by()
        .values(*keys)
        .annotate(
            spent=Sum("seconds"),
            times=Count("pk", filter=Q(kind=ViewKind.OPENED)),
            downloads=Count("pk", filter=Q(kind=ViewKind.DOWNLOADED)),
            first=Min("at"),
            last=Max("at"),
        )
        .order_by("-last")[:LOOKS_SHOWN]
    )
    found = list(rows)
    names = _readers(views, {row["firm_id"] for row in found})
    return [
        Looked(
            document=row["document__title"],
            document_id=row["document_id"],
            firm=row["firm__name"],
            readers=", ".join(sorted(names.get((row["document_id"], row["firm_id"]), ()))),
            version=row.get("version__number", 0),
            page=row.get("page", 0),
            seconds=row["spent"],
            times=row["times"],
            first=row["first"],
            last=row["last"],
            downloads=row["downloads"],
        )
        for row in found
    ]


def _readers(views: QuerySet[PageView], firms: set[int]) -> dict[tuple[int, int], set[str]]:
    found: dict[tuple[int, int], set[str]] = {}
    pairs = views.filter(firm__in=firms).order_by().values_list("document_id", "firm_id", "reader").distinct()
    for document_id, firm_id, reader in pairs:
        found.setdefault((document_id, firm_id), set()).add(reader)
    return found


def office_looks(views: QuerySet[PageView]) -> QuerySet[PageView]:
    """When the camp office opened a file, and why."""
    return views.filter(kind=ViewKind.OFFICE).select_related("document").order_by("-at")[:50]


def owner_of_room(user: Any, company_id: int) -> Company:
    """The company of a founder's own room."""
    return companies.companies_for(user).get(pk=company_id)
