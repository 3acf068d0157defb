"""Who takes part: one page for all companies, one for all firms."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from incubator.common.errors import DomainError
from incubator.common.meeting_slots import shown_slots, slot_numbers
from investors.demoday import services
from investors.demoday.enums import Side
from investors.demoday.errors import UnknownSlots
from investors.demoday.limits import companies_that_may, firms_that_may
from investors.demoday.models import DemoDay
from investors.demoday.services.days import Taking

from .pages import page

MOST = 40


@dataclass(frozen=True)
class Line:
    id: int
    name: str
    takes_part: bool
    minimum: str
    maximum: str
    absent: str


def _number(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) <= MOST):
        raise UnknownSlots(_("A number of meetings is 0 to %(most)s."), most=MOST)
    return int(text)


def _absent(text: str, most: int) -> tuple[int, ...]:
    try:
        return tuple(slot_numbers(text, most))
    except ValueError as error:
        raise UnknownSlots(most=most) from error


def page_of(model_admin: Any, request: HttpRequest, day: DemoDay, side: str) -> HttpResponse:
    """The list with a tick for each that takes part; saved as a whole."""
    if side not in Side.values:
        raise Http404
    side = Side(side)
    may: Any = companies_that_may(timezone.localdate()) if side == Side.COMPANY else firms_that_may()
    rows: Any = (
        day.companies.select_related("company") if side == Side.COMPANY else day.firms.select_related("firm")
    )
    there = {getattr(each, f"{side}_id"): each for each in rows}
    names = {pk: each.name for pk, each in may.items()}
    names |= {pk: getattr(each, side).name for pk, each in there.items()}
    refused = ""
    if request.method == "POST":
        model_admin.demand_writer(request)
        try:
            count = services.set_participants(
                day=day,
                side=side,
                taking=[
                    Taking(
                        pk,
                        _number(request.POST.get(f"maximum-{pk}", "")),
                        _number(request.POST.get(f"minimum-{pk}", "")) or 0,
                        _absent(request.POST.get(f"absent-{pk}", ""), day.slot_count),
                    )
                    for pk in names
                    if request.POST.get(f"on-{pk}")
                ],
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            refused = str(error)
        else:
            messages.success(request, _("Saved: %(count)s take part.") % {"count": count})
            return HttpResponseRedirect(reverse("admin:demoday_demoday_participants", args=[day.pk, side]))
    post = request.POST if refused else None
    lines = sorted(
        (
            Line(
                pk,
                name,
                bool(post.get(f"on-{pk}")) if post else pk in there,
                post.get(f"minimum-{pk}", "") if post else str(getattr(there.get(pk), "minimum", "") or ""),
                post.get(f"maximum-{pk}", "") if post else _shown(there.get(pk)),
                post.get(f"absent-{pk}", "")
                if post
                else shown_slots(there[pk].absent if pk in there else ()),
            )
            for pk, name in names.items()
        ),
        key=lambda line: (not line.takes_part, line.name),
    )
    return page(
        model_admin,
        request,
        "participants",
        day,
        side.value,
        title=_("Companies that take part") if side == Side.COMPANY else _("Firms that take part"),
        lines=lines,
        side=side.value,
        count=sum(line.takes_part for line in lines),
        refused=refused,
    )


def _shown(row: Any) -> str:
    return "" if row is None or row.maximum is None else str(row.maximum)
