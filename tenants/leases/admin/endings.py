"""Early ends that wait or are in force, and stays after the end."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import ReadOnlyAdmin
from incubator.common.display import day, number, won_exact
from incubator.common.forms import DayField
from incubator.common.verbs import OptionalReasonForm, ReasonForm, verb_page
from tenants.leases import services
from tenants.leases.enums import EndingState, HoldoverOutcome
from tenants.leases.models import EarlyEnd, Holdover
from tenants.leases.selectors import endings

STATE_COLOURS = {
    EndingState.OPEN: "info",
    EndingState.AGREED: "warning",
    EndingState.REFUSED: "danger",
    EndingState.WITHDRAWN: "default",
}
VERBS = {EndingState.OPEN: ("agree", "refuse"), EndingState.AGREED: ("take_back",)}


@admin.register(EarlyEnd)
class EarlyEndAdmin(ReadOnlyAdmin):
    write_groups = (StaffGroup.LEASES,)
    list_display = ("company", "space", "kind", "ends_on", "shown_state", "asked_on")
    list_display_links = ("company",)
    list_filter = ("state", "kind")
    search_fields = ("lease__company__name", "lease__company__name_en", "lease__space__code")
    fields = readonly_fields = (
        "company",
        "space",
        "kind",
        "ends_on",
        "ended_before",
        "reason",
        "asked_by",
        "asked_on",
        "state",
        "decided_by",
        "decision_reason",
    )
    actions_detail = ("agree", "refuse", "take_back")

    def get_queryset(self, request: HttpRequest) -> QuerySet[EarlyEnd]:
        return endings.early_ends_for(request.user).order_by("-asked_at", "-pk")

    @display(description=_("company"), ordering="lease__company__name")
    def company(self, ending: EarlyEnd) -> str:
        return ending.lease.company.name

    @display(description=_("space"), ordering="lease__space__code")
    def space(self, ending: EarlyEnd) -> str:
        return ending.lease.space.place

    @display(description=_("last day"), ordering="last_day")
    def ends_on(self, ending: EarlyEnd) -> str:
        return day(ending.last_day)

    @display(description=_("last day before that"))
    def ended_before(self, ending: EarlyEnd) -> str:
        return day(ending.lasted_until or ending.lease.last_day)

    @display(description=_("state"), label=STATE_COLOURS, ordering="state")
    def shown_state(self, ending: EarlyEnd) -> tuple[str, str]:
        return ending.state, ending.get_state_display()

    @display(description=_("asked or given"), ordering="asked_at")
    def asked_on(self, ending: EarlyEnd) -> str:
        return day(ending.asked_at)

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Only the steps that this one can take."""
        ending = self.get_object(request, object_id)
        names = {f"leases_earlyend_{name}" for name in VERBS.get(ending.state, ())} if ending else set()
        return [verb for verb in super().get_actions_detail(request, object_id) if verb.action_name in names]

    def _decision(
        self, request: HttpRequest, object_id: int, service: Callable[..., Any], **page: Any
    ) -> HttpResponse:
        ending = self.get_object(request, str(object_id))
        if ending is None:
            raise Http404
        facts = _("%(company)s, %(space)s: until %(day)s instead of %(before)s.") % {
            "company": ending.lease.company,
            "space": ending.lease.space.place,
            "day": day(ending.last_day),
            "before": day(ending.lasted_until or ending.lease.last_day),
        }
        return verb_page(
            self,
            request,
            obj=ending,
            explanation=f"{facts} “{ending.reason}”",
            perform=lambda values: service(ending=ending, actor=request.user, now=timezone.now(), **values),
            **page,
        )

    @action(description=_("Agree"), url_path="agree", permissions=["decide"], icon="check")
    def agree(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._decision(
            request,
            object_id,
            services.agree_early_end,
            form_class=OptionalReasonForm,
            title=_("Agree to the earlier end"),
            button=_("End the lease on that day"),
            done=_("The lease ends earlier."),
        )

    @action(description=_("Refuse"), url_path="refuse", permissions=["decide"], icon="close")
    def refuse(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._decision(
            request,
            object_id,
            services.refuse_early_end,
            form_class=ReasonForm,
            title=_("Refuse the earlier end"),
            button=_("Refuse the earlier end"),
            done=_("The request is refused."),
        )

    @action(description=_("Take back"), url_path="take-back", permissions=["decide"], icon="undo")
    def take_back(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._decision(
            request,
            object_id,
            services.take_back_early_end,
            form_class=ReasonForm,
            title=_("Take the earlier end back"),
            button=_("Let the lease run as before"),
            done=_("The lease runs as before."),
        )


class ResolveForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("How it ended"), choices=HoldoverOutcome.choices, widget=UnfoldAdminSelectWidget
    )
    last_day = DayField(
        label=_("Last day in the space"),
        help_text=_("For a space that is clear; empty: today."),
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
    resolution = forms.CharField(
        label=_("Note"), max_length=400, required=False, widget=UnfoldAdminTextareaWidget
    )


@admin.register(Holdover)
class HoldoverAdmin(ReadOnlyAdmin):
    write_groups = (StaffGroup.LEASES,)
    list_display = ("company", "place", "begins", "clear_by", "stayed", "how")
    list_display_links = ("company",)
    list_filter = ("outcome",)
    search_fields = ("lease__company__name", "lease__company__name_en", "space__code")
    fields = readonly_fields = (
        "company",
        "place",
        "begins",
        "clear_by",
        "stayed",
        "worth",
        "reason",
        "noted_by",
        "how",
        "resolution",
        "resolved_by",
    )
    actions_detail = ("resolve",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Holdover]:
        return endings.holdovers_for(request.user).order_by("-first_day", "-pk")

    @display(description=_("company"), ordering="lease__company__name")
    def company(self, holdover: Holdover) -> str:
        return holdover.lease.company.name

    @display(description=_("space"), ordering="space__code")
    def place(self, holdover: Holdover) -> str:
        return holdover.space.place

    @display(description=_("first day after the lease"), ordering="first_day")
    def begins(self, holdover: Holdover) -> str:
        return day(holdover.first_day)

    @display(description=_("to be cleared by"), ordering="allowed_until")
    def clear_by(self, holdover: Holdover) -> str:
        return day(holdover.allowed_until)

    @display(description=_("days stayed (days too many)"))
    def stayed(self, holdover: Holdover) -> str:
        today = timezone.localdate()
        return f"{number(holdover.days_on(today))} ({number(holdover.days_over_on(today))})"

    @display(description=_("these days by the rates, not waived"))
    def worth(self, holdover: Holdover) -> str:
        # The page asks for it several times over.
        known = vars(holdover).setdefault("_worth", {})
        today = timezone.localdate()
        if today not in known:
            known[today] = endings.holdover_cost([holdover], today)[holdover.pk]
        amount = known[today]
        if amount.gaps:
            return str(_("no rate for %(days)s")) % {"days": ", ".join(map(str, amount.gaps))}
        return won_exact(amount.total_krw)

    @display(description=_("outcome"), ordering="outcome")
    def how(self, holdover: Holdover) -> str:
        return holdover.get_outcome_display() if holdover.outcome else str(_("still there"))

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        holdover = self.get_object(request, object_id)
        return super().get_actions_detail(request, object_id) if holdover and holdover.is_open else []

    @action(description=_("Resolve"), url_path="resolve", permissions=["decide"], icon="check")
    def resolve(self, request: HttpRequest, object_id: int) -> HttpResponse:
        holdover = self.get_object(request, str(object_id))
        if holdover is None:
            raise Http404
        return verb_page(
            self,
            request,
            obj=holdover,
            form_class=ResolveForm,
            explanation=f"{holdover.lease.company} · {holdover.space.place}",
            perform=lambda values: services.resolve_holdover(
                holdover=holdover, actor=request.user, now=timezone.now(), **values
            ),
            title=_("Resolve the stay after the end"),
            button=_("Resolve"),
            done=_("The stay is resolved."),
        )
