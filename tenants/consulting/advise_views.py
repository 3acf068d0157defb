"""The adviser's pages: sessions to come, times on offer, and what follows a session."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incubator.audit.services import note_access
from incubator.common.errors import DomainError

from . import rules, selectors, services
from .booking_views import answer, move_page, open_proposal
from .enums import BookingState, Side, SlotState
from .forms import (
    AttendanceForm,
    OpenSlotsForm,
    ProposeForm,
    ReasonForm,
    show_refusal,
)
from .models import Booking, Slot
from .policy import CALENDAR_IS_STALE
from .step_views import shown_steps

PAGE = 50
SHOWN = 200
STEPS_SHOWN = 10


def _bookings(request: Any) -> Any:
    return selectors.bookings_for(request.user).in_full().with_company()


@require_safe
def home(request: Any) -> HttpResponse:
    """Sessions to come, times on offer, and sessions whose attendance or report is still open. Parameter: page (of the times)."""
    now = timezone.now()
    owed = Q(state__in=[BookingState.REQUESTED, BookingState.BOOKED]) | Q(
        state=BookingState.HELD, report=None
    )
    latest = list(_bookings(request).filter(owed).order_by("-period", "-pk")[:SHOWN])
    asked = [each for each in reversed(latest) if each.state == BookingState.REQUESTED]
    booked = [each for each in reversed(latest) if each.state != BookingState.REQUESTED]
    coming = [booking for booking in booked if booking.ends > now]
    waiting = [booking for booking in booked if booking.ends <= now]
    today = timezone.localdate(now)
    offered = selectors.slots_for(request.user).bookable(now).in_full().order_by("period", "pk")
    page = Paginator(offered, PAGE).get_page(request.GET.get("page"))
    calendar = selectors.calendars_for(request.user).first()
    note_access(request, "company", (booking.company_id for booking in latest), task="consulting sessions")
    context = {
        "now": now,
        "asked": asked,
        "coming": coming,
        "today": [each for each in coming if timezone.localdate(each.starts) == today],
        "next": coming[0] if coming else None,
        "waiting": [(each, (today - timezone.localdate(each.ends)).days) for each in waiting],
        "steps": shown_steps(request, list(_own_steps(request))),
        "rating": selectors.own_rating(),
        "page": page,
        "calendar": calendar,
        "is_stale": calendar is not None
        and (calendar.read_at or calendar.created_at) < now - CALENDAR_IS_STALE,
    }
    return render(request, "tenants/consulting/advise/home.html", context)


def _own_steps(request: Any) -> Any:
    """What the adviser has promised, the most pressing first."""
    steps = selectors.steps_for(request.user).open().filter(owner=Side.ADVISER)
    return steps.filter(adviser_id=request.acting.adviser_id).in_full().with_company()[:STEPS_SHOWN]


@require_http_methods(["GET", "POST"])
def open_slots(request: Any) -> HttpResponse:
    adviser = get_object_or_404(
        selectors.advisers_for(request.user).only("id", "name"), pk=request.acting.adviser_id
    )
    form = OpenSlotsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        starts, ends = form.span
        try:
            slots = services.open_slots(
                adviser=adviser,
                starts=starts,
                ends=ends,
                minutes=form.cleaned_data["minutes"],
                room=form.cleaned_data["room"],
                online_url=form.cleaned_data["online_url"],
                seats=form.cleaned_data["seats"] or 1,
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            done = ngettext(
                "%(count)s time is on offer now.", "%(count)s times are on offer now.", len(slots)
            )
            messages.success(request, done % {"count": len(slots)})
            return redirect("advise:home")
    return _answer(request, "open.html", {"form": form}, form)


def _answer(request: Any, template: str, context: dict[str, Any], *forms: Any) -> HttpResponse:
    failed = any(form.errors for form in forms)
    status = 422 if failed and not request.htmx else 200
    return render(request, f"tenants/consulting/advise/{template}", context, status=status)


@require_http_methods(["GET", "POST"])
def slot(request: Any, pk: int) -> HttpResponse:
    """One time on offer, and taking it back."""
    found: Slot = get_object_or_404(selectors.slots_for(request.user).in_full().select_related("link"), pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ended = services.withdraw_slot(
                slot=found, reason=form.cleaned_data["reason"], actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            text = _("The time is withdrawn.")
            if ended:
                text = _("The time is withdrawn and its session cancelled. The company is told by e-mail.")
            messages.success(request, text)
            return redirect("advise:home")
    can_withdraw = found.state == SlotState.OPEN and found.starts > timezone.now()
    return _answer(request, "slot.html", {"slot": found, "form": form, "can_withdraw": can_withdraw}, form)


def _booking(request: Any, pk: int) -> Booking:
    found: Booking = get_object_or_404(_bookings(request), pk=pk)
    note_access(request, "company", [found.company_id], task="consulting session")
    return found


def _booking_page(request: Any, found: Booking, now: datetime, **forms: Any) -> HttpResponse:
    """The page of a booking; a form that was refused is passed in, the others are made from what is stored."""
    kept = getattr(found, "attendance", None)
    answers = {
        (True, True): "both",
        (True, False): "adviser",
        (False, True): "company",
        (False, False): "nobody",
    }
    came = {"came": answers[kept.adviser_came, kept.company_came]} if kept else None
    attendance_form = forms.get("attendance") or AttendanceForm(initial=came)
    reason_form = forms.get("reason") or ReasonForm()
    earlier = (
        selectors.reports_for(request.user)
        .filter(company_id=found.company_id)
        .whole()
        .order_by("-session_on", "-booking_id")[:11]
    )
    reports = list(earlier)
    written = next((each for each in reports if each.pk == found.pk), None)
    steps = list(written.steps.all()) if written else []
    ahead = found.state in (BookingState.BOOKED, BookingState.REQUESTED) and found.starts > now
    proposal = open_proposal(request, found) if ahead else None
    context = {
        "booking": found,
        "attendees": selectors.attendees_of(found),
        "files": list(selectors.files_for(request.user).filter(booking=found).order_by("pk")),
        "begun": found.starts <= now,
        "live": found.state not in (BookingState.CANCELLED, BookingState.REQUESTED),
        "is_asked": found.state == BookingState.REQUESTED and ahead,
        "can_cancel": found.state == BookingState.BOOKED and found.starts > now,
        "can_move": ahead and not found.slot.is_group,
        "proposal": proposal,
        "may_answer": proposal is not None and proposal.side != Side.ADVISER,
        "propose_form": forms.get("propose") or ProposeForm(prefix="propose"),
        "decline_form": forms.get("decline") or ReasonForm(prefix="decline"),
        "can_report": found.starts <= now and found.state in (BookingState.BOOKED, BookingState.HELD),
        "attendance_form": attendance_form,
        "written": written,
        "steps": shown_steps(request, steps),
        "note": selectors.office_notes_for(request.user).filter(report=written).first() if written else None,
        "agreed": found.state in rules.AGREED,
        "place": "advise",
        "form": reason_form,
        "earlier": [
            (each, shown_steps(request, list(each.steps.all()))) for each in reports if each is not written
        ][:10],
    }
    return _answer(request, "booking.html", context, *forms.values())


@require_safe
def booking(request: Any, pk: int) -> HttpResponse:
    return _booking_page(request, _booking(request, pk), timezone.now())


@require_POST
def attendance(request: Any, pk: int) -> HttpResponse:
    found, now = _booking(request, pk), timezone.now()
    form = AttendanceForm(request.POST)
    if form.is_valid():
        try:
            services.record_attendance(
                booking=found,
                adviser_came=form.adviser_came,
                company_came=form.company_came,
                actor=request.user,
                now=now,
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("It is recorded who came."))
            return redirect("advise:booking", found.pk)
    return _booking_page(request, found, now, attendance=form)


@require_POST
def cancel(request: Any, pk: int) -> HttpResponse:
    found, now = _booking(request, pk), timezone.now()
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            services.cancel_booking(
                booking=found, reason=form.cleaned_data["reason"], actor=request.user, now=now
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("The session is cancelled. The company is told by e-mail."))
            return redirect("advise:home")
    return _booking_page(request, found, now, reason=form)


@require_POST
def approve(request: Any, pk: int) -> HttpResponse:
    found = _booking(request, pk)
    try:
        services.approve_request(booking=found, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The session is booked. The company is told by e-mail."))
    return redirect("advise:booking", found.pk)


@require_POST
def decline(request: Any, pk: int) -> HttpResponse:
    found, now = _booking(request, pk), timezone.now()
    form = ReasonForm(request.POST, prefix="decline")
    if form.is_valid():
        try:
            services.decline_request(
                booking=found, reason=form.cleaned_data["reason"], actor=request.user, now=now
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("The request is declined. The company is told by e-mail."))
            return redirect("advise:home")
    return _booking_page(request, found, now, decline=form)


@require_http_methods(["GET", "POST"])
def move(request: Any, pk: int) -> HttpResponse:
    """Move a session to another of the adviser's own free times."""
    found = _booking(request, pk)
    return move_page(request, found, back="advise:booking", other=found.company.name)


@require_POST
def propose(request: Any, pk: int) -> HttpResponse:
    found, now = _booking(request, pk), timezone.now()
    form = ProposeForm(request.POST, prefix="propose")
    if form.is_valid():
        try:
            services.propose_time(
                booking=found,
                starts=form.moment,
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=now,
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(
                request, _("The time is proposed. The session stays as it is until the other side answers.")
            )
            return redirect("advise:booking", found.pk)
    return _booking_page(request, found, now, propose=form)


@require_POST
def answer_proposal(request: Any, pk: int) -> HttpResponse:
    return answer(request, pk, page="advise:booking")
