"""A founder's data room: what lies in it, who may open what, and what was looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incubator.common.errors import DomainError
from incubator.common.uploads import stored_response
from investors.matching import selectors as matching
from investors.matching.models import DisclosureGrant

from . import pages, selectors, services
from .enums import ScanState
from .forms import AccessForm, ChangeFolderForm, DocumentForm, FileForm, FolderForm, UploadForm
from .models import Document, DocumentAccess, DocumentVersion
from .reading import asked_page
from .viewing import PICTURE, content_of, mark_of, unkept


def _done(form: forms.Form, act: Callable[[], Any]) -> Any:
    """What the service gives; None after a refusal, which is shown at its field with what was typed still there."""
    try:
        with transaction.atomic():
            return act()
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None


def _document(request: Any, pk: int) -> Document:
    return get_object_or_404(selectors.documents_for(request.user), pk=pk, company=request.acting.scope_id)


def _folders(request: Any) -> Any:
    return selectors.folders_for(request.user).filter(company=request.acting.scope_id)


def _consents(request: Any) -> list[DisclosureGrant]:
    found = matching.disclosures_for(request.user).for_company()
    return list(selectors.firms_with_consent(found, request.acting.scope_id))


def _consent(request: Any, pk: int) -> DisclosureGrant:
    found = next((each for each in _consents(request) if each.pk == pk), None)
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
def home(request: Any) -> HttpResponse:
    """The folders and what lies in them. POST adds a folder."""
    form = FolderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        company = selectors.owner_of_room(request.user, request.acting.scope_id)
        added = _done(
            form, lambda: services.add_folder(company=company, actor=request.user, **form.cleaned_data)
        )
        if added is not None:
            messages.success(request, _("The folder “%(name)s” is there.") % {"name": added.name})
            return redirect("dataroom:home")
    found = selectors.documents_for(request.user).filter(company=request.acting.scope_id)
    documents: list[Any] = list(selectors.with_use(found).order_by("title", "pk"))
    context = {
        "rooms": selectors.in_folders(
            _folders(request), [each for each in documents if not each.archived_at]
        ),
        "put_away": [each for each in documents if each.archived_at],
        "shown": sum(1 for each in documents if each.firms and not each.archived_at),
        "count": sum(1 for each in documents if not each.archived_at),
        "form": form,
        "scanned": bool(settings.CAMP_CLAMD),
    }
    return render(request, "investors/dataroom/home.html", context)


@require_http_methods(["GET", "POST"])
def folder(request: Any, pk: int) -> HttpResponse:
    """A folder's name and place."""
    found = get_object_or_404(_folders(request), pk=pk)
    form = ChangeFolderForm(request.POST or None, initial={"name": found.name, "position": found.position})
    if (
        request.method == "POST"
        and form.is_valid()
        and _done(form, lambda: services.change_folder(folder=found, actor=request.user, **form.cleaned_data))
    ):
        return redirect("dataroom:home")
    return render(request, "investors/dataroom/folder.html", {"folder": found, "form": form})


@require_POST
def remove_folder(request: Any, pk: int) -> HttpResponse:
    found = get_object_or_404(_folders(request), pk=pk)
    try:
        services.remove_folder(folder=found, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("dataroom:folder", pk=pk)
    messages.success(request, _("The folder is gone."))
    return redirect("dataroom:home")


@require_http_methods(["GET", "POST"])
def upload(request: Any) -> HttpResponse:
    folders = _folders(request)
    first = folders.values_list("pk", flat=True).first()
    if first is None:
        messages.info(request, _("Begin with a folder."))
        return redirect("dataroom:home")
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        folders=folders,
        initial={"folder": first},
    )
    if request.method == "POST" and form.is_valid():
        added = _done(
            form,
            lambda: services.add_document(actor=request.user, now=timezone.now(), **form.cleaned_data),
        )
        if added is not None:
            messages.success(request, _said_of_upload(added))
            return redirect("dataroom:document", pk=added.document_id)
    context = {"form": form, "scanned": bool(settings.CAMP_CLAMD)}
    return render(request, "investors/dataroom/upload.html", context)


