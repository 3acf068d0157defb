"""The investors' side of a data room. GET and HEAD only, under a role whose transaction cannot write.

Whether a document is open is asked of the database in every request, and once more after the drawing: a consent that was
withdrawn meanwhile leaves the reader with nothing. What is not open does not exist.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from incubator.audit.services import note_access
from incubator.common.errors import DomainError

from . import pages, selectors, tasks
from .enums import ViewKind
from .models import Document, DocumentAccess
from .viewing import PICTURE, Viewing, content_of, mark_of, unkept

no_store = cache_control(no_store=True)


def _accesses(request: Any) -> dict[int, DocumentAccess]:
    found = selectors.accesses_for(request.user).filter(firm__in=request.acting.firm_ids)
    return {access.document_id: access for access in found.select_related("disclosure").only(*_ACCESS)}


_ACCESS = (
    "document_id",
    "firm_id",
    "level",
    "until",
    "disclosure__until",
)


def _open_until(access: DocumentAccess) -> Any:
    days = [day for day in (access.until, access.disclosure.until) if day is not None]
    return min(days)


def _own(request: Any, pk: int) -> tuple[Document, DocumentAccess]:
    """An open document and the access to it. Anything else does not exist."""
    document = get_object_or_404(selectors.documents_for(request.user), pk=pk)
    access = _accesses(request).get(document.pk)
    if access is None or document.current is None:
        raise Http404
    return document, access


def _demand_still_open(request: Any, document: Document, *, download: bool = False) -> None:
    """Asked after the drawing, which takes its time."""
    access = _accesses(request).get(document.pk)
    open_ = selectors.documents_for(request.user).filter(pk=document.pk, current=document.current_id)
    if access is None or (download and not access.may_download) or not open_.exists():
        raise Http404


@require_safe
@no_store
def home(request: Any) -> HttpResponse:
    accesses = _accesses(request)
    found = selectors.documents_for(request.user).order_by(
        "company__name", "company_id", "folder__position", "folder__name", "title", "pk"
    )
    documents: list[Any] = [each for each in found if each.pk in accesses]
    for each in documents:
        each.access = accesses[each.pk]
        each.open_until = _open_until(each.access)
    note_access(
        request, "company", [each.company_id for each in documents], task="documents open to the firm"
    )
    return render(request, "investors/dataroom/reading_home.html", {"documents": documents})


def asked_page(request: HttpRequest, pages_: int) -> int:
    """The page of the address, held within the document."""
    text = request.GET.get("page", "1")[:6]
    number = int(text) if text.isascii() and text.isdecimal() else 1
    return max(1, min(number, max(pages_, 1)))


@require_safe
@no_store
def document(request: Any, pk: int) -> HttpResponse:
    found, access = _own(request, pk)
    version: Any = found.current
    page = asked_page(request, version.pages)
    viewing = Viewing.begin(version_id=version.pk, page=page, user_id=request.user.pk, firm_id=access.firm_id)
    note_access(request, "company", [found.company_id], task=f"document {found.pk}")
    context = {
        "document": found,
        "version": version,
        "access": access,
        "open_until": _open_until(access),
        "page": page,
        "numbers": range(1, version.pages + 1),
        "token": viewing.token,
    }
    return render(request, "investors/dataroom/reading_document.html", context)


@require_safe
def picture(request: Any, pk: int, page: int) -> HttpResponse:
    found, access = _own(request, pk)
    version: Any = found.current
    if not version.is_shown or not 1 <= page <= version.pages:
        raise Http404
    now = timezone.now()
    mark = mark_of(request.user, request.acting.label, found, found.company.name, now)
    try:
        drawn = pages.page_picture(content_of(version), version.content_type, page=page, mark=mark)
    except DomainError as error:
        return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
    _demand_still_open(request, found)
    viewing = Viewing.of(
        request.GET.get("v", ""), user_id=request.user.pk, firm_id=access.firm_id
    ) or Viewing.begin(version_id=version.pk, page=page, user_id=request.user.pk, firm_id=access.firm_id)
    if (viewing.version_id, viewing.page) != (version.pk, page):
        viewing = Viewing.begin(
            version_id=version.pk, page=page, user_id=request.user.pk, firm_id=access.firm_id
        )
    _write_down(request, viewing, ViewKind.OPENED, now)
    note_access(
        request, "company", [found.company_id], task=f"document {found.pk} v{version.number} page {page}"
    )
    return unkept(drawn, PICTURE, name="page.webp", inline=True)


def _write_down(request: Any, viewing: Viewing, kind: str, now: Any) -> None:
    if request.method == "HEAD":  # nothing came to anyone's eyes
        return
    tasks.opened_later(
        viewing=viewing.id.hex,
        version_id=viewing.version_id,
        firm_id=viewing.firm_id,
        user_id=viewing.user_id,
        reader=request.user.name,
        page=viewing.page,
        kind=str(kind),
        at=now.isoformat(),
    )


@require_safe
def file(request: Any, pk: int) -> HttpResponse:
    """The document to keep, where that is allowed: pages as marked pictures, anything else without its authors' traces."""
    found, access = _own(request, pk)
    version: Any = found.current
    if not access.may_download:
        raise Http404
    now = timezone.now()
    mark = mark_of(request.user, request.acting.label, found, found.company.name, now)
    try:
        if version.is_shown:
            content = pages.marked_file(content_of(version), version.content_type, mark=mark)
            content_type, ending = "application/pdf", "pdf"
        else:
            content = pages.cleaned_file(content_of(version), version.content_type)
            content_type, ending = version.content_type, version.file.name.rsplit(".", 1)[-1]
    except DomainError as error:
        return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
    _demand_still_open(request, found, download=True)
    viewing = Viewing.begin(version_id=version.pk, page=0, user_id=request.user.pk, firm_id=access.firm_id)
    _write_down(request, viewing, ViewKind.DOWNLOADED, now)
    note_access(
        request, "company", [found.company_id], task=f"document {found.pk} v{version.number} downloaded"
    )
    name = f"document-{found.pk}-v{version.number}.{ending}"
    return unkept(content, content_type, name=name, inline=False)


@require_safe
@no_store
def sign(request: Any, token: str) -> HttpResponse:
    """A sign of life from a page that is being looked at. 404 tells the page that it is over."""
    viewing = Viewing.of(token, user_id=request.user.pk, firm_id=request.acting.scope_id)
    if viewing is None:
        raise Http404
    if not selectors.documents_for(request.user).filter(current=viewing.version_id).exists():
        raise Http404
    if request.method == "GET":
        tasks.stayed_later(viewing=viewing.id.hex, user_id=viewing.user_id, at=timezone.now().isoformat())
    return HttpResponse(status=204)
