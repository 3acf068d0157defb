"""The founder's consulting: what comes next, what is left of the quarter's hours, and which times are free."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incubator.common.display import day_short
from incubator.common.errors import DomainError
from tenants.companies import selectors as companies

from . import selectors, services
from .enums import BookingState
from .forms import BookForm, ReasonForm, SlotFilter, show_refusal, week_of
from .models import Adviser, Booking, Slot
from .quarters import SEOUL, Quarter
from .selectors import Allowances, Days

WEEK = timedelta(days=7)
WEEKS_SHOWN = 6
RECENT = timedelta(days=92)
PAST_SHOWN = 3
SLOTS_A_PAGE = 100


@dataclass(frozen=True)
class Week:
    """One of the weeks to choose from, with its address."""

    monday: date
    free: int
    taken: int
    url: str
    current: bool

    @property
    def sunday(self) -> date:
        return self.monday + WEEK - timedelta(days=1)

    @property
    def is_full(self) -> bool:
        return not self.free and self.taken > 0


@dataclass(frozen=True)
class Choice:
    """A free time. One that the company has no hours left for is shown, but is no link."""

    slot: Slot
    covered: bool


@dataclass
class Day:
    """A day with its free times, by adviser."""

    day: date
    free: int
    taken: int
    advisers: list[tuple[Adviser, list[Choice]]]


class _CountedPaginator(Paginator):
    """Pages of a list whose length is known already."""

    count: int = 0

    def __init__(self, *args: Any, count: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = count


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SEOUL)


def _monday(moment: datetime) -> date:
    day = moment.astimezone(SEOUL).date()
    return day - timedelta(days=day.weekday())


def _weeks(days: Days, chosen: date, now: datetime, wanted: dict[str, Any]) -> list[Week]:
    """The chosen week among its neighbours, from this week to the last that has slots."""
    first = _monday(now)
    last = days.last or first
    start = max(first, min(chosen - WEEK * 2, last - WEEK * (WEEKS_SHOWN - 1)))
    start -= timedelta(days=start.weekday())
    weeks = []
    for monday in (start + WEEK * n for n in range(WEEKS_SHOWN)):
        free, taken = days.of(monday, monday + WEEK - timedelta(days=1))
        if monday <= last or monday == chosen:
            url = "?" + urlencode({**wanted, "week": monday.isoformat()})
            weeks.append(Week(monday, free, taken, url, monday == chosen))
    return weeks


def _by_day(slots: Iterable[Slot], days: Days, allowances: Allowances) -> list[Day]:
    found: dict[date, dict[int, tuple[Adviser, list[Choice]]]] = {}
    for slot in slots:
        advisers = found.setdefault(slot.starts.astimezone(SEOUL).date(), {})
        covered = allowances.of(Quarter.of(slot.starts)).covers(slot.minutes)
        advisers.setdefault(slot.adviser_id, (slot.adviser, []))[1].append(Choice(slot, covered))
    return [
        Day(day, days.free.get(day, 0), days.taken.get(day, 0), list(advisers.values()))
        for day, advisers in found.items()
    ]


@require_safe
def home(request: Any) -> HttpResponse:
    """Parameters: field, adviser, language (filters), week (any day in it), page."""
    now = timezone.now()
    advisers = selectors.advisers_for(request.user).only("id", "name")
    form = SlotFilter(request.GET, advisers=advisers)
    slots = selectors.slots_for(request.user).filter(**form.lookups)
    days = selectors.days_of(slots, now=now)
    chosen = week_of(request.GET.get("week", "")) or _monday(
        _midnight(days.first_free) if days.first_free else now
    )
    chosen = min(max(chosen, _monday(now)), _monday(now) + WEEK * 520)
    free, taken = days.of(chosen, chosen + WEEK - timedelta(days=1))
    week = (
        slots.bookable(now)
        .in_full()
        .filter(period__startswith__gte=_midnight(chosen), period__startswith__lt=_midnight(chosen + WEEK))
        .order_by("period", "adviser__name", "pk")
    )
    page = _CountedPaginator(week, SLOTS_A_PAGE, count=free).get_page(request.GET.get("page"))
    own = list(_own(request, now))
    coming = [booking for booking in own if _is_coming(booking, now)]
    past = [booking for booking in reversed(own) if not _is_coming(booking, now)]
    allowances = selectors.allowances_in(own)
    context = {
        "now": now,
        "coming": coming,
        "next": coming[0] if coming else None,
        "past": past[:PAST_SHOWN],
        "form": form,
        "filtered": bool(form.wanted),
        "weeks": _weeks(days, chosen, now, form.wanted),
        "chosen": chosen,
        "free": free,
        "taken": taken,
        "full_days": [day_short(day) for day in days.full(chosen, chosen + WEEK - timedelta(days=1))],
        "first_free": days.first_free,
        "page": page,
        "days": _by_day(page, days, allowances),
        "allowance": allowances.of(Quarter.of(now)),
        "week_allowance": allowances.of(Quarter.of(chosen)),
        "next_quarter": Quarter.of(_midnight(chosen)).next.begins,
    }
    return render(request, "tenants/consulting/home.html", context)


def _own(request: Any, now: datetime) -> Any:
    """The company's sessions of this quarter and every later one, and the recent ones before it; the first of them first."""
    since = Quarter.of(now).begins - RECENT
    return (
        selectors.bookings_for(request.user)
        .in_full()
        .filter(period__startswith__gte=since)
        .order_by("period", "pk")
    )


