from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from incubator.common.errors import NotAllowed, validate
from incubator.common.meeting_slots import slots_between
from tenants.mentordays.enums import DayState
from tenants.mentordays.errors import BadBreaks, DayTooLong, DeadlinePast, NobodyInvited, SlotsFrozen
from tenants.mentordays.models import MentorDay, MentorSlot
from tenants.mentordays.rules import may_manage

from .mails import tell_wishes
from .parts import managed, person

TIMES = ("day", "starts", "minutes", "slot_count", "breaks", "break_minutes")


def slots_of(day: MentorDay) -> list[MentorSlot]:
    """The slots that follow from a day's times, not kept yet."""
    cut = slots_between(
        day=day.day,
        starts=day.starts,
        minutes=day.minutes,
        count=day.slot_count,
        breaks=day.breaks,
        break_minutes=day.break_minutes,
    )
    return [
        MentorSlot(
            day=day, number=slot.number, block=slot.block, period=DateTimeTZRange(slot.starts, slot.ends)
        )
        for slot in cut
    ]


@transaction.atomic
def plan_day(*, day: MentorDay, actor: Any, now: datetime) -> MentorDay:
    """Keep a new day, or what changed of one; its slots are cut anew while it is being planned, and stand from then on.

    Raises NotAllowed, Invalid, BadBreaks, DayTooLong, SlotsFrozen, WrongState (over or called off).
    """
    if not may_manage(actor):
        raise NotAllowed
    day.breaks = sorted(set(day.breaks))
    validate(day, exclude={"made_by"})
    if any(not 1 <= number < day.slot_count for number in day.breaks):
        raise BadBreaks
    if day._state.adding:
        day.made_by = person(actor)
    else:
        before = managed(
            day.pk, actor, DayState.DRAFT, DayState.RANKING, DayState.ARRANGED, DayState.PUBLISHED
        )
        day.state = before.state
        same = all(getattr(before, name) == getattr(day, name) for name in TIMES)
        if before.state != DayState.DRAFT and not same:
            raise SlotsFrozen
    slots = slots_of(day)
    last = slots[-1].period.upper
    if timezone.localdate(last) != day.day:
        raise DayTooLong
    day.save()
    if day.state == DayState.DRAFT:
        MentorSlot.objects.filter(day=day).delete()
        MentorSlot.objects.bulk_create(slots)
    return day


@transaction.atomic
def collect_wishes(
    *, day: MentorDay, until: datetime, actor: Any, now: datetime, notify: bool = True
) -> MentorDay:
    """Let both sides put each other in order until a moment; asked again, with a new moment. All who take part are told.

    Raises NotAllowed, WrongState, DeadlinePast, NobodyInvited.
    """
    current = managed(day.pk, actor, DayState.DRAFT, DayState.RANKING, DayState.ARRANGED)
    begins = current.slots.order_by("number").values_list("period", flat=True)[0].lower
    if not now < until <= begins:
        raise DeadlinePast
    if not current.invited_advisers.exists() or not current.invited_companies.exists():
        raise NobodyInvited
    first = current.state == DayState.DRAFT
    current.state, current.ranking_closes_at = DayState.RANKING, until
    current.save(update_fields=["state", "ranking_closes_at", "updated_at"])
    if first and notify:
        tell_wishes(current, now=now)
    return current


@transaction.atomic
def close_wishes(*, day: MentorDay, actor: Any, now: datetime) -> MentorDay:
    """Collect no more, before the time is up. Raises NotAllowed, WrongState."""
    current = managed(day.pk, actor, DayState.RANKING)
    if current.ranking_closes_at is None or current.ranking_closes_at > now:
        current.ranking_closes_at = now
        current.save(update_fields=["ranking_closes_at", "updated_at"])
    return current