def _said_of_upload(version: DocumentVersion) -> str:
    if version.scan_state == ScanState.WAITING:
        return _("Uploaded. Firms can open it once the virus scanner has passed it.")
    return _("Uploaded as version %(number)s.") % {"number": version.number}


@require_safe
def document(request: Any, pk: int) -> HttpResponse:
    return _page(request, _document(request, pk))


def _page(request: Any, found: Document, **refused: Any) -> HttpResponse:
    accesses = selectors.accesses_for(request.user).filter(document=found).live(timezone.localdate())
    context = {
        "document": found,
        "versions": list(selectors.versions_for(request.user).filter(document=found)),
        "accesses": list(accesses.select_related("firm", "disclosure").only(*_ACCESS)),
        "looks": selectors.looks(selectors.views_for(request.user).filter(document=found), by_page=True),
        "file_form": FileForm(),
        "form": DocumentForm(
            folders=_folders(request), initial={"title": found.title, "folder": found.folder_id}
        ),
        "scanned": bool(settings.CAMP_CLAMD),
        **refused,
    }
    return render(request, "investors/dataroom/document.html", context)


_ACCESS = ("level", "until", "document_id", "firm__name", "disclosure__until")


@require_POST
def add_version(request: Any, pk: int) -> HttpResponse:
    found = _document(request, pk)
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        added = _done(
            form,
            lambda: services.add_version(
                document=found, actor=request.user, now=timezone.now(), **form.cleaned_data
            ),
        )
        if added is not None:
            messages.success(request, _said_of_upload(added))
            return redirect("dataroom:document", pk=pk)
    return _page(request, _document(request, pk), file_form=form)


@require_POST
def change(request: Any, pk: int) -> HttpResponse:
    found = _document(request, pk)
    form = DocumentForm(request.POST, folders=_folders(request))
    if form.is_valid() and _done(
        form, lambda: services.change_document(document=found, actor=request.user, **form.cleaned_data)
    ):
        messages.success(request, _("Saved."))
        return redirect("dataroom:document", pk=pk)
    return _page(request, _document(request, pk), form=form)


