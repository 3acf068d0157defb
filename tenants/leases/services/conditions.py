"""In which condition a space is, as it was seen, with everything that was seen before."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incubator.common.errors import NotAllowed, validate
from tenants.leases.enums import BlockKind, Condition
from tenants.leases.errors import NoteMissing, SinceTomorrow
from tenants.leases.models import BlockedPeriod, ConditionRecord, Space
from tenants.leases.rules import may_manage_leases

from .blocking import block_space, end_block


@transaction.atomic
def record_condition(
    *, space: Space, condition: str, since: date, note: str, actor: Any, now: datetime
) -> ConditionRecord:
    """Write down in which condition the space is since that day.

    A closed space is blocked from that day on until it is recorded in another condition, so no lease can hold it.
    Raises SinceTomorrow, NoteMissing (for anything but good order), LetMeanwhile, Invalid.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    today = timezone.localdate(now)
    if since > today:
        raise SinceTomorrow
    if condition != Condition.GOOD and not note.strip():
        raise NoteMissing
    space = Space.objects.select_for_update(no_key=True).get(pk=space.pk)
    record = ConditionRecord(
        space=space,
        condition=condition,
        since=since,
        note=note.strip(),
        at=now,
        actor=actor if getattr(actor, "pk", None) else None,
    )
    validate(record, exclude={"space", "actor"})
    record.save()
    space.condition, space.condition_since, space.condition_note = condition, since, record.note
    space.save(update_fields=["condition", "condition_since", "condition_note", "updated_at"])
    _close(space, record, actor=actor, now=now)
    return record


def _close(space: Space, record: ConditionRecord, *, actor: Any, now: datetime) -> None:
    """Closed until further notice, or open again from today on."""
    open_ended = BlockedPeriod.objects.filter(
        space=space, kind=BlockKind.CLOSED, period__isempty=False, period__upper_inf=True
    ).first()
    if record.condition == Condition.CLOSED and open_ended is None:
        block_space(
            space=space,
            first_day=record.since,
            last_day=None,
            kind=BlockKind.CLOSED,
            note=record.note,
            actor=actor,
        )
    elif record.condition != Condition.CLOSED and open_ended is not None:
        end_block(blocked=open_ended, last_day=date.min, actor=actor, now=now)
