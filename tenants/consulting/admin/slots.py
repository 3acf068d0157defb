from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from incubator.common.admin import ServiceModelAdmin
from incubator.common.display import period
from incubator.common.verbs import verb_page
from tenants.consulting import forms as pages
from tenants.consulting import selectors, services
from tenants.consulting.enums import SlotState
from tenants.consulting.models import Slot

from .parts import WRITERS, ReasonForm, TimeFilter


class OpenSlotsForm(pages.OpenSlotsForm, forms.ModelForm):
    """Several slots at once: the adviser, and what the adviser's own form asks."""

    class Meta:
        model = Slot
        fields = ("adviser",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("day", "starts", "ends", "online_url", "seats"):
            self.fields[name].widget = UnfoldAdminTextInputWidget()
        for name in ("minutes", "room"):
            choices = self.fields[name].choices  # type: ignore[attr-defined]
            self.fields[name].widget = UnfoldAdminSelectWidget(choices=choices)

    def _post_clean(self) -> None:
        """The service checks the slots."""


@admin.register(Slot)
class SlotAdmin(ServiceModelAdmin):
    """Times on offer. They are opened and withdrawn, never moved."""

    write_groups = WRITERS
    form = OpenSlotsForm
    list_display = ("shown_period", "adviser", "room", "shown_state")
    list_filter = (TimeFilter, "state", "taken", "room", "adviser__affiliation")
    list_select_related = ("adviser", "room")
    search_fields = ("adviser__name", "room__name")
    ordering = ("-period", "-pk")
    autocomplete_fields = ("adviser",)
    actions_detail = ("withdraw",)
    shown = (
        "shown_period",
        "adviser",
        "room",
        "shown_link",
        "state_in_words",
        "withdrawn_at",
        "withdrawn_by",
        "withdrawn_reason",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Slot]:
        return selectors.slots_for(request.user).select_related("adviser", "room", "link")

    def has_change_permission(self, request: HttpRequest, obj: Slot | None = None) -> bool:
        return False

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def get_form(
        self, request: HttpRequest, obj: Slot | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is not None:
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Slot | None = None) -> Any:
        return (
            self.shown
            if obj
            else ("adviser", "day", "starts", "ends", "minutes", "seats", "room", "online_url")
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Slot | None = None) -> Any:
        return self.shown if obj else ()

    @display(description=_("time"), ordering="period")
    def shown_period(self, slot: Slot) -> str:
        return str(period(slot.period))

    @display(description=_("state"))
    def state_in_words(self, slot: Slot) -> str:
        return str(self.shown_state(slot)[1])

    @display(description=_("online address"))
    def shown_link(self, slot: Slot) -> str:
        return slot.online_url or "–"

    @display(description=_("state"), label={"free": "info", "taken": "success", "withdrawn": "danger"})
    def shown_state(self, slot: Slot) -> tuple[str, Any]:
        if slot.state != SlotState.OPEN:
            return "withdrawn", slot.get_state_display()
        return ("taken", _("Booked")) if slot.taken else ("free", _("On offer"))

    def save_model(self, request: HttpRequest, obj: Slot, form: Any, change: bool) -> None:
        starts, ends = form.span
        values = {name: form.cleaned_data[name] for name in ("adviser", "minutes", "room", "online_url")}
        values["seats"] = form.cleaned_data["seats"] or 1
        slots = services.open_slots(
            starts=starts, ends=ends, actor=request.user, now=timezone.now(), **values
        )
        obj.__dict__.update(slots[0].__dict__)
        done = ngettext("%(count)s time is on offer now.", "%(count)s times are on offer now.", len(slots))
        messages.info(request, done % {"count": len(slots)})

    @action(description=_("Withdraw"), url_path="withdraw", permissions=["verb"], icon="event_busy")
    def withdraw(self, request: HttpRequest, object_id: int) -> HttpResponse:
        slot = get_object_or_404(self.get_queryset(request), pk=object_id)
        explanation = _("Nobody can book this time any more.")
        if slot.taken:
            explanation = _(
                "The session that holds it is cancelled with the same reason; both sides are told by e-mail."
            )
        return verb_page(
            self,
            request,
            obj=slot,
            form_class=ReasonForm,
            title=_("Withdraw %(slot)s") % {"slot": slot},
            explanation=explanation,
            button=_("Withdraw this time"),
            done=_("The time is withdrawn."),
            perform=lambda values: services.withdraw_slot(
                slot=slot, **values, actor=request.user, now=timezone.now()
            ),
        )
