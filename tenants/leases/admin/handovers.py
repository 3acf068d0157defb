"""Handovers: which are open, the sheet that a manager fills in on the phone, and the list that new ones begin with."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from incubator.accounts.enums import StaffGroup
from incubator.audit.services import note_access
from incubator.common.admin import ReadOnlyAdmin, ServiceModelAdmin
from incubator.common.display import day
from incubator.common.errors import DomainError
from incubator.common.verbs import verb_page
from tenants.leases import selectors, services
from tenants.leases.enums import HELD_STATES, HandoverState
from tenants.leases.handover_forms import CallOffForm, CloseForm, ReturnForm
from tenants.leases.handover_views import act_on_item, picture_of
from tenants.leases.models import ChecklistItem, Handover
from tenants.leases.selectors import handovers

_COLOURS = {HandoverState.OPEN: "info", HandoverState.CLOSED: "success", HandoverState.CANCELLED: "default"}


@admin.register(ChecklistItem)
class ChecklistItemAdmin(ServiceModelAdmin):
    """Plain data: a line put out of use stays, so that old handovers can be understood."""

    write_groups = (StaffGroup.LEASES,)
    list_display = ("title", "title_en", "by", "required", "active", "position")
    list_filter = ("active", "by")
    fields = ("title", "title_en", "by", "required", "position", "active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChecklistItem]:
        return handovers.checklist_for(request.user).order_by("position", "pk")


@admin.register(Handover)
class HandoverAdmin(ReadOnlyAdmin):
    write_groups = (StaffGroup.LEASES,)
    list_display = ("tenant", "space", "last_day", "shown_state", "progress", "opened_at")
    list_display_links = ("tenant",)
    list_filter = ("state",)
    search_fields = ("company__name", "company__name_en", "lease__space__code")
    ordering = ("-state", "lease__period__endswith", "pk")
    actions_list = ("open_one",)
    actions_detail = ("sheet",)
    fields = readonly_fields = (
        "tenant",
        "space",
        "last_day",
        "shown_state",
        "progress",
        "keys_given",
        "keys_returned",
        "restoration",
        "deposit_krw",
        "returned_krw",
        "kept_krw",
        "kept_reason",
        "opened_at",
        "closed_at",
        "closed_by",
        "closing_note",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Handover]:
        return handovers.with_progress(handovers.handovers_for(request.user))

    @display(description=_("company"), ordering="company__name")
    def tenant(self, handover: Handover) -> str:
        # Not named as the model's field, which the list would fetch row by row.
        return handover.lease.company.name

    @display(description=_("space"), ordering="lease__space__code")
    def space(self, handover: Handover) -> str:
        return handover.lease.space.place

    @display(description=_("last day"))
    def last_day(self, handover: Handover) -> str:
        return day(handover.lease.last_day)

    @display(description=_("state"), label=_COLOURS, ordering="state")
    def shown_state(self, handover: Handover) -> tuple[str, str]:
        return handover.state, handover.get_state_display()

    @display(description=_("required items to do"))
    def progress(self, handover: Any) -> str:
        return f"{handover.open_items} / {handover.all_items}"

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def get_urls(self) -> list[Any]:
        picture = path(
            "picture/<int:pk>/", self.admin_site.admin_view(self.picture), name="leases_handover_picture"
        )
        return [picture, *super().get_urls()]

    def picture(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return picture_of(request, pk)

    @action(description=_("Open the checklist"), url_path="sheet", permissions=["view"], icon="checklist")
    def sheet(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The page for the walk through the room: large, in one column, each press saved at once."""
        found = get_object_or_404(
            handovers.with_progress(handovers.handovers_for(request.user)), pk=object_id
        )
        note_access(request, "company", [found.company_id], task="handover")
        form_of: dict[str, Any] = {}
        if request.method == "POST":
            if not self._writes(request):
                raise PermissionDenied
            if request.POST.get("do") in ("tick", "picture"):
                item = act_on_item(request, timezone.now())
                return redirect(f"{request.path}#item-{item}")
            form_of = self._act(request, found)
            if not form_of:
                return redirect(request.path)
        handover: Any = handovers.with_items(
            request.user, handovers.with_progress(handovers.handovers_for(request.user)).filter(pk=found.pk)
        ).get()
        context = {
            "handover": handover,
            "waiting": handover.open_items,
            "manager": self._writes(request),
            "today": timezone.localdate(),
            "return_form": ReturnForm.of(handover),
            "close_form": CloseForm(prefix="close"),
            "off_form": CallOffForm(prefix="off"),
            **form_of,
        }
        return render(request, "tenants/leases/handover_sheet.html", context)

    def _act(self, request: HttpRequest, handover: Handover) -> dict[str, Any]:
        """Do what the form says; the form with its errors when that was refused."""
        form: forms.Form
        service: Callable[..., Any]
        if request.POST.get("do") == "return":
            name, form, service = "return_form", ReturnForm.of(handover, request.POST), services.record_return
            done = _("Saved.")
        elif request.POST.get("do") == "call-off":
            name, form = "off_form", CallOffForm(request.POST, prefix="off")
            service, done = services.call_off_handover, _("The handover is called off.")
        else:
            name, form = "close_form", CloseForm(request.POST, prefix="close")
            service, done = (
                services.close_handover,
                _("The handover is closed. The space is the camp's again."),
            )
        if form.is_valid():
            try:
                service(handover=handover, actor=request.user, now=timezone.now(), **form.cleaned_data)
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
            else:
                messages.success(request, str(done))
                return {}
        return {name: form}

    @action(description=_("Open a handover"), url_path="open", permissions=["verb"], icon="add")
    def open_one(self, request: HttpRequest) -> HttpResponse:
        class OpenForm(forms.Form):
            lease = forms.ModelChoiceField(
                label=_("Lease"),
                queryset=selectors.leases_for(request.user)
                .filter(state__in=HELD_STATES, period__isempty=False)
                .exclude(handovers__state__in=(HandoverState.OPEN, HandoverState.CLOSED))
                .order_by("period__endswith", "pk"),
                widget=UnfoldAdminSelectWidget,
            )

        return verb_page(
            self,
            request,
            form_class=OpenForm,
            title=gettext("Open a handover"),
            explanation=_(
                "Handovers open by themselves 30 days before a lease ends. Here one can be opened earlier."
            ),
            button=_("Open the handover"),
            done=_("The handover is open."),
            perform=lambda values: services.open_handover(**values, actor=request.user, now=timezone.now()),
        )
