from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from incubator.audit.services import note_access
from incubator.common.admin import ServiceModelAdmin
from incubator.common.display import period
from incubator.common.verbs import verb_page
from tenants.companies import selectors as companies
from tenants.consulting import forms as pages
from tenants.consulting import rules, selectors, services
from tenants.consulting.enums import Side
from tenants.consulting.errors import HoursChanged
from tenants.consulting.models import TEXT_LIMIT, Booking, Slot
from tenants.consulting.times import Time, time_for, times_for

from .parts import WRITERS, ReasonForm, TimeFilter
from .reports import LateReportFilter, rating_of

TIMES_SHOWN = 500
_BOOKING_COLOURS = {
    "requested": "warning",
    "booked": "info",
    "held": "success",
    "missed": "warning",
    "cancelled": "danger",
}


def _in_words(time: Time) -> str:
    return f"{period(time.period)} · {time.adviser.name} ({', '.join(time.adviser.field_labels)})"


class MemberChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.company.name} · {obj.user.name}"


class OnBehalfForm(forms.ModelForm):
    slot = forms.ChoiceField(label=_("Free time"), widget=UnfoldAdminSelect2Widget)
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
    list_filter = (TimeFilter, LateReportFilter, "state", "cancelled_side", "adviser__affiliation")
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
        "shown_rating",
        "booked_by",
        "booked_at",
        "cancelled_by",
        "cancelled_at",
        "cancelled_side",
        "cancel_reason",
        "ended_as",
        "late",
        "moved_from",
        "move_reason",
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
        if obj is None:
            return ("slot", "attendee", "topic")
        judges = rules.may_read_ratings(request.user)
        return [name for name in self.shown if judges or name != "shown_rating"]

    def get_readonly_fields(self, request: HttpRequest, obj: Booking | None = None) -> Any:
        return self.shown if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Booking | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None:
            times = times_for(request.user, now=timezone.now()).found[:TIMES_SHOWN]
            form.base_fields["slot"].choices = [(time.key, _in_words(time)) for time in times]  # type: ignore[attr-defined]
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

    @display(description=_("rating by the company"))
    def shown_rating(self, booking: Booking) -> str:
        return rating_of(getattr(booking, "rating", None))

    def save_model(self, request: HttpRequest, obj: Booking, form: Any, change: bool) -> None:
        member = form.cleaned_data["attendee"]
        key = form.cleaned_data["slot"]
        slot: Slot | Time | None = time_for(request.user, key, now=timezone.now())
        if slot is None:
            slot = selectors.slots_for(request.user).filter(pk=key if key.isdigit() else 0).first()
        if slot is None:
            raise HoursChanged
        booking = services.book_slot(
            slot=slot,
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
