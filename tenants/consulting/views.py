"""The founder's consulting: what comes next, what is left of the quarter's hours, and which times are free."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from incubator.common.display import day_short
from incubator.common.errors import DomainError
from tenants.companies import selectors as companies

from . import policy, selectors, services
from .availability import minute_of
from .enums import AdviceField, BookingState, Language
from .forms import BookForm, SlotFilter, show_refusal, week_of
from .models import Adviser, Booking, Slot
from .quarters import SEOUL, Quarter
from .selectors import Allowances
from .times import (
    Time,
    Times,
    Wanted,
    bookable_advisers_for,
    key_parts,
    rooms_of,
    times_for,
)

WEEK = timedelta(days=7)
WEEKS_SHOWN = 6
RECENT = timedelta(days=92)
PAST_SHOWN = 3
SLOTS_A_PAGE = 100
OTHERS_SHOWN = 6


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

    slot: Time
    covered: bool

    @property
    def url(self) -> str:
        return address_of(self.slot)


@dataclass
class Day:
    """A day with its free times, by adviser."""

    day: date
    free: int
    taken: int
    advisers: list[tuple[Adviser, list[Choice]]]


def address_of(time: Time) -> str:
    """The page on which a free time is booked."""
    if time.slot_id is not None:
        return reverse("consulting:book", args=[time.slot_id])
    return reverse("consulting:book_time", args=[time.key])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SEOUL)


def _monday(moment: datetime) -> date:
    day = moment.astimezone(SEOUL).date()
    return day - timedelta(days=day.weekday())


def _weeks(times: Times, chosen: date, now: datetime, wanted: dict[str, Any]) -> list[Week]:
    """The chosen week among its neighbours, from this week to the last that has times."""
    first = _monday(now)
    last = times.last_with_times or first
    start = max(first, min(chosen - WEEK * 2, last - WEEK * (WEEKS_SHOWN - 1)))
    start -= timedelta(days=start.weekday())
    weeks = []
    for monday in (start + WEEK * n for n in range(WEEKS_SHOWN)):
        free, taken = times.of(monday, monday + WEEK - timedelta(days=1))
        if monday <= last or monday == chosen:
            url = "?" + urlencode({**wanted, "week": monday.isoformat()})
            weeks.append(Week(monday, free, taken, url, monday == chosen))
    return weeks


def _by_day(page: Iterable[Time], times: Times, allowances: Allowances) -> list[Day]:
    found: dict[date, dict[int, tuple[Adviser, list[Choice]]]] = {}
    for each in page:
        advisers = found.setdefault(each.day, {})
        covered = allowances.of(Quarter.of(each.starts)).covers(each.minutes)
        advisers.setdefault(each.adviser.pk, (each.adviser, []))[1].append(Choice(each, covered))
    return [Day(day, times.free[day], times.taken[day], list(found[day].values())) for day in found]


def in_words(wanted: Wanted, advisers: Iterable[Adviser]) -> str:
    """What is asked for, as a person would say it; empty for everything."""
    names = [adviser.name for adviser in advisers if adviser.pk == wanted.adviser]
    field = [str(AdviceField(wanted.field).label)] if wanted.field else []
    language = [str(Language(wanted.language).label)] if wanted.language else []
    return ", ".join([*field, *names, *language])


@require_safe
def home(request: Any) -> HttpResponse:
    """Parameters: field, adviser, language, part (filters), week (any day in it), page."""
    now = timezone.now()
    advisers = bookable_advisers_for(request.user)
    form = SlotFilter(request.GET, advisers=advisers)
    times = times_for(request.user, now=now, wanted=form.filter, advisers=advisers)
    first = times.next
    chosen = week_of(request.GET.get("week", "")) or _monday(first.starts if first else now)
    chosen = min(max(chosen, _monday(now)), _monday(now) + WEEK * 520)
    sunday = chosen + WEEK - timedelta(days=1)
    free, taken = times.of(chosen, sunday)
    page = Paginator(times.between(chosen, sunday), SLOTS_A_PAGE).get_page(request.GET.get("page"))
    own = list(_own(request, now))
    coming = [booking for booking in own if _is_coming(booking, now)]
    past = [
        booking for booking in reversed(own) if not _is_coming(booking, now) and booking.ended_as != "moved"
    ]
    allowances = selectors.allowances_in(own)
    waiting = list(selectors.waiting_for(request.user).in_full())
    context = {
        "now": now,
        "coming": coming,
        "next": coming[0] if coming else None,
        "past": past[:PAST_SHOWN],
        "form": form,
        "filtered": bool(form.wanted),
        "wanted": in_words(form.filter, advisers),
        "weeks": _weeks(times, chosen, now, form.wanted),
        "chosen": chosen,
        "free": free,
        "taken": taken,
        "full_days": [day_short(day) for day in times.full(chosen, sunday)],
        "first_free": first,
        "first_url": address_of(first) if first else "",
        "page": page,
        "days": _by_day(page, times, allowances),
        "allowance": allowances.of(Quarter.of(now)),
        "week_allowance": allowances.of(Quarter.of(chosen)),
        "next_quarter": Quarter.of(_midnight(chosen)).next.begins,
        "waiting": waiting,
        "offers": [entry.offer for entry in waiting if entry.offer],
        "may_wait": not free and chosen <= _monday(now) + policy.WAITING_AHEAD,
    }
    return render(request, "tenants/consulting/home.html", context)


def _own(request: Any, now: datetime) -> Any:
    """The company's sessions of this quarter and every later one, and the recent ones before it; the first of them first."""
    since = Quarter.of(now).begins - RECENT
    return (
        selectors.bookings_for(request.user)
        .in_full()
        .prefetch_related("report__steps")
        .filter(period__startswith__gte=since)
        .order_by("period", "pk")
    )


