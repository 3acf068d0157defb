"""A founder's session: its page, cancelling it, and another time for it."""

from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incubator.common.errors import DomainError
from incubator.common.uploads import stored_response

from . import selectors, services
from .enums import BookingState, ProposalState, Side
from .forms import MoveForm, ProposeForm, ReasonForm, show_refusal
from .models import WITH_REPORT, Booking, Proposal, Slot
from .policy import RATING_OPEN
from .report_forms import NotesForm, RatingForm
from .step_views import shown_steps
from .times import Time, Wanted, times_for

COMING = (BookingState.BOOKED, BookingState.REQUESTED)
TIMES_SHOWN = 60


def _booking(request: Any, pk: int) -> Booking:
    bookings = selectors.bookings_for(request.user).in_full().select_related("rating")
    return get_object_or_404(bookings, pk=pk)


def open_proposal(request: Any, booking: Booking) -> Proposal | None:
    """The proposal that waits for an answer, seen through the reader's wall."""
    found = selectors.proposals_for(request.user).filter(booking=booking, state=ProposalState.OPEN)
    return found.filter(expires_at__gt=timezone.now()).first()


def moving_times(request: Any, booking: Booking) -> list[Time]:
    """The adviser's free times of the same length that a session can be moved to."""
    times = times_for(request.user, now=timezone.now(), wanted=Wanted(adviser=booking.adviser_id))
    fitting = [time for time in times.found if time.minutes == booking.minutes and time.seats == 1]
    return fitting[:TIMES_SHOWN]


def chosen_time(request: Any, form: MoveForm) -> Slot | Time:
    """What the form's answer stands for, as `reschedule_booking` takes it."""
    time = form.times[form.cleaned_data["time"]]
    if time.slot_id is None:
        return time
    return get_object_or_404(selectors.slots_for(request.user).in_full(), pk=time.slot_id)


def _page(request: Any, found: Booking, **forms: Any) -> HttpResponse:
    ahead = found.state in COMING and found.starts > timezone.now()
    proposal = open_proposal(request, found) if ahead else None
    after = {} if ahead else _after(request, found, forms)
    context = {
        "booking": found,
        "attendees": selectors.attendees_of(found),
        "files": list(selectors.files_for(request.user).filter(booking=found).order_by("pk")),
        "form": forms.get("form") or ReasonForm(),
        "propose_form": forms.get("propose") or ProposeForm(prefix="propose"),
        "proposal": proposal,
        "may_answer": proposal is not None and proposal.side != Side.COMPANY,
        "can_cancel": ahead,
        "can_move": ahead and not found.slot.is_group,
        "place": "consulting",
        **after,
    }
    failed = any(form.errors for form in forms.values())
    status = 422 if failed and not request.htmx else 200
    return render(request, "tenants/consulting/booking.html", context, status=status)


def _after(request: Any, found: Booking, forms: dict[str, Any]) -> dict[str, Any]:
    """What a founder's page of a session says once it is over: the report, and what the company makes of it."""
    report = getattr(found, "report", None)
    if report:
        prefetch_related_objects([report], *WITH_REPORT)
    rating = getattr(found, "rating", None)
    own = selectors.company_notes_for(request.user).filter(booking=found).first()
    took_place = found.state in (BookingState.BOOKED, BookingState.HELD)
    correctable = rating is None or timezone.now() <= rating.rated_at + RATING_OPEN
    told = {"stars": rating.stars, "words": rating.words} if rating else None
    return {
        "report": report,
        "steps": shown_steps(request, list(report.steps.all()) if report else []),
        "rating": rating,
        "may_rate": took_place and correctable,
        "correctable_until": rating.rated_at + RATING_OPEN if rating else None,
        "rating_form": forms.get("rating") or RatingForm(initial=told, prefix="rating"),
        "notes_form": forms.get("notes")
        or NotesForm(initial={"text": own.text if own else ""}, prefix="notes"),
        "over": True,
        "took_place": took_place,
    }


@require_safe
def booking(request: Any, pk: int) -> HttpResponse:
    return _page(request, _booking(request, pk))


@require_POST
def cancel(request: Any, pk: int) -> HttpResponse:
    found = _booking(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            services.cancel_booking(
                booking=found, reason=form.cleaned_data["reason"], actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("The session is cancelled. The adviser is told by e-mail."))
            return redirect("consulting:home")
    return _page(request, found, form=form)


@require_POST
def rate(request: Any, pk: int) -> HttpResponse:
    found = _booking(request, pk)
    form = RatingForm(request.POST, prefix="rating")
    if form.is_valid():
        try:
            services.rate_session(booking=found, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Thank you. Managers read it; the adviser sees means only."))
            return redirect("consulting:booking", found.pk)
    return _page(request, found, rating=form)


@require_POST
def notes(request: Any, pk: int) -> HttpResponse:
    found = _booking(request, pk)
    form = NotesForm(request.POST, prefix="notes")
    if form.is_valid():
        services.keep_notes(
            booking=found, text=form.cleaned_data["text"], actor=request.user, now=timezone.now()
        )
        messages.success(request, _("Your notes are kept."))
        return redirect("consulting:booking", found.pk)
    return _page(request, found, notes=form)


@require_http_methods(["GET", "POST"])
def move(request: Any, pk: int) -> HttpResponse:
    """Another free time of the same adviser."""
    found = _booking(request, pk)
    return move_page(request, found, back="consulting:booking", other=found.adviser.name)


def move_page(request: Any, booking: Booking, *, back: str, other: str) -> HttpResponse:
    """Move a session to another of the adviser's free times; from either side, whose page of a booking is `back` and for
    whom `other` is the other side's name."""
    form = MoveForm(request.POST or None, times=moving_times(request, booking))
    if request.method == "POST" and form.is_valid():
        try:
            moved = services.reschedule_booking(
                booking=booking,
                slot=chosen_time(request, form),
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("The session is at its new time. Everyone is told by e-mail."))
            return redirect(back, moved.pk)
    context = {"booking": booking, "form": form, "back": back, "other": other}
    status = 422 if form.errors and not request.htmx else 200
    return render(request, "tenants/consulting/move.html", context, status=status)


@require_POST
def propose(request: Any, pk: int) -> HttpResponse:
    found = _booking(request, pk)
    form = ProposeForm(request.POST, prefix="propose")
    if form.is_valid():
        try:
            services.propose_time(
                booking=found,
                starts=form.moment,
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(
                request, _("The time is proposed. The session stays as it is until the other side answers.")
            )
            return redirect("consulting:booking", found.pk)
    return _page(request, found, propose=form)


def answer(request: Any, pk: int, *, page: str) -> HttpResponse:
    """Accept or decline a proposed time, from either side; `page` is that side's page of a session."""
    proposal = get_object_or_404(selectors.proposals_for(request.user).select_related("booking__slot"), pk=pk)
    accept = request.POST.get("answer") == "accept"
    try:
        booking = services.answer_proposal(
            proposal=proposal, accept=accept, actor=request.user, now=timezone.now()
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(page, proposal.booking_id)
    messages.success(
        request, _("The session is at its new time.") if accept else _("The session stays at its time.")
    )
    return redirect(page, booking.pk)


@require_POST
def answer_proposal(request: Any, pk: int) -> HttpResponse:
    return answer(request, pk, page="consulting:booking")


@require_safe
def file(request: Any, pk: int) -> HttpResponseBase:
    """A file of a session that the reader may see, on either side."""
    found = get_object_or_404(selectors.files_for(request.user), pk=pk)
    return stored_response(found.file, name=found.name, content_type=found.content_type)
