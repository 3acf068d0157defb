"""The office's pages of one mentor day: who takes part, and what they wish."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from incubator.common.errors import DomainError
from tenants.companies import selectors as companies
from tenants.companies.enums import LIVE_RESIDENCIES
from tenants.consulting import selectors as consulting
from tenants.consulting.models import MeetingRoom

from . import selectors, services
from .board import said_by
from .enums import DayState, Side
from .forms import CallOffForm, Choice, PartForm, Ranking, UntilForm, fill
from .models import MentorDay, MentorSlot, Table
from .problem import busy_slots
from .rules import may_manage


def page(request: Any, template: str, day: MentorDay, **context: Any) -> HttpResponse:
    """A page of the admin about a day, with the places of it as links."""
    request.current_app = admin.site.name
    status = context.pop("status", 200)
    values = {
        **admin.site.each_context(request),
        "title": day.display_title,
        "day": day,
        "may_write": may_manage(request.user),
        **context,
    }
    return TemplateResponse(request, f"admin/mentordays/{template}", values, status=status)


def found_day(request: HttpRequest, pk: int) -> MentorDay:
    day: MentorDay = get_object_or_404(selectors.days_for(request.user), pk=pk)
    return day


def attempt(request: HttpRequest, act: Any, done: str) -> bool:
    """Do it, and say that it is done or why not."""
    try:
        act()
    except DomainError as error:
        messages.error(request, str(error))
        return False
    messages.success(request, done)
    return True


@require_safe
def day(request: Any, pk: int) -> HttpResponse:
    """Who takes part: advisers, companies, tables, with their limits and the slots in which they are not there."""
    found = found_day(request, pk)
    slots = list(MentorSlot.objects.filter(day=found).order_by("number"))
    advisers = list(selectors.advisers_for(request.user).filter(day=found).select_related("adviser"))
    invited = list(selectors.companies_for(request.user).filter(day=found).select_related("company"))
    busy = busy_slots(found, slots, [each.adviser_id for each in advisers])
    can_invite = found.state in (DayState.DRAFT, DayState.RANKING, DayState.ARRANGED)
    return page(
        request,
        "day.html",
        found,
        here="day",
        slots=slots,
        advisers=[(each, sorted(busy[each.adviser_id] - set(each.absent))) for each in advisers],
        companies=invited,
        tables=Table.objects.filter(day=found).order_by("name"),
        can_invite=can_invite,
        can_call_off=found.state not in (DayState.OVER, DayState.CALLED_OFF),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: Any, pk: int) -> HttpResponse:
    """Choose advisers and companies from those who can come, and write down a table."""
    found = found_day(request, pk)
    known_advisers = selectors.advisers_for(request.user).filter(day=found).values("adviser")
    known_companies = selectors.companies_for(request.user).filter(day=found).values("company")
    advisers = (
        consulting.advisers_for(request.user)
        .filter(active=True)
        .exclude(pk__in=known_advisers)
        .order_by("name")
    )
    guests = (
        companies.companies_for(request.user)
        .filter(residencies__state__in=LIVE_RESIDENCIES)
        .exclude(pk__in=known_companies)
        .distinct()
        .order_by("name")
    )
    rooms = MeetingRoom.objects.filter(active=True).order_by("name")
    if request.method == "POST":
        done = _invited(request, found, advisers, guests, rooms)
        return redirect("mentordays_office:day" if done else "mentordays_office:invite", pk=found.pk)
    return page(request, "invite.html", found, here="day", advisers=advisers, companies=guests, rooms=rooms)


def _invited(request: Any, found: MentorDay, advisers: Any, guests: Any, rooms: Any) -> bool:
    """What the form says: several advisers and companies, or tables."""
    given = {"actor": request.user, "now": timezone.now()}
    chosen = {
        name: [int(value) for value in request.POST.getlist(name) if value.isdecimal()]
        for name in ("advisers", "companies", "rooms")
    }
    names = [line.strip() for line in request.POST.get("tables", "").splitlines() if line.strip()]

    def act() -> None:
        if chosen["advisers"]:
            some = list(advisers.filter(pk__in=chosen["advisers"]))
            services.invite_advisers(day=found, advisers=some, **given)
        if chosen["companies"]:
            wanted = list(guests.filter(pk__in=chosen["companies"]))
            services.invite_companies(day=found, companies=wanted, **given)
        for room in rooms.filter(pk__in=chosen["rooms"]):
            services.add_table(day=found, name=room.name, room=room, **given)
        for name in names:
            services.add_table(day=found, name=name, **given)

    return attempt(request, act, _("They take part."))


def _part(request: Any, found: MentorDay, kind: str, pk: int) -> Any:
    if kind == "adviser":
        return get_object_or_404(
            selectors.advisers_for(request.user).select_related("adviser"), day=found, pk=pk
        )
    if kind == "company":
        return get_object_or_404(
            selectors.companies_for(request.user).select_related("company"), day=found, pk=pk
        )
    if kind == "table":
        return get_object_or_404(Table.objects.all(), day=found, pk=pk)
    raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
def part(request: Any, pk: int, kind: str, part: int) -> HttpResponse:
    """Limits and absences of one who takes part, or the closed slots of a table; taking them out."""
    found = found_day(request, pk)
    one = _part(request, found, kind, part)
    given = {"actor": request.user, "now": timezone.now()}
    if request.method == "POST" and request.POST.get("do") == "take_out":
        attempt(request, lambda: services.take_out(part=one, **given), _("Taken out."))
        return redirect("mentordays_office:day", pk=found.pk)
    initial = {
        "minimum": getattr(one, "minimum", None),
        "maximum": getattr(one, "maximum", None),
        "slots": one.closed if kind == "table" else one.absent,
    }
    slots = MentorSlot.objects.filter(day=found).order_by("number")
    form = PartForm(
        request.POST if request.method == "POST" else None, kind=kind, slots=list(slots), initial=initial
    )
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            if kind == "table":
                services.change_table(table=one, closed=values["slots"], **given)
            elif kind == "company":
                services.change_company(
                    invited=one,
                    minimum=values["minimum"] or 0,
                    maximum=values["maximum"],
                    absent=values["slots"],
                    **given,
                )
            else:
                services.change_adviser(
                    invited=one, maximum=values["maximum"], absent=values["slots"], **given
                )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Kept."))
            return redirect("mentordays_office:day", pk=found.pk)
    return page(request, "part.html", found, here="day", kind=kind, one=one, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def wishes(request: Any, pk: int) -> HttpResponse:
    """How far both sides are with their wishes; begin and end the collecting."""
    found, now = found_day(request, pk), timezone.now()
    form = UntilForm(
        request.POST if request.method == "POST" and request.POST.get("do") == "collect" else None,
        initial={"until": found.ranking_closes_at},
    )
    if request.method == "POST":
        if request.POST.get("do") == "close":
            attempt(
                request,
                lambda: services.close_wishes(day=found, actor=request.user, now=now),
                _("Wishes are collected no more. The timetable can be computed."),
            )
            return redirect("mentordays_office:timetable", pk=found.pk)
        if form.is_valid():
            until = form.cleaned_data["until"]
            attempt(
                request,
                lambda: services.collect_wishes(day=found, until=until, actor=request.user, now=now),
                _("Both sides can put each other in order now."),
            )
            return redirect("mentordays_office:wishes", pk=found.pk)
    sides = [(side, said_by(found, side)) for side in Side]
    return page(
        request,
        "wishes.html",
        found,
        here="wishes",
        form=form,
        sides=[(side, rows, sum(each.ranked > 0 for each in rows)) for side, rows in sides],
        open=found.takes_wishes(now),
        can_collect=found.state in (DayState.DRAFT, DayState.RANKING, DayState.ARRANGED),
        can_speak=found.is_open,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def on_behalf(request: Any, pk: int, side: str, party: int) -> HttpResponse:
    """The wishes of one who takes part, to read and to enter for them."""
    found = found_day(request, pk)
    advisers = selectors.advisers_for(request.user).filter(day=found).select_related("adviser")
    guests = selectors.companies_for(request.user).filter(day=found).select_related("company")
    if side == Side.COMPANY:
        who = get_object_or_404(guests, company=party).company.name
        choices = [
            Choice(each.adviser_id, each.adviser.name, ", ".join(each.adviser.field_labels))
            for each in advisers
        ]
        mine, other = "company", "adviser"
    elif side == Side.ADVISER:
        who = get_object_or_404(advisers, adviser=party).adviser.name
        choices = [Choice(each.company_id, each.company.name, "") for each in guests]
        mine, other = "adviser", "company"
    else:
        raise Http404
    said = list(selectors.wishes_for(request.user).filter(day=found, side=side, **{mine: party}))
    ranking = (
        Ranking(choices, request.POST) if request.method == "POST" else Ranking(fill(choices, said, other))
    )
    if request.method == "POST" and ranking.is_valid:
        try:
            services.save_wishes(
                day=found,
                side=side,
                party_id=party,
                ranks=ranking.ranks,
                vetoes=ranking.vetoes,
                notes=ranking.notes,
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            ranking.problem = str(error)
        else:
            count = len(ranking.ranks)
            said_words = ngettext("%(count)s wish is kept.", "%(count)s wishes are kept.", count)
            messages.success(request, said_words % {"count": count})
            return redirect("mentordays_office:wishes", pk=found.pk)
    return page(
        request, "on_behalf.html", found, here="wishes", who=who, ranking=ranking, can_speak=found.is_open
    )


@require_http_methods(["GET", "HEAD", "POST"])
def call_off(request: Any, pk: int) -> HttpResponse:
    """What would happen, the reason, and the button."""
    found = found_day(request, pk)
    form = CallOffForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        attempt(
            request,
            lambda: services.call_off(
                day=found, reason=form.cleaned_data["reason"], actor=request.user, now=timezone.now()
            ),
            _("The day is called off, and everybody is told."),
        )
        return redirect("mentordays_office:day", pk=found.pk)
    return page(request, "call_off.html", found, here="day", form=form)
