"""Tables across the domains for the managers' own spreadsheets."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from incubator.common.display import petaflop_hours
from incubator.common.downloads import Cell
from investors.matching import selectors as matching
from tenants.companies import selectors as companies
from tenants.companies.enums import ResidencyState
from tenants.compute import selectors as compute
from tenants.consulting import selectors as consulting
from tenants.consulting.enums import BookingState
from tenants.leases import selectors as leases


def _count(things: QuerySet) -> Coalesce:
    """How many of `things` belong to the company."""
    counted = things.filter(company=OuterRef("pk")).order_by().values("company").annotate(count=Count("pk"))
    return Coalesce(Subquery(counted.values("count"), output_field=IntegerField()), 0)


def residents(user: Any, today: date) -> Iterator[list[Cell]]:
    """Every company and how it stands today, the header first; three queries however many there are.

    Credits are those of grants in force, in PF·h.
    """
    yield [
        _("Company"),
        _("Business number"),
        _("State of residency"),
        _("Since"),
        _("Spaces"),
        _("Last day of the lease"),
        _("Credits granted, PF·h"),
        _("Credits used, PF·h"),
        _("Credits left, PF·h"),
        _("Used beyond the grants, PF·h"),
        _("Sessions held"),
        _("Introductions"),
    ]
    held = leases.held_on(leases.leases_for(user), today).order_by("period", "pk")
    found: list[Any] = list(
        companies.with_residency(companies.companies_for(user))
        .annotate(
            sessions_held=_count(consulting.bookings_for(user).filter(state=BookingState.HELD)),
            introduced=_count(matching.introductions_for(user)),
        )
        .prefetch_related(Prefetch("leases", held, to_attr="held_leases"))
        .order_by(F("name"), "pk")
    )
    balances = compute.balances_of([company.pk for company in found], today)
    for company in found:
        balance = balances.get(company.pk, compute.Balance(0, 0, 0))
        ends = [lease.last_day for lease in company.held_leases]
        yield [
            company.name,
            company.business_number_shown,
            str(ResidencyState(company.residency_state).label) if company.residency_state else "",
            company.residency_period.lower if company.residency_period else None,
            " / ".join(lease.space.place for lease in company.held_leases),
            max(ends) if ends else None,
            petaflop_hours(balance.granted),
            petaflop_hours(balance.used),
            petaflop_hours(balance.left),
            petaflop_hours(balance.debt),
            company.sessions_held,
            company.introduced,
        ]
