"""Which companies and firms never meet at a demo day, and which may take part at all.

`barred` is the one place that asks: whatever else is to keep a pair apart is added there.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Q

from investors.firms.models import Firm
from investors.matching.enums import ConflictState, IntroductionState
from investors.matching.facts import Facts, collect_facts
from investors.matching.models import Conflict, Introduction
from investors.matching.scoring import hard_limits
from tenants.companies.enums import LIVE_RESIDENCIES
from tenants.companies.models import Company

from .enums import Bar

Pair = tuple[int, int]
_REFUSED = {IntroductionState.DECLINED: Bar.DECLINED, IntroductionState.PASSED: Bar.PASSED}


def barred(today: date, companies: Iterable[int], firms: Iterable[int]) -> Mapping[Pair, str]:
    """A `Bar` for each (company, firm) that may not meet. What the matching cannot check is not met either."""
    facts = collect_facts(today)
    return {**_refused(), **_declared(today), **_conflicts(facts, companies, firms)}


def _conflicts(facts: Facts, companies: Iterable[int], firms: Iterable[int]) -> dict[Pair, str]:
    known = {each.id: each for each in facts.companies}
    mandates = {each.firm_id: each for each in facts.mandates}
    firm_ids, found = list(firms), {}
    for company in companies:
        for firm in firm_ids:
            if company not in known or firm not in mandates:
                found[company, firm] = Bar.UNCHECKED.value
            elif limits := hard_limits(known[company], mandates[firm]):
                first = str(limits[0])
                found[company, firm] = first if first in Bar.values else Bar.CONFLICT.value
    return found


def _declared(today: date) -> dict[Pair, str]:
    """Conflicts that somebody declared or found and a person confirmed, until their day."""
    hard = Conflict.objects.filter(state=ConflictState.CONFIRMED).filter(Q(until=None) | Q(until__gte=today))
    pairs = hard.order_by().values_list("company_id", "firm_id")
    return dict.fromkeys(pairs, Bar.CONFLICT.value)


def _refused() -> dict[Pair, str]:
    """What became of each pair's last introduction, where one side said no."""
    last = Introduction.objects.order_by("company_id", "firm_id", "-made_at", "-pk").distinct(
        "company_id", "firm_id"
    )
    return {
        (company, firm): _REFUSED[IntroductionState(state)].value
        for company, firm, state in last.values_list("company_id", "firm_id", "state")
        if state in _REFUSED
    }


def companies_that_may(today: date) -> dict[int, Company]:
    """In residence, and agreed to be seen by investors by name: at a table nobody is without one."""
    found = Company.objects.filter(
        residencies__state__in=LIVE_RESIDENCIES,
        residencies__period__contains=today,
        visible_to_investors=True,
        shown_by_name=True,
    ).order_by("name", "pk")
    return {company.pk: company for company in found}


def firms_that_may() -> dict[int, Firm]:
    """Taking part in the matching, and having said what they look for: else nobody could check their conflicts."""
    found = Firm.objects.filter(active=True, mandate__isnull=False).order_by("name", "pk")
    return {firm.pk: firm for firm in found}
