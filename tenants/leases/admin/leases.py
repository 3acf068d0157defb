"""The managers' leases: what ends soon, what it is worth, and each step of it."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from incubator.accounts.enums import StaffGroup
from incubator.common.admin import RoleTabularInline, ServiceModelAdmin, service_action
from incubator.common.display import day, dday, moment, period, won_exact
from incubator.common.forms import DayField
from incubator.common.sheets.admin import SheetUploadMixin
from incubator.common.verbs import OptionalReasonForm, verb_page
from tenants.leases import selectors, services
from tenants.leases.enums import LeaseState
from tenants.leases.loaders import LeaseLoader
from tenants.leases.models import Lease, LeaseTransition

from .programmes import ProgrammeVerb
from .verbs import LeaseVerbs

STATE_COLOURS = {
    LeaseState.DRAFT: "default",
    LeaseState.OFFERED: "info",
    LeaseState.SIGNED: "info",
    LeaseState.ACTIVE: "success",
    LeaseState.ENDED: "primary",
    LeaseState.TERMINATED: "warning",
}
FACTS = ("company", "space", "shown_period", "days_left", "state", "programme", "waived_so_far")
VERBS = {
    LeaseState.DRAFT: ("offer", "revise", "terminate"),
    LeaseState.OFFERED: ("countersign", "revise", "redraw", "sign", "terminate"),
    LeaseState.SIGNED: ("activate", "give_notice", "terminate"),
    LeaseState.ACTIVE: ("end", "move", "swap", "give_notice", "terminate"),
    LeaseState.ENDED: ("hold_over",),
    LeaseState.TERMINATED: ("hold_over",),
}


class NewLeaseForm(forms.ModelForm):
    first_day = DayField(label=_("First day"), widget=UnfoldAdminTextInputWidget)
    last_day = DayField(label=_("Last day"), widget=UnfoldAdminTextInputWidget)
    signed = forms.BooleanField(
        label=_("The contract is signed"),
        help_text=_(
            "The lease begins on its first day. Otherwise it is kept as a draft, which holds no space."
        ),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
    )

    class Meta:
        model = Lease
        fields = ("company", "space", "legal_basis", "comparator")


class TerminateForm(forms.Form):
    last_day = DayField(label=_("Last day in the space"), widget=UnfoldAdminTextInputWidget)
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The company reads it."),
        max_length=400,
        widget=UnfoldAdminTextareaWidget,
    )


class MoveForm(forms.Form):
    space: Any = forms.ModelChoiceField(label=_("New space"), queryset=None, widget=UnfoldAdminSelectWidget)
    first_day = DayField(label=_("First day in the new space"), widget=UnfoldAdminTextInputWidget)
    reason = forms.CharField(
        label=_("Reason"), max_length=400, required=False, widget=UnfoldAdminTextareaWidget
    )


class EndsFilter(admin.SimpleListFilter):
    title = _("end")
    parameter_name = "ends"

    CHOICES = (
        ("30", _("Leases that end within 30 days")),
        ("60", _("Leases that end within 60 days")),
        ("90", _("Leases that end within 90 days")),
        ("over", _("Active leases whose last day is over")),
    )

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return self.CHOICES

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lease]) -> QuerySet[Lease]:
        today, chosen = timezone.localdate(), self.value()
        active = queryset.filter(state=LeaseState.ACTIVE)
        if chosen == "over":
            return active.filter(period__endswith__lte=today)
        if chosen in ("30", "60", "90"):
            end = today + timedelta(days=int(chosen) + 1)
            return active.filter(period__endswith__gt=today, period__endswith__lte=end).order_by(
                "period__endswith"
            )
        return queryset


class LeaseChangeList(ChangeList):
    """The page's leases with what was waived until today, in one more query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        leases: list[Any] = list(self.result_list)
        amounts = selectors.waived_for(leases, date.min, timezone.localdate())
        for lease in leases:
            lease.waived = amounts[lease.pk]
        self.result_list = leases


