from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from incubator.accounts.enums import StaffGroup
from incubator.audit.services import note_access
from incubator.common.admin import ReadOnlyAdmin
from incubator.common.papers import pdf_response
from incubator.common.verbs import verb_page

from . import selectors, services
from .errors import PaperDamaged
from .models import Paper


class RevokeForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=400, widget=UnfoldAdminTextInputWidget)


class PaperAdmin(ReadOnlyAdmin):
    """Papers found, opened and withdrawn. What issues them knows more than this floor: `tenants.portal.admin` registers it."""

    write_groups = (StaffGroup.LEASES,)
    list_display = ("title", "company", "kind", "language", "shown_code", "issued_at", "shown_state")
    list_filter = ("kind", "language", ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("title", "company__name", "company__name_en", "code")
    list_select_related = ("company",)
    date_hierarchy = None
    actions_detail = ("open_file", "revoke")
    fields = readonly_fields = (
        "title",
        "company",
        "kind",
        "language",
        "shown_code",
        "address",
        "issued_by",
        "issued_at",
        "pdf_sha256",
        "content_sha256",
        "shown_state",
        "revoked_at",
        "revoked_by",
        "revoke_reason",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Paper]:
        return selectors.papers_for(request.user).order_by("-issued_at", "-pk")

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def get_actions_detail(self, request: HttpRequest, object_id: Any = None) -> list[Any]:
        """A withdrawn paper cannot be withdrawn again."""
        paper = self.get_object(request, str(object_id))
        return [
            each
            for each in super().get_actions_detail(request, object_id)
            if not each.action_name.endswith("revoke") or (paper and not paper.is_revoked)
        ]

    @display(description=_("verification code"), ordering="code")
    def shown_code(self, paper: Paper) -> str:
        return paper.code_shown

    @display(description=_("state"), label={"good": "success", "withdrawn": "danger"}, ordering="revoked_at")
    def shown_state(self, paper: Paper) -> tuple[str, str]:
        return ("withdrawn", gettext("Withdrawn")) if paper.is_revoked else ("good", gettext("Good"))

    @display(description=_("where it is checked"))
    def address(self, paper: Paper) -> str:
        return services.verification_address(paper.code)

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if object_id and str(object_id).isdigit():
            company = (
                selectors.papers_for(request.user).filter(pk=object_id).values_list("company_id", flat=True)
            )
            note_access(request, "company", list(company), task="paper in the admin")
        return super().changeform_view(request, object_id, form_url, extra_context)

    @action(description=_("Open the PDF"), url_path="file", permissions=["view"], icon="picture_as_pdf")
    def open_file(self, request: HttpRequest, object_id: int) -> HttpResponse:
        paper = get_object_or_404(selectors.papers_for(request.user), pk=object_id)
        note_access(request, "company", [paper.company_id], task="paper as PDF")
        try:
            content = services.file_of(paper)
        except PaperDamaged as error:
            messages.error(request, str(error))
            return redirect("admin:papers_paper_change", paper.pk)
        return pdf_response(f"{paper.title} {paper.code_shown}", content)

    @action(description=_("Withdraw"), url_path="revoke", permissions=["verb"], icon="block")
    def revoke(self, request: HttpRequest, object_id: int) -> HttpResponse:
        paper = get_object_or_404(selectors.papers_for(request.user), pk=object_id)
        return verb_page(
            self,
            request,
            obj=paper,
            form_class=RevokeForm,
            title=gettext("Withdraw %(paper)s") % {"paper": paper},
            explanation=_(
                "Whoever checks its code is told from now on that it does not hold any more. This cannot be taken back."
            ),
            button=_("Withdraw the paper"),
            done=_("The paper is withdrawn."),
            perform=lambda values: services.revoke_paper(
                paper=paper, **values, actor=request.user, now=timezone.now()
            ),
        )
