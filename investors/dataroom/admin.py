"""The managers' side: what lies in the rooms, who may open it, who looked. A file itself only for a reason."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import action, display

from incubator.accounts.enums import StaffGroup
from incubator.audit.services import note_access
from incubator.common.admin import ReadOnlyAdmin
from incubator.common.display import moment
from incubator.common.states import state_text
from incubator.common.uploads import stored_response
from incubator.common.verbs import ReasonForm, verb_page

from . import selectors, services
from .models import Document, DocumentAccess, DocumentVersion, PageView


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    write_groups = (StaffGroup.MATCHING,)
    list_display = ("title", "company", "folder", "version_shown", "scan_shown", "looks", "archived_at")
    list_filter = (("company", admin.RelatedOnlyFieldListFilter), "current__scan_state")
    search_fields = ("title", "company__name", "company__name_en")
    actions_detail = ("open_file",)
    fields = readonly_fields = (
        "company",
        "folder",
        "title",
        "versions_shown",
        "archived_at",
        "created_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        found = selectors.documents_for(request.user).annotate(look_count=Count("views"))
        versions = Prefetch("versions", selectors.versions_for(request.user), to_attr="newest")
        return found.prefetch_related(versions)

    def has_open_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._writes(request)

    @action(
        description=gettext_lazy("Open the file, for a reason"),
        url_path="open",
        permissions=["open"],
        icon="lock_open",
    )
    def open_file(self, request: HttpRequest, object_id: Any) -> HttpResponseBase:
        document = self.get_object(request, str(object_id))
        version: DocumentVersion | None = next(iter(document.newest), None) if document else None
        if document is None or version is None:
            raise Http404
        opened: list[PageView] = []
        response = verb_page(
            self,
            request,
            obj=document,
            form_class=ReasonForm,
            title=_("Open the file, for a reason"),
            button=_("Open the file"),
            done=_("The file is opened, and the company reads why."),
            explanation=_(
                "%(company)s · %(title)s · version %(number)s · %(scan)s. The company sees in its data room that you opened"
                " this file, when, and the reason that you give."
            )
            % {
                "company": document.company,
                "title": document.title,
                "number": version.number,
                "scan": version.get_scan_state_display(),
            },
            perform=lambda values: opened.append(
                services.open_for_office(version=version, actor=request.user, now=timezone.now(), **values)
            ),
        )
        if not opened:
            return response
        list(messages.get_messages(request))  # the answer is the file: no page says that it is done
        note_access(
            request, "company", [document.company_id], task=f"document {document.pk}: {opened[0].reason}"
        )
        answer = stored_response(version.file, name=version.name, content_type=version.content_type)
        answer["Cache-Control"] = "no-store"
        return answer

    @display(description=gettext_lazy("version"))
    def version_shown(self, document: Any) -> str:
        return str(document.newest[0].number) if document.newest else "–"

    @display(description=gettext_lazy("virus scan"))
    def scan_shown(self, document: Any) -> str:
        if not document.newest:
            return "–"
        newest = document.newest[0]
        return state_text(newest.scan_state, newest.get_scan_state_display())

    @display(description=gettext_lazy("looks"), ordering="look_count")
    def looks(self, document: Any) -> int:
        return int(document.look_count)

    @display(description=gettext_lazy("versions"))
    def versions_shown(self, document: Any) -> SafeString:
        lines = (
            (
                version.number,
                version.name,
                filesizeformat(version.size),
                _("%(pages)s pages") % {"pages": version.pages} if version.pages else version.content_type,
                moment(version.uploaded_at),
                state_text(version.scan_state, version.get_scan_state_display()),
                version.scan_note,
                version.sha256,
            )
            for version in document.newest
        )
        rows = format_html_join("", "<li>{} · {} · {} · {} · {} · {} {}<br><code>{}</code></li>", lines)
        return format_html('<ol class="office-history">{}</ol>', rows)


@admin.register(DocumentAccess)
class DocumentAccessAdmin(ReadOnlyAdmin):
    list_display = ("document", "company", "firm", "level", "until", "given_at", "withdrawn_at")
    list_filter = (("firm", admin.RelatedOnlyFieldListFilter), "level")
    search_fields = ("document__title", "company__name", "firm__name")
    fields = readonly_fields = (
        "document",
        "company",
        "firm",
        "disclosure",
        "level",
        "until",
        "given_by",
        "given_at",
        "withdrawn_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[DocumentAccess]:
        return selectors.accesses_for(request.user)


@admin.register(PageView)
class PageViewAdmin(ReadOnlyAdmin):
    list_display = ("at", "firm", "reader", "document", "version_number", "page", "kind", "seconds")
    list_filter = (
        ("at", RangeDateTimeFilter),
        "kind",
        ("firm", admin.RelatedOnlyFieldListFilter),
    )
    list_filter_submit = True
    search_fields = ("document__title", "company__name", "firm__name", "reader")
    fields = readonly_fields = (
        "at",
        "company",
        "document",
        "version_number",
        "page",
        "firm",
        "user",
        "reader",
        "kind",
        "seconds",
        "reason",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PageView]:
        return selectors.views_for(request.user)

    @display(description=gettext_lazy("version"), ordering="version__number")
    def version_number(self, look: PageView) -> int:
        return look.version.number
