from datetime import datetime
from typing import Any

from django.db import transaction

from tenants.consulting.services import release_times
from tenants.mentordays.enums import DayState
from tenants.mentordays.errors import ReasonMissing
from tenants.mentordays.models import MentorDay
from tenants.mentordays.problem import held_word

from .mails import tell_called_off
from .parts import managed


@transaction.atomic
def call_off(*, day: MentorDay, reason: str, actor: Any, now: datetime, notify: bool = True) -> MentorDay:
    """The day does not take place: the advisers' time is free again, and who had been told of it is told why.

    Raises NotAllowed, WrongState, ReasonMissing.
    """
    current = managed(day.pk, actor, DayState.DRAFT, DayState.RANKING, DayState.ARRANGED, DayState.PUBLISHED)
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    told = current.state != DayState.DRAFT
    if current.state == DayState.PUBLISHED:
        release_times(held_for=held_word(current.pk), actor=actor, now=now)
    current.state, current.called_off_reason = DayState.CALLED_OFF, reason[:400]
    current.save(update_fields=["state", "called_off_reason", "updated_at"])
    if told and notify:
        tell_called_off(current, now=now)
    return current
