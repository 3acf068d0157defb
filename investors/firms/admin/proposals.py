"""Changes of mandates that firms' contacts ask for by mail."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from incubator.common.admin import ServiceModelAdmin
from incubator.common.verbs import verb_page
from investors.firms import selectors, services
from investors.firms.enums import ProposalState
from investors.firms.models import MandateProposal

from .inlines import WRITERS, WrittenByService

_COLOURS = {ProposalState.OPEN: "info", ProposalState.TAKEN: "success", ProposalState.DECLINED: "default"}
_WRITTEN = ("firm", "written_by", "written_on", "text")


class ProposalForm(WrittenByService):
    class Meta:
        model = MandateProposal
        fields = _WRITTEN


class DecisionForm(forms.Form):
    decision = forms.CharField(
        label=_("In words"), max_length=400, required=False, widget=UnfoldAdminTextareaWidget
    )


@admin.register(MandateProposal)
class MandateProposalAdmin(ServiceModelAdmin):
    """A manager records the mail and says what became of it; the mandate itself is changed on the firm's page."""

    write_groups = WRITERS
    form = ProposalForm
    list_display = ("firm", "written_by", "written_on", "shown_state", "decided_by", "decided_at")
    list_filter = ("state",)
    search_fields = ("firm__name", "written_by", "text")
    actions_detail = ("take", "decline")
    _decided = ("state", "recorded_by", "recorded_at", "decided_by", "decided_at", "decision")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MandateProposal]:
        return selectors.proposals_for(request.user).order_by("-recorded_at", "-pk")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*_WRITTEN, *self._decided) if obj else _WRITTEN

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        proposal = self.get_object(request, str(object_id))
        waits = proposal is not None and proposal.state == ProposalState.OPEN
        return super().get_actions_detail(request, object_id) if waits else []

    @display(description=_("state"), label=_COLOURS, ordering="state")
    def shown_state(self, proposal: MandateProposal) -> tuple[str, str]:
        return proposal.state, proposal.get_state_display()

    def save_model(self, request: HttpRequest, obj: MandateProposal, form: Any, change: bool) -> None:
        made = services.record_proposal(**form.cleaned_data, actor=request.user, now=timezone.now())
        obj.__dict__.update(made.__dict__)

    def _decide(
        self, request: HttpRequest, object_id: int, *, taken: bool, title: Any, done: Any
    ) -> HttpResponse:
        proposal = get_object_or_404(selectors.proposals_for(request.user), pk=object_id)
        return verb_page(
            self,
            request,
            obj=proposal,
            form_class=DecisionForm,
            title=title,
            explanation=_("%(who)s of %(firm)s wrote: %(text)s")
            % {"who": proposal.written_by, "firm": proposal.firm, "text": proposal.text},
            button=title,
            done=done,
            perform=lambda values: services.decide_proposal(
                proposal=proposal, taken=taken, **values, actor=request.user, now=timezone.now()
            ),
        )

    @action(description=_("Taken over"), url_path="take", permissions=["verb"], icon="check")
    def take(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            taken=True,
            title=_("The mandate is changed"),
            done=_("Kept. The mandate itself is changed on the firm's page."),
        )

    @action(description=_("Not taken over"), url_path="decline", permissions=["verb"], icon="close")
    def decline(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._decide(
            request, object_id, taken=False, title=_("The mandate stays as it is"), done=_("Kept.")
        )