class TransitionInline(RoleTabularInline):
    model = LeaseTransition
    may_add = False
    fields = readonly_fields = ("shown_at", "words", "shown_last_day", "who", "reason")
    verbose_name_plural = _("steps of this lease")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LeaseTransition]:
        return selectors.transitions_for(request.user).order_by("at", "pk")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("when"))
    def shown_at(self, step: LeaseTransition) -> str:
        return moment(step.at)

    @display(description=_("step"))
    def words(self, step: LeaseTransition) -> str:
        return step.words

    @display(description=_("last day"))
    def shown_last_day(self, step: LeaseTransition) -> str:
        return day(step.last_day)

    @display(description=_("who"))
    def who(self, step: LeaseTransition) -> str:
        return str(step.actor or _("the system"))


@admin.register(Lease)
class LeaseAdmin(ProgrammeVerb, LeaseVerbs, SheetUploadMixin, ServiceModelAdmin):
    loader_class = LeaseLoader
    write_groups = (StaffGroup.LEASES,)
    list_before_template = "admin/leases/views.html"
    list_display = ("company", "space", "shown_period", "days_left", "shown_state", "waived_so_far")
    list_filter = (EndsFilter, "state", "space__building")
    search_fields = ("company__name", "company__name_en", "company__business_number", "space__code")
    autocomplete_fields = ("company", "space")
    inlines = (TransitionInline,)
    actions = ("offer_selected", "activate_selected", "end_selected")
    actions_detail = (
        "offer",
        "countersign",
        "revise",
        "redraw",
        "sign",
        "activate",
        "end",
        "move",
        "swap",
        "give_notice",
        "terminate",
        "hold_over",
        "name_programme",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lease]:
        return selectors.leases_for(request.user).order_by("-period", "-pk")

    def get_ordering(self, request: HttpRequest) -> list[str]:
        """The first to end first, where the end is what was asked for."""
        return ["period__endswith", "pk"] if request.GET.get("ends") else ["-period", "-pk"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LeaseChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Named for what it shows, with the other lists one press away."""
        chosen, ends = request.GET.get("ends", ""), dict(EndsFilter.CHOICES)
        views = [
            {"title": title, "address": f"?ends={value}" if value else "?", "current": value == chosen}
            for value, title in [("", _("All leases")), *EndsFilter.CHOICES]
        ]
        title = {"title": ends[chosen]} if chosen in ends else {}
        return super().changelist_view(request, {**(extra_context or {}), "views": views, **title})

    def get_form(
        self, request: HttpRequest, obj: Lease | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = NewLeaseForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Lease | None = None) -> Any:
        if obj is None:
            return ("company", "space", "first_day", "last_day", "signed", "legal_basis", "comparator")
        return (*FACTS, "legal_basis", "comparator")

    def get_readonly_fields(self, request: HttpRequest, obj: Lease | None = None) -> Any:
        return FACTS if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Lease | None = None) -> Any:
        return self.inlines if obj else ()

    @display(description=_("period"), ordering="period")
    def shown_period(self, lease: Lease) -> str:
        return period(lease.period)

    @display(description=_("days left"), ordering=F("period__endswith"))
    def days_left(self, lease: Lease) -> str:
        if lease.last_day is None or lease.state not in (LeaseState.SIGNED, LeaseState.ACTIVE):
            return "–"
        return dday(lease.last_day, timezone.localdate())

    @display(description=_("state"), label=STATE_COLOURS, ordering="state")
    def shown_state(self, lease: Lease) -> tuple[str, str]:
        return lease.state, lease.get_state_display()

    @display(description=_("waived so far"))
    def waived_so_far(self, lease: Any) -> str:
        amount = getattr(lease, "waived", None)
        if amount is None:
            amount = selectors.waived_for([lease], date.min, timezone.localdate())[lease.pk]
        if amount.gaps:
            return str(_("no rate for %(days)s")) % {"days": ", ".join(map(str, amount.gaps))}
        return won_exact(amount.total_krw)

    def save_model(self, request: HttpRequest, obj: Lease, form: Any, change: bool) -> None:
        values = dict(form.cleaned_data)
        if change:
            stored = selectors.leases_for(request.user).get(pk=obj.pk)
            services.describe_lease(lease=stored, actor=request.user, now=timezone.now(), **values)
            return
        make = services.lease_space if values.pop("signed") else services.draft_lease
        obj.__dict__.update(make(actor=request.user, now=timezone.now(), **values).__dict__)

    def _each(self, request: HttpRequest, leases: QuerySet[Lease], service: Callable[..., Lease]) -> None:
        count = 0
        for lease in leases.order_by("space_id", "pk"):
            service(lease=lease, actor=request.user, now=timezone.now())
            count += 1
        text = ngettext("%(count)s lease was changed.", "%(count)s leases were changed.", count)
        self.message_user(request, text % {"count": count})

    @admin.action(description=_("Offer the selected drafts"), permissions=["change"])
    @service_action
    def offer_selected(self, request: HttpRequest, queryset: QuerySet[Lease]) -> None:
        self._each(request, queryset, services.offer_lease)

    @admin.action(description=_("Begin the selected signed leases"), permissions=["change"])
    @service_action
    def activate_selected(self, request: HttpRequest, queryset: QuerySet[Lease]) -> None:
        self._each(request, queryset, services.activate_lease)

    @admin.action(description=_("End the selected leases"), permissions=["change"])
    @service_action
    def end_selected(self, request: HttpRequest, queryset: QuerySet[Lease]) -> None:
        self._each(request, queryset, services.end_lease)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Only the steps that this lease can take."""
        lease = self.get_object(request, object_id)
        allowed = (*VERBS.get(lease.state, ()), "name_programme") if lease else ()
        names = {f"leases_lease_{name}" for name in allowed}
        return [verb for verb in super().get_actions_detail(request, object_id) if verb.action_name in names]

    def _verb(
        self, request: HttpRequest, object_id: int, service: Callable[..., Any], **page: Any
    ) -> HttpResponse:
        lease = self.get_object(request, str(object_id))
        if lease is None:
            raise Http404
        explanation = f"{lease.company} · {lease.space.place} · {period(lease.period)}"
        if "explanation" in page:
            explanation = f"{explanation}. {page.pop('explanation')}"
        return verb_page(
            self,
            request,
            obj=lease,
            explanation=explanation,
            perform=lambda values: service(lease=lease, actor=request.user, now=timezone.now(), **values),
            **{"form_class": OptionalReasonForm, **page},
        )

    @action(description=_("Offer"), url_path="offer", permissions=["change"], icon="outgoing_mail")
    def offer(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._verb(
            request,
            object_id,
            services.offer_lease,
            title=_("Offer the lease"),
            explanation=_(
                "The space is held for the company, which reads and signs its contract in the portal."
            ),
            button=_("Offer the lease"),
            done=_("The lease is offered."),
        )

    @action(description=_("Begin"), url_path="activate", permissions=["change"], icon="play_arrow")
    def activate(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._verb(
            request,
            object_id,
            services.activate_lease,
            title=_("Begin the lease"),
            explanation=_("Every night this happens by itself on the first day."),
            button=_("Begin the lease"),
            done=_("The lease has begun."),
        )

    @action(description=_("End"), url_path="end", permissions=["change"], icon="check")
    def end(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._verb(
            request,
            object_id,
            services.end_lease,
            title=_("End the lease"),
            explanation=_("Every night this happens by itself after the last day."),
            button=_("End the lease"),
            done=_("The lease has ended."),
        )

    @action(description=_("Move"), url_path="move", permissions=["change"], icon="move_down")
    def move(self, request: HttpRequest, object_id: int) -> HttpResponse:
        class Move(MoveForm):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                spaces = selectors.spaces_for(request.user).filter(active=True)
                self.fields["space"].queryset = spaces.order_by("building__name", "code")  # type: ignore[attr-defined]

        return self._verb(
            request,
            object_id,
            services.move_company,
            form_class=Move,
            title=_("Move the company to another space"),
            explanation=_(
                "This lease ends the day before; a new one begins and runs until the same last day."
            ),
            button=_("Move the company"),
            done=_("The company moves."),
        )

    @action(description=_("Terminate"), url_path="terminate", permissions=["change"], icon="block")
    def terminate(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._verb(
            request,
            object_id,
            services.terminate_lease,
            form_class=TerminateForm,
            initial={"last_day": timezone.localdate()},
            title=_("Terminate the lease early"),
            explanation=_("The period is cut to the last day. This cannot be undone."),
            button=_("Terminate the lease"),
            done=_("The lease is terminated."),
        )
