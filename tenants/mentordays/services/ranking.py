from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from incubator.common.errors import NotAllowed
from tenants.consulting.locks import hold
from tenants.mentordays.enums import DayState, Side
from tenants.mentordays.errors import BadRank, NotInvited, RankingClosed, WrongState
from tenants.mentordays.models import InvitedAdviser, InvitedCompany, MentorDay, Wish
from tenants.mentordays.models.wishes import LOWEST_RANK
from tenants.mentordays.rules import may_manage, may_wish

from .parts import person

NOTE = 200


@transaction.atomic
def save_wishes(
    *,
    day: MentorDay,
    side: str,
    party_id: int,
    ranks: Mapping[int, int],
    vetoes: Collection[int] = (),
    notes: Mapping[int, str] | None = None,
    actor: Any,
    now: datetime,
) -> list[Wish]:
    """All that one company says of the advisers (or one adviser of the companies): places from 1, and with whom not to meet,
    each with a word to the office. What was said before is replaced; gaps between places are closed.

    Both sides say it until the time is up; the office can for anybody until a timetable is published.
    Raises NotAllowed, RankingClosed, WrongState, NotInvited, BadRank.
    """
    if not may_wish(actor, side, party_id):
        raise NotAllowed
    current = MentorDay.objects.get(pk=day.pk)
    if may_manage(actor):
        if not current.is_open:
            raise WrongState(state=current.get_state_display())
    elif not current.takes_wishes(now):
        raise RankingClosed
    mine, other = ("company", "adviser") if side == Side.COMPANY else ("adviser", "company")
    _refuse_strangers(current, side, party_id, {*ranks, *vetoes})
    if (
        any(not 1 <= rank <= LOWEST_RANK for rank in ranks.values())
        or len(set(ranks.values())) != len(ranks)
        or {*ranks} & {*vetoes}
    ):
        raise BadRank(most=LOWEST_RANK)
    hold((f"mentor_wishes_{side}_{current.pk}", party_id))
    order = sorted(ranks, key=lambda each: ranks[each])
    said: dict[int, tuple[int | None, bool]] = {
        each: (place, False) for place, each in enumerate(order, start=1)
    }
    said |= dict.fromkeys(vetoes, (None, True))
    words = {each: text.strip()[:NOTE] for each, text in (notes or {}).items()}
    before = Wish.objects.filter(day=current, side=side, **{mine: party_id})
    kept = set()
    for wish in before:
        at = getattr(wish, f"{other}_id")
        if said.get(at) == (wish.rank, wish.veto) and words.get(at, "") == wish.note:
            kept.add(at)
    before.exclude(**{f"{other}__in": kept}).delete()
    return Wish.objects.bulk_create(
        Wish(
            day=current,
            side=side,
            rank=rank,
            veto=veto,
            note=words.get(each, "") if veto else "",
            said_by=person(actor),
            **{f"{mine}_id": party_id, f"{other}_id": each},
        )
        for each, (rank, veto) in said.items()
        if each not in kept
    )


def _refuse_strangers(day: MentorDay, side: str, party_id: int, others: set[int]) -> None:
    if day.state == DayState.DRAFT:
        raise RankingClosed
    advisers = {party_id} if side == Side.ADVISER else others
    companies = {party_id} if side == Side.COMPANY else others
    known_advisers = InvitedAdviser.objects.filter(day=day, adviser__in=advisers).values("adviser").count()
    known_companies = InvitedCompany.objects.filter(day=day, company__in=companies).values("company").count()
    if known_advisers != len(advisers) or known_companies != len(companies):
        raise NotInvited
