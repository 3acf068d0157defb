"""Something happened: who is late, gone or there again, which table or meeting drops out. Shown before it is confirmed."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from incubator.common.errors import DomainError
from investors.demoday import selectors, services
from investors.demoday.enums import PlanState, Upset
from investors.demoday.errors import NothingHappened
from investors.demoday.models import DemoDay
from investors.demoday.services.repairs import Happening

from .pages import page

LINES = 5


def _happenings(request: HttpRequest) -> list[Happening]:
    """The lines of the form that say something. Raises NothingHappened for what is no line."""
    found = []
    for number in range(LINES):
        side, _colon, number_text = request.POST.get(f"who-{number}", "").partition(":")
        if not side:
            continue
        kind, slot = request.POST.get(f"what-{number}", ""), request.POST.get(f"slot-{number}", "")
        if (
            side not in ("company", "firm", "table")
            or not number_text.isdecimal()
            or kind not in Upset.values
            or (slot and not slot.isdecimal())
        ):
            raise NothingHappened
        found.append(Happening(side, int(number_text), Upset(kind), int(slot) if slot else None))
    pair = request.POST.get("meeting", "").split(":")
    if len(pair) == 2 and all(each.isdecimal() for each in pair):
        found.append(Happening("meeting", int(pair[0]), firm=int(pair[1])))
    return found


def page_of(model_admin: Any, request: HttpRequest, day: DemoDay) -> HttpResponse:
    model_admin.demand_writer(request)
    refused = ""
    if request.method == "POST":
        try:
            plan = services.propose_repair(
                day=day, happened=_happenings(request), actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            refused = str(error)
        else:
            return HttpResponseRedirect(reverse("admin:demoday_plan_change", args=[plan.pk]))
    companies = selectors.day_companies_for(request.user).filter(day=day).order_by("company__name", "pk")
    firms = selectors.day_firms_for(request.user).filter(day=day).order_by("firm__name", "pk")
    people = [
        (_("Companies"), [(f"company:{each.company_id}", each.company.name) for each in companies]),
        (_("Firms"), [(f"firm:{each.firm_id}", each.firm.name) for each in firms]),
        (
            _("Tables"),
            [(f"table:{number}", _("Table %(table)s") % {"table": number}) for number in day.tables],
        ),
    ]
    now = timezone.now()
    chosen = None
    asked = request.GET.get("meeting", "")
    if asked.isdecimal():
        chosen = (
            selectors.meetings_for(request.user)
            .held()
            .filter(plan__day=day, plan__state=PlanState.PUBLISHED, pk=asked)
            .first()
        )
    return page(
        model_admin,
        request,
        "repair",
        day,
        "repair",
        title=_("Something happened"),
        people=people,
        kinds=Upset.choices,
        slots=[slot for slot in day.slots if slot.starts > now],
        lines=[
            {
                "number": number,
                "who": request.POST.get(f"who-{number}", ""),
                "what": request.POST.get(f"what-{number}", ""),
                "slot": request.POST.get(f"slot-{number}", ""),
            }
            for number in range(LINES)
        ],
        meeting=chosen,
        refused=refused,
    )