def _moved(request: Any, pk: int, service: Callable[..., Any], said: str) -> HttpResponse:
    try:
        service(document=_document(request, pk), actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("dataroom:document", pk=pk)


@require_POST
def put_away(request: Any, pk: int) -> HttpResponse:
    return _moved(request, pk, services.put_away, _("Put away. No firm can open it any more."))


@require_POST
def take_out(request: Any, pk: int) -> HttpResponse:
    return _moved(request, pk, services.take_out, _("Back in the room. Nobody else sees it yet."))


@require_safe
def file(request: Any, pk: int) -> HttpResponseBase:
    """The company's own file, as it was uploaded."""
    found = get_object_or_404(selectors.versions_for(request.user), pk=pk, company=request.acting.scope_id)
    if found.scan_state == ScanState.INFECTED:
        raise Http404
    response = stored_response(found.file, name=found.name, content_type=found.content_type)
    response["Cache-Control"] = "no-store"
    return response


@dataclass(frozen=True)
class Line:
    """A row of the matrix: a document, and what each firm may do with it (None: nothing), in the order of the firms."""

    document: Document
    cells: list[tuple[DisclosureGrant, DocumentAccess | None]]


def _live_accesses(request: Any) -> dict[tuple[int, int], DocumentAccess]:
    found = selectors.accesses_for(request.user).filter(company=request.acting.scope_id)
    return {(each.document_id, each.disclosure_id): each for each in found.live(timezone.localdate())}


def _in_room(request: Any) -> list[Document]:
    found = selectors.documents_for(request.user).filter(company=request.acting.scope_id, archived_at=None)
    return list(found.order_by("folder__position", "folder__name", "title", "pk"))


@require_safe
def access(request: Any) -> HttpResponse:
    """Who may open what: documents by firms with a live consent."""
    consents, live = _consents(request), _live_accesses(request)
    lines = [
        Line(each, [(consent, live.get((each.pk, consent.pk))) for consent in consents])
        for each in _in_room(request)
    ]
    return render(request, "investors/dataroom/access.html", {"consents": consents, "lines": lines})


@require_http_methods(["GET", "POST"])
def access_of(request: Any, pk: int) -> HttpResponse:
    """What one firm may open, all documents in one form."""
    consent, live = _consent(request, pk), _live_accesses(request)
    rows = [
        AccessForm(
            request.POST or None,
            document=each,
            standing=live.get((each.pk, consent.pk)),
            last_day=consent.until,
        )
        for each in _in_room(request)
    ]
    valid = [form.is_valid() for form in rows]  # each of them, so that all errors show
    if request.method == "POST" and all(valid):
        now = timezone.now()
        with transaction.atomic():
            for form in (form for form in rows if form.has_changed()):
                _done(form, partial(_set, form, consent, request.user, now))
            refused = any(form.errors for form in rows)
            transaction.set_rollback(refused)
        if not refused:
            messages.success(request, _("Saved. It holds from now on."))
            return redirect("dataroom:access")
    return render(request, "investors/dataroom/access_of.html", {"consent": consent, "forms": rows})


def _set(form: AccessForm, consent: DisclosureGrant, actor: Any, now: Any) -> Any:
    return services.set_access(
        document=form.document, disclosure=consent, actor=actor, now=now, **form.cleaned_data
    )


@require_safe
def as_firm(request: Any, pk: int) -> HttpResponse:
    """What the firm finds, by the very rule that its own page asks."""
    consent = _consent(request, pk)
    context = {"consent": consent, "documents": _open_to(request, consent)}
    return render(request, "investors/dataroom/as_firm.html", context)


def _open_to(request: Any, consent: DisclosureGrant) -> Any:
    mine = selectors.documents_for(request.user).filter(company=request.acting.scope_id)
    found = mine.open_to([consent.firm_id], timezone.localdate())
    return found.order_by("folder__position", "folder__name", "title", "pk")


@require_safe
def as_firm_document(request: Any, pk: int, document_id: int) -> HttpResponse:
    consent = _consent(request, pk)
    found = get_object_or_404(_open_to(request, consent), pk=document_id)
    version: Any = found.current
    context = {
        "consent": consent,
        "document": found,
        "version": version,
        "page": asked_page(request, version.pages),
        "numbers": range(1, version.pages + 1),
    }
    return render(request, "investors/dataroom/as_firm_document.html", context)


@require_safe
def as_firm_picture(request: Any, pk: int, document_id: int, page: int) -> HttpResponse:
    consent = _consent(request, pk)
    found = get_object_or_404(_open_to(request, consent), pk=document_id)
    version: Any = found.current
    if not version.is_shown or not 1 <= page <= version.pages:
        raise Http404
    mark = mark_of(
        request.user,
        _("preview: %(firm)s") % {"firm": consent.firm.name},
        found,
        request.acting.label,
        timezone.now(),
    )
    try:
        drawn = pages.page_picture(content_of(version), version.content_type, page=page, mark=mark)
    except DomainError as error:
        return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
    return unkept(drawn, PICTURE, name="page.webp", inline=True)


@require_safe
def views(request: Any) -> HttpResponse:
    """What was looked at: firms and documents, the latest first, and what the camp office opened."""
    found = selectors.views_for(request.user).filter(company=request.acting.scope_id)
    context = {
        "looks": selectors.looks(found, by_page=False),
        "office": selectors.office_looks(found),
    }
    return render(request, "investors/dataroom/views.html", context)