def _is_coming(booking: Booking, now: datetime) -> bool:
    return booking.state == BookingState.BOOKED and booking.ends > now


@require_safe
def sessions(request: Any) -> HttpResponse:
    """All sessions of the company, with the advice they brought."""
    bookings = selectors.bookings_for(request.user).in_full().order_by("-period", "-pk")
    page = Paginator(bookings, 50).get_page(request.GET.get("page"))
    return render(request, "tenants/consulting/sessions.html", {"page": page, "now": timezone.now()})


@require_http_methods(["GET", "POST"])
def book(request: Any, pk: int) -> HttpResponse:
    now = timezone.now()
    slot = get_object_or_404(selectors.slots_for(request.user).in_full(), pk=pk)
    members = companies.members_for(request.user).filter(company_id=request.acting.scope_id)
    form = BookForm(
        request.POST or None,
        members=members.order_by("user__name", "pk"),
        initial={"attendee": request.user.pk},
    )
    if request.method == "POST" and form.is_valid():
        try:
            booking = services.book_slot(
                slot=slot,
                company=get_object_or_404(companies.companies_for(request.user), pk=request.acting.scope_id),
                attendee=form.cleaned_data["attendee"],
                topic=form.cleaned_data["topic"],
                actor=request.user,
                now=now,
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("The session is booked. The adviser is told by e-mail."))
            return redirect("consulting:booking", booking.pk)
    allowance = selectors.allowance_of(request.acting.scope_id, at=slot.starts)
    context = {
        "slot": slot,
        "form": form,
        "allowance": allowance,
        "left_after": allowance.left - slot.minutes,
        "is_free": slot.state == "open" and not slot.taken and slot.starts > now,
        "is_past": slot.starts <= now,
    }
    status = 422 if form.errors and not request.htmx else 200
    return render(request, "tenants/consulting/book.html", context, status=status)


def _booking(request: Any, pk: int) -> Booking:
    return get_object_or_404(selectors.bookings_for(request.user).in_full(), pk=pk)


def _booking_page(request: Any, found: Booking, form: ReasonForm) -> HttpResponse:
    context = {
        "booking": found,
        "form": form,
        "can_cancel": found.state == BookingState.BOOKED and found.starts > timezone.now(),
    }
    status = 422 if form.errors and not request.htmx else 200
    return render(request, "tenants/consulting/booking.html", context, status=status)


@require_safe
def booking(request: Any, pk: int) -> HttpResponse:
    return _booking_page(request, _booking(request, pk), ReasonForm())


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
    return _booking_page(request, found, form)
