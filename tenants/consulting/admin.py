"""The managers' consulting: advisers, the times they offer, and what became of every booking."""

from collections.abc import Mapping
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
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from incubator.accounts import services as invitations
from incubator.accounts.admin import mail_soon
from incubator.accounts.enums import Kind, StaffGroup
from incubator.accounts.models import Invitation
from incubator.audit.services import note_access
from incubator.common.admin import ServiceModelAdmin, service_action
from incubator.common.display import period
from incubator.common.sheets.admin import SheetUploadMixin
from incubator.common.verbs import verb_page
from tenants.companies import selectors as companies

from . import forms as pages
from . import selectors, services
from .enums import AdviceField, Language, Side, SlotState
from .loaders import AdviserLoader
from .models import REASON_LIMIT, TEXT_LIMIT, Adviser, Booking, MeetingRoom, Slot

WRITERS = (StaffGroup.CONSULTING,)
_BOOKING_COLOURS = {"booked": "info", "held": "success", "missed": "warning", "cancelled": "danger"}


class AdviserForm(forms.ModelForm):
    fields = forms.MultipleChoiceField(  # type: ignore[assignment]
        label=_("Advises on"), choices=AdviceField.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=Language.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = Adviser
        fields = ("name", "email", "affiliation", "firm", "fields", "languages", "weekly_hours", "active")

    def _post_clean(self) -> None:
        """The service checks the adviser."""


class CodeFilter(admin.SimpleListFilter):
    """Advisers that have a code in one of their lists."""

    array = ""
    codes: Any = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(self.codes)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(**{f"{self.array}__contains": [self.value()]}) if self.value() else queryset


class FieldFilter(CodeFilter):
    title = _("advises on")
    parameter_name = "field"
    array = "fields"
    codes = AdviceField.choices


class LanguageFilter(CodeFilter):
    title = _("languages")
    parameter_name = "language"
    array = "languages"
    codes = Language.choices


class TimeFilter(admin.SimpleListFilter):
    title = _("time")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("coming", _("to come")), ("past", _("past"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        now = timezone.now()
        if self.value() == "coming":
            return queryset.filter(period__endswith__gt=now)
        return queryset.filter(period__endswith__lte=now) if self.value() == "past" else queryset


@admin.register(Adviser)
class AdviserAdmin(SheetUploadMixin, ServiceModelAdmin):
    write_groups = WRITERS
    loader_class = AdviserLoader
    form = AdviserForm
    list_display = (
        "name",
        "email",
        "affiliation",
        "shown_fields",
        "shown_languages",
        "weekly_hours",
        "signed_up",
        "active",
    )
    list_filter = ("active", "affiliation", FieldFilter, LanguageFilter)
    search_fields = ("name", "email")
    actions = ("invite",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Adviser]:
        return selectors.advisers_for(request.user).order_by("name", "pk")

    @display(description=_("advises on"))
    def shown_fields(self, adviser: Adviser) -> str:
        return ", ".join(adviser.field_labels)

    @display(description=_("languages"))
    def shown_languages(self, adviser: Adviser) -> str:
        return ", ".join(adviser.language_labels)

    @display(description=_("has an account"), boolean=True)
    def signed_up(self, adviser: Adviser) -> bool:
        return adviser.user_id is not None

    def save_model(self, request: HttpRequest, obj: Adviser, form: Any, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in AdviserForm.Meta.fields}
        if change:
            services.update_adviser(adviser=obj, actor=request.user, **values)
        else:
            obj.__dict__.update(services.register_adviser(actor=request.user, **values).__dict__)

    @action(description=_("Invite to sign in as adviser"))
    @service_action
    def invite(self, request: HttpRequest, queryset: QuerySet[Adviser]) -> None:
        made = [
            invitations.prepare_invitation(
                email=adviser.email,
                name=adviser.name,
                kind=Kind.ADVISER,
                scope_id=adviser.pk,
                actor=request.user,
                now=timezone.now(),
            )
            for adviser in queryset.filter(user=None, active=True)
        ]
        if not made:
            messages.warning(request, _("All of them have an account already, or cannot be booked."))
            return
        mail_soon(request, Invitation.objects.filter(pk__in=[invitation.pk for invitation in made]))


@admin.register(MeetingRoom)
class MeetingRoomAdmin(ServiceModelAdmin):
    write_groups = WRITERS
    list_display = ("name", "place", "active")
    list_filter = ("active",)
    search_fields = ("name", "place")
    fields = ("name", "place", "active")


class OpenSlotsForm(pages.OpenSlotsForm, forms.ModelForm):
    """Several slots at once: the adviser, and what the adviser's own form asks."""

    class Meta:
        model = Slot
        fields = ("adviser",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("day", "starts", "ends", "online_url"):
            self.fields[name].widget = UnfoldAdminTextInputWidget()
        for name in ("minutes", "room"):
            choices = self.fields[name].choices  # type: ignore[attr-defined]
            self.fields[name].widget = UnfoldAdminSelectWidget(choices=choices)

    def _post_clean(self) -> None:
        """The service checks the slots."""


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The other side reads it in the e-mail about this."),
        max_length=REASON_LIMIT,
        widget=UnfoldAdminTextInputWidget,
    )


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
        return self.shown if obj else ("adviser", "day", "starts", "ends", "minutes", "room", "online_url")

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
        if slot.state == SlotState.WITHDRAWN:
            return "withdrawn", slot.get_state_display()
        return ("taken", _("Booked")) if slot.taken else ("free", _("On offer"))

    def save_model(self, request: HttpRequest, obj: Slot, form: Any, change: bool) -> None:
        starts, ends = form.span
        values = {name: form.cleaned_data[name] for name in ("adviser", "minutes", "room", "online_url")}
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


class SlotChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{period(obj.period)} · {obj.adviser.name} ({', '.join(obj.adviser.field_labels)})"


class MemberChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.company.name} · {obj.user.name}"


class OnBehalfForm(forms.ModelForm):
    slot = SlotChoice(label=_("Free time"), queryset=Slot.objects.none(), widget=UnfoldAdminSelect2Widget)
    attendee = MemberChoice(
        label=_("Company and attendee"), queryset=Booking.objects.none(), widget=UnfoldAdminSelect2Widget
    )
    topic = forms.CharField(label=_("Topic"), max_length=TEXT_LIMIT, widget=UnfoldAdminTextareaWidget)

    class Meta:
        model = Booking
        fields = ("slot", "attendee", "topic")

    def _post_clean(self) -> None:
        """The service checks the booking."""


class CancelForm(ReasonForm):
    side = forms.ChoiceField(
        label=_("Cancelled from the side of"),
        choices=Side.choices,
        initial=Side.OFFICE,
        widget=UnfoldAdminSelectWidget,
    )


class AttendanceForm(pages.AttendanceForm):
    came = forms.ChoiceField(
        label=_("Who came?"), choices=pages.AttendanceForm.ANSWERS, widget=UnfoldAdminRadioSelectWidget
    )


@admin.register(Booking)
class BookingAdmin(ServiceModelAdmin):
    """Sessions of all companies. Managers book for a company, cancel with a reason, and record who came."""

    write_groups = WRITERS
    form = OnBehalfForm
    list_display = ("shown_period", "company", "adviser", "attendee", "shown_state", "shown_attendance")
    list_filter = (TimeFilter, "state", "cancelled_side", "adviser__affiliation")
    list_select_related = ("company", "adviser", "attendee", "attendance")
    search_fields = ("company__name", "adviser__name", "attendee__name")
    actions_detail = ("record", "cancel")
    shown = (
        "shown_period",
        "company",
        "attendee",
        "adviser",
        "slot",
        "topic",
        "state",
        "shown_attendance",
        "shown_report",
        "booked_by",
        "booked_at",
        "cancelled_by",
        "cancelled_at",
        "cancelled_side",
        "cancel_reason",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Booking]:
        return (
            selectors.bookings_for(request.user)
            .select_related("company", "adviser", "attendee", "attendance", "report", "slot__adviser")
            .order_by("-period", "-pk")
        )

    def has_change_permission(self, request: HttpRequest, obj: Booking | None = None) -> bool:
        return False

    def has_verb_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._writes(request)

    def get_fields(self, request: HttpRequest, obj: Booking | None = None) -> Any:
        return self.shown if obj else ("slot", "attendee", "topic")

    def get_readonly_fields(self, request: HttpRequest, obj: Booking | None = None) -> Any:
        return self.shown if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Booking | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None:
            free = selectors.slots_for(request.user).bookable(timezone.now())
            form.base_fields["slot"].queryset = free.select_related("adviser").order_by("period", "pk")  # type: ignore[attr-defined]
            members = companies.members_for(request.user).select_related("company", "user")
            form.base_fields["attendee"].queryset = members.order_by("company__name", "level", "pk")  # type: ignore[attr-defined]
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        if object_id and request.method == "GET":
            booking = self.get_object(request, object_id)
            note_access(
                request, "company", [booking.company_id] if booking else [], task="booking in the admin"
            )
        return super().changeform_view(request, object_id, form_url, extra_context)

    @display(description=_("time"), ordering="period")
    def shown_period(self, booking: Booking) -> str:
        return str(period(booking.period))

    @display(description=_("state"), label=_BOOKING_COLOURS, ordering="state")
    def shown_state(self, booking: Booking) -> tuple[str, str]:
        return booking.state, booking.get_state_display()

    @display(description=_("attendance"))
    def shown_attendance(self, booking: Booking) -> str:
        return str(getattr(booking, "attendance", "–"))

    @display(description=_("report"))
    def shown_report(self, booking: Booking) -> str:
        report = getattr(booking, "report", None)
        return report.advice if report else "–"

    def save_model(self, request: HttpRequest, obj: Booking, form: Any, change: bool) -> None:
        member = form.cleaned_data["attendee"]
        booking = services.book_slot(
            slot=form.cleaned_data["slot"],
            company=member.company,
            attendee=member.user,
            topic=form.cleaned_data["topic"],
            actor=request.user,
            now=timezone.now(),
        )
        obj.__dict__.update(booking.__dict__)

    @action(description=_("Record who came"), url_path="attendance", permissions=["verb"], icon="how_to_reg")
    def record(self, request: HttpRequest, object_id: int) -> HttpResponse:
        booking = get_object_or_404(self.get_queryset(request), pk=object_id)

        def perform(values: Mapping[str, Any]) -> None:
            services.record_attendance(
                booking=booking,
                adviser_came=values["came"] in ("both", "adviser"),
                company_came=values["came"] in ("both", "company"),
                actor=request.user,
                now=timezone.now(),
            )

        return verb_page(
            self,
            request,
            obj=booking,
            form_class=AttendanceForm,
            title=_("Who came to %(booking)s?") % {"booking": booking},
            explanation=_("If the adviser did not come, the hours are the company's again."),
            button=_("Record who came"),
            done=_("It is recorded who came."),
            perform=perform,
        )

    @action(description=_("Cancel"), url_path="cancel", permissions=["verb"], icon="event_busy")
    def cancel(self, request: HttpRequest, object_id: int) -> HttpResponse:
        booking = get_object_or_404(self.get_queryset(request), pk=object_id)

        def perform(values: Mapping[str, Any]) -> None:
            services.cancel_booking(
                booking=booking,
                reason=values["reason"],
                side=Side(values["side"]),
                actor=request.user,
                now=timezone.now(),
            )

        return verb_page(
            self,
            request,
            obj=booking,
            form_class=CancelForm,
            title=_("Cancel %(booking)s") % {"booking": booking},
            explanation=_(
                "The time can be booked again at once, the hours are the company's again, and both sides are told by e-mail."
            ),
            button=_("Cancel the session"),
            done=_("The session is cancelled; both sides are told by e-mail."),
            perform=perform,
        )
