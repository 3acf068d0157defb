"""Wishes: who has given an order, and the page on which a manager records one."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from incubator.common.errors import DomainError
from investors.demoday import selectors, services
from investors.demoday.enums import Side
from investors.demoday.models import DemoDay
from investors.demoday.models.days import LOWEST_RANK
from investors.demoday.orders import choices, order_of_post

from .pages import page


def list_page(model_admin: Any, request: HttpRequest, day: DemoDay) -> HttpResponse:
    places: Counter[tuple[str, int]] = Counter()
    vetoes: Counter[tuple[str, int]] = Counter()
    said = selectors.rankings_for(request.user).filter(day=day).order_by()
    for side, company, firm, veto in said.values_list("side", "company_id", "firm_id", "veto"):
        (vetoes if veto else places)[side, company if side == Side.COMPANY else firm] += 1

    def listed(side: Side, rows: Any) -> list[dict[str, Any]]:
        return [
            {
                "id": getattr(each, f"{side}_id"),
                "name": getattr(each, side).name,
                "places": places[side, getattr(each, f"{side}_id")],
                "vetoes": vetoes[side, getattr(each, f"{side}_id")],
            }
            for each in rows
        ]

    companies = selectors.day_companies_for(request.user).filter(day=day).order_by("company__name", "pk")
    firms = selectors.day_firms_for(request.user).filter(day=day).order_by("firm__name", "pk")
    sides = [
        {"side": "company", "title": _("Companies"), "lines": listed(Side.COMPANY, companies)},
        {"side": "firm", "title": _("Firms"), "lines": listed(Side.FIRM, firms)},
    ]
    missing = sum(not line["places"] for side in sides for line in side["lines"])  # type: ignore[index]
    return page(
        model_admin, request, "wishes", day, "wishes", title=_("Wishes"), sides=sides, missing=missing
    )


def order_page(model_admin: Any, request: HttpRequest, day: DemoDay, side: str, party: int) -> HttpResponse:
    """One side's order, recorded by a manager: firms never write themselves."""
    model_admin.demand_writer(request)
    if side == Side.COMPANY:
        invited: Any = get_object_or_404(
            selectors.day_companies_for(request.user).filter(day=day), company_id=party
        )
        others = [
            (each.firm_id, each.firm.name, str(each.firm.get_kind_display()))
            for each in selectors.offered_firms(invited)
        ]
        name, other = invited.company.name, "firm_id"
    elif side == Side.FIRM:
        invited = get_object_or_404(selectors.day_firms_for(request.user).filter(day=day), firm_id=party)
        others = [(each.company_id, each.company.name, "") for each in selectors.offered_companies(invited)]
        name, other = invited.firm.name, "company_id"
    else:
        raise Http404
    refused = ""
    if request.method == "POST":
        try:
            order = order_of_post(request.POST, [pk for pk, _name, _kind in others])
            services.rank(invited=invited, order=order, actor=request.user, now=timezone.now())
        except DomainError as error:
            refused = str(error)
        else:
            messages.success(request, _("Recorded for %(name)s.") % {"name": name})
            return HttpResponseRedirect(reverse("admin:demoday_demoday_wishes", args=[day.pk]))
    said = selectors.rankings_for(request.user).filter(day=day, side=side, **{f"{side}_id": party})
    return page(
        model_admin,
        request,
        "wish",
        day,
        "wishes",
        title=_("Whom does %(name)s want to meet?") % {"name": name},
        choices=choices(others, said, other, request.POST if refused else None),
        most=LOWEST_RANK,
        refused=refused,
    )
