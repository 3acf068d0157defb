"""Facts that have to be counted together: a company's place among the others, an accelerator's share of young companies."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from investors.firms.enums import FirmKind
from investors.firms.models import Holding
from investors.firms.services import name_key
from tenants.companies.enums import LIVE_RESIDENCIES
from tenants.companies.models import Company

from .enums import IntroductionState
from .models import Introduction
from .scoring import Standing, YoungShare, is_young

# Introductions that reached the firm.
_REACHED = (
    IntroductionState.SENT,
    IntroductionState.MET,
    IntroductionState.CONTINUING,
    IntroductionState.TERM_SHEET,
    IntroductionState.PASSED,
    IntroductionState.INVESTED,
)


def residents_on(day: date) -> QuerySet[Company]:
    """Companies in residence on a day."""
    return Company.objects.filter(
        residencies__state__in=LIVE_RESIDENCIES, residencies__period__contains=day
    ).order_by("pk")


def founded_by_name(companies: Iterable[Company]) -> dict[str, date | None]:
    """Founding days by the names as they are compared with those of holdings."""
    return {name_key(company.name): company.founded_on for company in companies}


def standings(companies: Iterable[Company]) -> dict[int, Standing]:
    """Each company among the others of its stage by its people, the only measure of growth that every firm may read:
    revenue is opened by consent alone. A company that says 0 has said nothing."""
    said = [company for company in companies if company.employees]
    by_stage: dict[str, Counter[int]] = defaultdict(Counter)
    for company in said:
        by_stage[company.stage][company.employees] += 1
    found = {}
    for company in said:
        sizes = by_stage[company.stage]
        found[company.pk] = Standing(
            employees=company.employees,
            fewer=sum(count for size, count in sizes.items() if size < company.employees),
            equal=sizes[company.employees] - 1,
            others=sizes.total() - 1,
        )
    return found


def young_shares(
    kinds: Mapping[int, str],
    holdings: Iterable[Holding],
    founded_by: Mapping[str, date | None],
    today: date,
) -> dict[int, YoungShare]:
    """Of each accelerator among the firms: companies that were at most three years old when it invested or was introduced.

    By number, since what each got is not known. A holding's age is known by its own founding day or that of the resident
    of its name; one without a day of investment counts as it is today. A company held and introduced counts once.
    """
    accelerators = {firm_id for firm_id, kind in kinds.items() if kind == FirmKind.AC}
    if not accelerators:
        return {}
    young: dict[int, dict[str, bool]] = {firm_id: {} for firm_id in accelerators}
    introduced = Introduction.objects.filter(firm_id__in=accelerators, state__in=_REACHED).order_by("pk")
    for firm_id, name, founded, made_at in introduced.values_list(
        "firm_id", "company__name", "company__founded_on", "made_at"
    ):
        if founded is not None:
            young[firm_id][name_key(name)] = is_young(founded, timezone.localdate(made_at))
    for holding in holdings:
        founded = holding.founded_on or founded_by.get(holding.name_key)
        if holding.firm_id in accelerators and founded is not None:
            young[holding.firm_id][holding.name_key] = is_young(founded, holding.invested_on or today)
    return {firm_id: YoungShare(sum(found.values()), len(found)) for firm_id, found in young.items()}
