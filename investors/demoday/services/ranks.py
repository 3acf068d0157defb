"""Whom each side wants to meet, in its order, and whom it does not."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from incubator.common.errors import NotAllowed
from investors.demoday import rules
from investors.demoday.enums import Side
from investors.demoday.errors import NotOnOffer, NoWishesNow, RankOutOfRange, RankTwice
from investors.demoday.models import DayCompany, DayFirm, Ranking
from investors.demoday.models.days import LOWEST_RANK
from investors.demoday.selectors import offered_companies, offered_firms

from .days import demand_open


@transaction.atomic
def rank(
    *,
    invited: DayCompany | DayFirm,
    order: Mapping[int, int | None],
    actor: Any,
    now: datetime,
) -> int:
    """One side's whole order, instead of what it said before: the other side's id and its place, None for "not with". How many.

    A company's people say their own until the day's last moment for wishes; managers record any side's while the day is
    open. An empty order leaves it to the match scores. Raises NotAllowed, NoWishesNow, RankOutOfRange, RankTwice, NotOnOffer.
    """
    side = Side.COMPANY if isinstance(invited, DayCompany) else Side.FIRM
    if isinstance(invited, DayCompany):
        if not rules.may_rank_for(actor, invited):
            raise NotAllowed
    elif not rules.may_plan(actor):
        raise NotAllowed
    if rules.may_plan(actor):
        demand_open(invited.day)
    elif not invited.day.takes_wishes(now):
        raise NoWishesNow
    _demand_order(invited, order)
    own = (
        {"company_id": invited.company_id}
        if isinstance(invited, DayCompany)
        else {"firm_id": invited.firm_id}
    )
    _one_at_a_time(invited, side)
    Ranking.objects.filter(day=invited.day, side=side, **own).delete()
    other = "firm_id" if side == Side.COMPANY else "company_id"
    Ranking.objects.bulk_create(
        Ranking(
            day=invited.day,
            side=side,
            rank=place,
            veto=place is None,
            said_by=actor if getattr(actor, "pk", None) else None,
            **own,
            **{other: theirs},
        )
        for theirs, place in sorted(order.items())
    )
    return len(order)


def _one_at_a_time(invited: DayCompany | DayFirm, side: Side) -> None:
    """Two who save one side's order at once would mix theirs. A founder may change no row that could be locked instead."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"demoday rank {side} {invited.pk}"])


def _demand_order(invited: DayCompany | DayFirm, order: Mapping[int, int | None]) -> None:
    places = [place for place in order.values() if place is not None]
    if any(not 1 <= place <= LOWEST_RANK for place in places):
        raise RankOutOfRange(most=LOWEST_RANK)
    if len(set(places)) != len(places):
        raise RankTwice
    if isinstance(invited, DayCompany):
        allowed = {each.firm_id for each in offered_firms(invited)}
    else:
        allowed = {each.company_id for each in offered_companies(invited)}
    if set(order) - allowed:
        raise NotOnOffer
