"""What keeps pairs apart on a day, beside what `scoring.hard_limits` computes, and what both sides wish.

Read in a constant number of queries. A pair is apart while one reason holds, and every reason is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from tenants.companies.models import Company

from .enums import ConflictState, IntroductionState, PreferenceLevel, Side
from .models import Conflict, Introduction, Participation, Preference
from .wishes import Wish

# A firm and a company that said no to each other are not brought together again for half a year.
APART_FOR = timedelta(days=180)


@dataclass(frozen=True, order=True)
class Limit:
    """Why a pair is apart: `code` is a key of `limit_words.LIMITS`, `until` an ISO day (included) or ""."""

    company: int
    firm: int
    code: str
    until: str = ""


@dataclass(frozen=True)
class Limits:
    """`pairs` sorted; `companies` those that are apart from every firm, with the code why."""

    pairs: tuple[Limit, ...]
    companies: Mapping[int, str]
    wishes: Mapping[tuple[int, int, str], Wish]


def collect_limits(today: date, *, only_seen: bool = False) -> Limits:
    """Confirmed conflicts, vetoes, pairs that said no, companies that take no part (or, asked for `only_seen`, that
    have not agreed to be seen), and the wishes of both sides by company, firm and side."""
    pairs = {*_conflicts(today), *_said_no(today)}
    wishes: dict[tuple[int, int, str], Wish] = {}
    for company, firm, side, level, rank in Preference.objects.values_list(
        "company_id", "firm_id", "side", "level", "rank"
    ):
        if level == PreferenceLevel.NO:
            pairs.add(Limit(company, firm, f"{side}_says_no"))
        elif level != PreferenceLevel.NEUTRAL:
            wishes[company, firm, side] = Wish(level, rank)
    apart = dict.fromkeys(
        Participation.objects.filter(takes_part=False).values_list("company_id", flat=True), "takes_no_part"
    )
    if only_seen:
        hidden = Company.objects.filter(visible_to_investors=False).values_list("pk", flat=True)
        apart = {**dict.fromkeys(hidden, "not_seen"), **apart}
    return Limits(tuple(sorted(pairs)), apart, wishes)


def _conflicts(today: date) -> list[Limit]:
    found = Conflict.objects.filter(Q(until=None) | Q(until__gte=today), state=ConflictState.CONFIRMED)
    return [
        Limit(company, firm, kind, until.isoformat() if until else "")
        for company, firm, kind, until in found.values_list("company_id", "firm_id", "kind", "until")
    ]


def _said_no(today: date) -> list[Limit]:
    """Introductions that either side declined of late, and those that ended with an investment."""
    since = timezone.make_aware(datetime.combine(today - APART_FOR, time.min))
    found = Introduction.objects.filter(
        Q(state__in=(IntroductionState.DECLINED, IntroductionState.PASSED), changed_at__gte=since)
        | Q(state=IntroductionState.INVESTED)
    )
    limits = []
    for company, firm, state, changed_at in found.values_list("company_id", "firm_id", "state", "changed_at"):
        if state == IntroductionState.INVESTED:
            limits.append(Limit(company, firm, "already_invested"))
            continue
        until = (timezone.localdate(changed_at) + APART_FOR).isoformat()
        side = Side.COMPANY if state == IntroductionState.DECLINED else Side.FIRM
        limits.append(Limit(company, firm, f"{side}_declined", until))
    return limits
