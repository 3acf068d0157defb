"""What a run is made of, read in a constant number of queries."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from incubator.common.models import CampSettings
from investors.firms.models import FirmMember, Holding, Mandate
from investors.firms.services import name_key
from investors.firms.tagging import tag_list
from investors.firms.vocabulary import TagList
from tenants.companies.models import Company
from tenants.consulting.enums import BookingState
from tenants.consulting.models import Adviser, Booking

from .scoring import CompanyFacts, HoldingFacts, MandateFacts
from .told import founded_by_name, residents_on, standings, young_shares


@dataclass(frozen=True)
class Facts:
    """Both sides on one day, sorted by id, and the introductions that each company is guaranteed."""

    today: date
    minimum: int
    companies: tuple[CompanyFacts, ...]
    mandates: tuple[MandateFacts, ...]


def collect_facts(today: date) -> Facts:
    """Companies in residence on `today`, and active firms that said what they look for."""
    residents = list(residents_on(today))
    advisers, places, tags = _advisers_by_company(), standings(residents), tag_list()
    companies = tuple(
        CompanyFacts(
            id=company.pk,
            sectors=frozenset(company.sectors),
            stage=company.stage,
            ask_krw=company.ask_krw,
            founded_on=company.founded_on,
            region=company.region,
            adviser_ids=advisers[company.pk],
            tags=tags.tags_in([company.summary]),
            standing=places.get(company.pk),
            text=company.summary,
        )
        for company in residents
    )
    mandates = _mandates(residents, tags, today)
    return Facts(today, CampSettings.current().minimum_introductions, companies, mandates)


def _mandates(residents: list[Company], tags: TagList, today: date) -> tuple[MandateFacts, ...]:
    held = list(Holding.objects.order_by("firm_id", "name_key"))
    holdings, members = _holdings_by_firm(held, residents), _advisers_by_firm()
    mandates = list(Mandate.objects.filter(firm__active=True).select_related("firm").order_by("firm_id"))
    shares = young_shares(
        {mandate.firm_id: mandate.firm.kind for mandate in mandates},
        held,
        founded_by_name(residents),
        today,
    )
    return tuple(
        MandateFacts(
            firm_id=mandate.firm_id,
            sectors=frozenset(mandate.sectors),
            stages=frozenset(mandate.stages),
            ticket_min_krw=mandate.ticket_min_krw,
            ticket_max_krw=mandate.ticket_max_krw,
            regions=frozenset(mandate.regions),
            max_company_age_years=mandate.max_company_age_years,
            capacity=mandate.capacity,
            holdings=tuple(holdings[mandate.firm_id]),
            member_ids=members[mandate.firm_id],
            tags=tags.tags_in(mandate.keywords),
            text=mandate.thesis,
            young_share=shares.get(mandate.firm_id),
        )
        for mandate in mandates
    )


def _holdings_by_firm(held: list[Holding], residents: list[Company]) -> dict[int, list[HoldingFacts]]:
    """Holdings are known by name: a resident of the same name is that company, and so is each of two."""
    named: dict[str, list[Company]] = defaultdict(list)
    for company in residents:
        named[name_key(company.name)].append(company)
    found: dict[int, list[HoldingFacts]] = defaultdict(list)
    for holding in held:
        said = frozenset(holding.sectors)
        same_name: list[Company | None] = [*named.get(holding.name_key, ())] or [None]
        for resident in same_name:
            found[holding.firm_id].append(
                HoldingFacts(
                    name=holding.company_name,
                    company_id=resident.pk if resident else None,
                    sectors=said or frozenset(resident.sectors if resident else ()),
                    rival_confirmed=holding.rival_confirmed,
                )
            )
    return found


def _advisers_by_company() -> dict[int, frozenset[int]]:
    """Who advises a company: everyone with whom it has had, or has booked, a session."""
    found: dict[int, set[int]] = defaultdict(set)
    pairs = Booking.objects.exclude(state=BookingState.CANCELLED).order_by()
    for company_id, adviser_id in pairs.values_list("company_id", "adviser_id").distinct():
        found[company_id].add(adviser_id)
    return defaultdict(frozenset, {key: frozenset(ids) for key, ids in found.items()})


def _advisers_by_firm() -> dict[int, frozenset[int]]:
    """Advisers who belong to a firm: as said of the adviser, or as a member who signs in for it."""
    found: dict[int, set[int]] = defaultdict(set)
    by_user: dict[int, int] = {}
    for adviser_id, user_id, firm_id in Adviser.objects.values_list("pk", "user_id", "firm_id"):
        if firm_id is not None:
            found[firm_id].add(adviser_id)
        if user_id is not None:
            by_user[user_id] = adviser_id
    for firm_id, user_id in FirmMember.objects.values_list("firm_id", "user_id"):
        if user_id in by_user:
            found[firm_id].add(by_user[user_id])
    return defaultdict(frozenset, {key: frozenset(ids) for key, ids in found.items()})
