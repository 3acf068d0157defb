"""What a lease's contract says of this lease: the terms it stands for, and the words it fills in."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from incubator.common.display import business_number, day, number, period, square_metres, won_exact
from incubator.common.models import CampSettings

from .models import Lease, LeasePolicy, Rate
from .terms import ask_by
from .waived import RateSpan, Span, waived


def terms_of(lease: Lease) -> dict[str, Any]:
    """What both sides agree on, as plain JSON. A contract whose terms are not these any more cannot be signed.

    The rates are no part of them: they belong to the camp, and the contract says from which day its figures are.
    """
    company, space = lease.company, lease.space
    return {
        "company": company.name,
        "business_number": company.business_number,
        "representative": company.representative,
        "building": space.building.name,
        "address": space.building.address,
        "space": space.code,
        "kind": space.kind,
        "floor": space.floor.level,
        "area_m2": str(space.area_m2.normalize()),
        "seats": space.seats,
        "first_day": lease.first_day.isoformat() if lease.first_day else "",
        "last_day": lease.last_day.isoformat() if lease.last_day else "",
        "legal_basis": lease.legal_basis,
        "comparator": lease.comparator,
    }


def _rate(rates: list[Rate], on: date) -> Rate | None:
    for rate in rates:
        if (rate.period.lower or on) <= on and (rate.period.upper is None or on < rate.period.upper):
            return rate
    return None


def words_of(lease: Lease, policy: LeasePolicy, rates: list[Rate]) -> dict[str, str]:
    """The values of all placeholders in the language in force. A day without a rate is named, never counted as zero."""
    first, last = lease.first_day, lease.last_day
    assert first
    assert last
    company, space, camp = lease.company, lease.space, CampSettings.current()
    spans = [
        RateSpan(each.period.lower, each.period.upper, each.rent_krw_per_m2, each.fee_krw_per_m2)
        for each in rates
    ]
    amount = waived(Span(lease.period.lower, lease.period.upper), space.area_m2, spans, first, last)
    unknown = ""
    if amount.gaps:
        gaps = ", ".join(f"{day(gap.first)} – {day(gap.last)}" for gap in amount.gaps)
        unknown = _("known once a rate is set for %(days)s") % {"days": gaps}
    begins = _rate(rates, first)
    return {
        "camp": camp.display_name,
        "operator": camp.operator_name,
        "company": company.name,
        "business_number": business_number(company.business_number),
        "representative": company.representative,
        "building": space.building.display_name,
        "address": space.building.address or "–",
        "space": space.place,
        "floor": space.floor.label,
        "area": square_metres(space.area_m2),
        "seats": number(space.seats),
        "first_day": day(first),
        "last_day": day(last),
        "legal_basis": lease.legal_basis,
        "comparator": lease.comparator or "–",
        "rent_rate": won_exact(begins.rent_krw_per_m2) if begins else unknown,
        "fee_rate": won_exact(begins.fee_krw_per_m2) if begins else unknown,
        "waived_rent": unknown or won_exact(amount.rent_krw),
        "waived_fee": unknown or won_exact(amount.fee_krw),
        "ask_by": day(ask_by(last)),
        "notice_days": number(policy.notice_days),
        "holdover_days": number(policy.holdover_days),
    }


def facts_of(lease: Lease, words: dict[str, str]) -> list[list[str]]:
    """The lease's own terms as label and value, in the language in force: the table at the head of a contract."""
    return [
        [_("Lessor"), words["operator"]],
        [_("Company"), f"{words['company']} ({words['business_number']})"],
        [_("Representative"), words["representative"]],
        [_("Space"), f"{words['space']} · {words['floor']} · {words['area']}"],
        [_("Period"), period(lease.period)],
        [_("Legal basis"), words["legal_basis"]],
        [_("Comparator"), words["comparator"]],
        [_("Rent waived over the term"), words["waived_rent"]],
        [_("Maintenance fee waived over the term"), words["waived_fee"]],
    ]
