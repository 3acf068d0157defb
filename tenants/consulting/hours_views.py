"""The adviser's hours, on a phone between two meetings: weekly hours, days that differ, terms, and a calendar of their own."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from incubator.common.errors import DomainError

from . import selectors, services
from .enums import ExceptionKind
from .forms import show_refusal
from .hours_forms import AwayForm, CalendarForm, ExtraForm, HoursForm, TermsForm
from .models import Adviser
from .policy import CALENDAR_IS_STALE
from .times import terms_of

SHOWN = 60


def _adviser(request: Any) -> Adviser:
    found: Adviser = get_object_or_404(
        selectors.advisers_for(request.user).select_related("terms").defer(*Adviser.PRIVATE_FIELDS),
        pk=request.acting.adviser_id,
    )
    return found


def _answer(request: Any, template: str, context: dict[str, Any], form: Any) -> HttpResponse:
    status = 422 if form.errors and not request.htmx else 200
    return render(request, f"tenants/consulting/advise/{template}", context, status=status)


@require_http_methods(["GET", "POST"])
def hours(request: Any) -> HttpResponse:
    """The weekly hours in force or to come, and adding some."""
    adviser, now = _adviser(request), timezone.now()
    form = HoursForm(request.POST or None, adviser=adviser)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_hours(adviser=adviser, actor=request.user, now=now, **form.given)
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("The hours are kept. Companies can book them from now on."))
            return redirect("advise:hours")
    kept = (
        selectors.hours_for(request.user)
        .filter(
            Q(period__endswith__isnull=True) | Q(period__endswith__gt=timezone.localdate()), adviser=adviser
        )
        .select_related("room")
        .order_by("weekday", "starts", "pk")
    )
    context = {"hours": list(kept), "form": form, "terms": terms_of(adviser)}
    return _answer(request, "hours.html", context, form)


@require_POST
def end(request: Any, pk: int) -> HttpResponse:
    """Keep these weekly hours no longer, from today on."""
    found = get_object_or_404(selectors.hours_for(request.user), pk=pk)
    today = timezone.localdate()
    services.end_hours(hours=found, last=today - timedelta(days=1), actor=request.user, now=timezone.now())
    messages.success(request, _("The hours are taken out. Sessions that are booked stay."))
    return redirect("advise:hours")


@require_http_methods(["GET", "POST"])
def terms(request: Any) -> HttpResponse:
    adviser = _adviser(request)
    current = terms_of(adviser)
    initial = {name: getattr(current, name) for name in TermsForm.base_fields}
    form = TermsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_terms(adviser=adviser, actor=request.user, **form.cleaned_data)
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("The terms are kept. Sessions that are booked stay as they are."))
            return redirect("advise:hours")
    return _answer(request, "terms.html", {"form": form}, form)


def _exceptions(request: Any) -> list[Any]:
    found = selectors.exceptions_for(request.user).filter(
        adviser=request.acting.adviser_id, period__endswith__gt=timezone.now()
    )
    return list(found.select_related("room").order_by("period", "pk")[:SHOWN])


@require_http_methods(["GET", "POST"])
def away(request: Any) -> HttpResponse:
    """ "I'm away": whole days, or hours of one day."""
    adviser, now = _adviser(request), timezone.now()
    form = AwayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        starts, ends = form.span
        try:
            exception = services.add_exception(
                adviser=adviser,
                kind=ExceptionKind.CLOSED,
                starts=starts,
                ends=ends,
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=now,
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            _say(request, services.sessions_in(exception))
            return redirect("advise:away")
    return _answer(request, "away.html", {"form": form, "exceptions": _exceptions(request)}, form)


def _say(request: Any, sessions: int) -> None:
    if not sessions:
        messages.success(request, _("Nobody can book this time."))
        return
    text = ngettext(
        "Nobody can book this time. %(count)s session is booked in it already: cancel it or propose another time.",
        "Nobody can book this time. %(count)s sessions are booked in it already: cancel them or propose other times.",
        sessions,
    )
    messages.warning(request, text % {"count": sessions})


@require_http_methods(["GET", "POST"])
def extra(request: Any) -> HttpResponse:
    """Hours of one day besides the weekly ones."""
    adviser, now = _adviser(request), timezone.now()
    form = ExtraForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_exception(
                adviser=adviser, kind=ExceptionKind.EXTRA, actor=request.user, now=now, **form.given
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Companies can book these hours."))
            return redirect("advise:away")
    return _answer(request, "extra.html", {"form": form}, form)


@require_POST
def remove(request: Any, pk: int) -> HttpResponse:
    found = get_object_or_404(selectors.exceptions_for(request.user), pk=pk)
    try:
        services.remove_exception(exception=found, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your weekly hours hold again."))
    return redirect("advise:away")


@require_http_methods(["GET", "POST"])
def external(request: Any) -> HttpResponse:
    """The adviser's own calendar, whose times are busy."""
    adviser, now = _adviser(request), timezone.now()
    current = selectors.calendars_for(request.user).filter(adviser=adviser).first()
    form = CalendarForm(request.POST or None, initial={"url": current.url if current else ""})
    if request.method == "POST" and request.POST.get("do") == "forget":
        services.disconnect_calendar(adviser=adviser, actor=request.user, now=now)
        messages.success(request, _("The calendar and its busy times are forgotten."))
        return redirect("advise:external")
    if request.method == "POST" and form.is_valid():
        try:
            services.connect_calendar(
                adviser=adviser, url=form.cleaned_data["url"], actor=request.user, now=now
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(
                request,
                _("The calendar is read within a minute. Its times are busy, its titles are not kept."),
            )
            return redirect("advise:external")
    context = {
        "form": form,
        "calendar": current,
        "is_stale": current is not None and (current.read_at or current.created_at) < now - CALENDAR_IS_STALE,
    }
    return _answer(request, "external.html", context, form)