def _is_coming(booking: Booking, now: datetime) -> bool:
    return booking.state in (BookingState.BOOKED, BookingState.REQUESTED) and booking.ends > now


@require_safe
def sessions(request: Any) -> HttpResponse:
    """All sessions of the company, with the advice they brought."""
    bookings = selectors.bookings_for(request.user).in_full().prefetch_related("report__steps")
    bookings = bookings.order_by("-period", "-pk")
    page = Paginator(bookings, 50).get_page(request.GET.get("page"))
    return render(request, "tenants/consulting/sessions.html", {"page": page, "now": timezone.now()})


@require_http_methods(["GET", "POST"])
def book(request: Any, pk: int) -> HttpResponse:
    """A time that an adviser offered by hand."""
    now = timezone.now()
    slot = get_object_or_404(
        selectors.slots_for(request.user).in_full().select_related("adviser__terms"), pk=pk
    )
    is_free = slot.state == "open" and not slot.taken and slot.starts > now
    return _book(request, slot, is_free=is_free, room=slot.room, now=now)


@require_http_methods(["GET", "POST"])
def book_time(request: Any, key: str) -> HttpResponse:
    """A time of an adviser's weekly hours. One that they no longer have is said to be gone, and what was typed stays."""
    now = timezone.now()
    parts = key_parts(key)
    if parts is None:
        raise Http404
    adviser_id, starts, minutes = parts
    advisers = [each for each in bookable_advisers_for(request.user) if each.pk == adviser_id]
    if not advisers:
        raise Http404
    times = times_for(request.user, now=now, wanted=Wanted(adviser=adviser_id), advisers=advisers)
    found = times.of_key(key)
    if found is None:
        gone = Time(advisers[0], minute_of(starts), minutes, None)
        return _book(request, gone, is_free=False, room=None, now=now, times=times)
    room = rooms_of([found]).get(found.room_id) if found.room_id else None
    return _book(request, found, is_free=True, room=room, now=now)


def _book(
    request: Any,
    slot: Slot | Time,
    *,
    is_free: bool,
    room: Any,
    now: datetime,
    times: Times | None = None,
) -> HttpResponse:
    members = companies.members_for(request.user).filter(company_id=request.acting.scope_id)
    form = BookForm(
        request.POST or None,
        request.FILES or None,
        members=members.order_by("user__name", "pk"),
        initial={"attendee": request.user.pk, "click": uuid4().hex},
    )
    if request.method == "POST" and form.is_valid():
        try:
            booked = _perform(request, slot, form, now)
        except DomainError as error:
            show_refusal(form, error)
            is_free = is_free and error.field != "slot"
        else:
            messages.success(request, _said(booked))
            return redirect("consulting:booking", booked[0].pk)
    allowance = selectors.allowance_of(request.acting.scope_id, at=slot.starts)
    context = {
        "slot": slot,
        "room": room,
        "form": form,
        "allowance": allowance,
        "left_after": allowance.left - slot.minutes,
        "is_free": is_free,
        "is_past": slot.starts <= now,
        "is_booked": isinstance(slot, Slot) and slot.taken,
        "others": [] if is_free else _others(request, slot, now, times),
        "terms": getattr(slot.adviser, "terms", None),
    }
    status = 422 if form.errors and not request.htmx else 200
    return render(request, "tenants/consulting/book.html", context, status=status)


def _perform(request: Any, slot: Slot | Time, form: BookForm, now: datetime) -> list[Booking]:
    given = {
        "slot": slot,
        "company": get_object_or_404(companies.companies_for(request.user), pk=request.acting.scope_id),
        "click": form.cleaned_data["click"],
        "actor": request.user,
        "now": now,
        **form.given,
    }
    weeks = form.cleaned_data["weeks"] or 1
    return services.book_series(weeks=weeks, **given) if weeks > 1 else [services.book_slot(**given)]


def _said(booked: list[Booking]) -> str:
    if booked[0].state == BookingState.REQUESTED:
        return _("The session is asked for. The adviser is told by e-mail and agrees or declines.")
    if len(booked) == 1:
        return _("The session is booked. The adviser is told by e-mail.")
    done = ngettext("%(count)s session is booked.", "%(count)s sessions are booked.", len(booked))
    return done % {"count": len(booked)}


def _others(request: Any, slot: Slot | Time, now: datetime, times: Times | None) -> list[Choice]:
    """The adviser's next free times, for someone whose time has gone; out of `times` where they have been read."""
    if times is None or request.method == "POST":
        times = times_for(request.user, now=now, wanted=Wanted(adviser=slot.adviser.pk))
    return [Choice(each, True) for each in times.found[:OTHERS_SHOWN]]
