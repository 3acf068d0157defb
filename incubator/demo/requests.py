"""Requests for credits: some wait, one for its second person, one was declined."""

from datetime import timedelta
from typing import NamedTuple

from django.db.backends.postgresql.psycopg_any import DateRange

from tenants.compute.models import GrantRequest, Pool
from tenants.compute.services import agree_to_request, ask_for_credits, decline_request

from .camp import Camp, as_director, as_owner
from .days import days_before, plus_months
from .jobs import PFH
from .parts import AGREED, ASKED, DECLINED
from .texts import AGREED_REASON, DECLINED_REASON, REQUESTS


class _Wish(NamedTuple):
    at: int
    amount: int
    days_ago: int
    own_share: int = 0
    resources: tuple[str, ...] = ()


def make_requests(camp: Camp) -> int:
    """All of them for the months from the next one on, which the programme year still holds."""
    pool = Pool.objects.latest("period")
    wishes = [_Wish(0, 45 * PFH, 2, 10)]
    if camp.has_grown():
        wishes += [
            *(
                _Wish(camp.role(place), 20 * number * PFH, 3 * number)
                for number, place in enumerate(ASKED, 1)
            ),
            _Wish(camp.role(AGREED), 1_200 * PFH, 5, 25, ("gres/gpu:h100",)),
            _Wish(camp.role(DECLINED), 800 * PFH, 12),
        ]
    for number, wish in enumerate(wishes):
        asked = _ask(camp, wish, number, pool)
        if wish.at == camp.role(AGREED) and camp.has_grown():
            agree_to_request(
                request=asked,
                pool=pool,
                amount_gflop=wish.amount,
                period=asked.period,
                programme=asked.project,
                reason=AGREED_REASON,
                actor=as_director(camp.director),
                now=camp.at(days_before(camp.today, 1), 14),
            )
        if wish.at == camp.role(DECLINED) and camp.has_grown():
            decline_request(
                request=asked,
                reason=DECLINED_REASON,
                actor=as_director(camp.director),
                now=camp.at(days_before(camp.today, 4), 11),
            )
    return GrantRequest.objects.count()


def _ask(camp: Camp, wish: _Wish, number: int, pool: Pool) -> GrantRequest:
    company, texts = camp.companies[wish.at], REQUESTS[number % len(REQUESTS)]
    first = plus_months(camp.today.replace(day=1), 1)
    end = min(plus_months(first, 3), pool.period.upper)
    project, description, reason = texts
    asked_on = camp.at(days_before(camp.today, wish.days_ago), 10)
    return ask_for_credits(
        company=company,
        project=project,
        description=description,
        amount_gflop=wish.amount,
        period=DateRange(first, end),
        reason=reason,
        resources=wish.resources,
        own_share_percent=wish.own_share,
        actor=as_owner(camp.owners[wish.at], company),
        now=asked_on + timedelta(minutes=7 * number),
        key=f"demo-{number}",
    )
