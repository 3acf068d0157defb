"""The handover of a space at the end of its lease: opened with a copy of the checklist, ticked by both sides, closed."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from incubator.common.display import day, won_exact
from incubator.common.errors import NotAllowed, refusing, validate
from incubator.common.uploads import checked_picture
from tenants.leases.enums import HELD_STATES, CheckBy, CheckState, HandoverState, LeaseState
from tenants.leases.handover_errors import (
    CallOffReasonMissing,
    DepositUnaccounted,
    HandoverClosed,
    HandoverExists,
    HandoverTooEarly,
    ItemsOpen,
    KeptReasonMissing,
    KeysMissing,
    NoteMissing,
    NothingToHandOver,
    NotYoursToCheck,
    TooManyKeys,
    TooManyPictures,
)
from tenants.leases.models import ChecklistItem, Handover, HandoverItem, HandoverPicture, Lease
from tenants.leases.rules import may_manage_leases, may_prepare_handover

# From so many days before the last one on, a handover is opened by itself; and for so long after a lease is over.
AHEAD = timedelta(days=30)
MOST_PICTURES = 20


def _person(actor: Any) -> Any:
    return actor if getattr(actor, "pk", None) else None


@transaction.atomic
def open_handover(*, lease: Lease, actor: Any, now: datetime) -> Handover:
    """Begin the handover of a lease, with a copy of the checklist in use.

    Raises NotAllowed, NothingToHandOver, HandoverExists.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    if lease.state not in HELD_STATES or lease.period.isempty:
        raise NothingToHandOver(state=lease.get_state_display())
    handover = Handover(lease=lease, company_id=lease.company_id, opened_at=now, opened_by=_person(actor))
    with refusing({"leases_one_handover": HandoverExists}):
        handover.save()
    for position, item in enumerate(ChecklistItem.objects.filter(active=True), 1):
        HandoverItem.objects.create(
            handover=handover,
            position=position,
            title=item.title,
            title_en=item.title_en,
            by=item.by,
            required=item.required,
        )
    return handover


@transaction.atomic
def open_due_handovers(*, actor: Any, now: datetime) -> int:
    """Open the handovers of leases that end within 30 days, or ended within the last 30, and have none; how many.

    Safe to run any number of times.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    today = timezone.localdate(now)
    # One that was called off (the lease was extended) is opened anew only once the lease ends again.
    known = Handover.objects.filter(lease=OuterRef("pk")).filter(
        ~Q(state=HandoverState.CANCELLED) | Q(closed_at__gt=now - AHEAD)
    )
    due = Lease.objects.filter(
        ~Exists(known),
        state__in=(LeaseState.ACTIVE, LeaseState.ENDED, LeaseState.TERMINATED),
        period__isempty=False,
        period__endswith__gt=today - AHEAD,
        period__endswith__lte=today + AHEAD + timedelta(days=1),
    ).order_by("pk")
    locked = list(due.select_for_update(no_key=True, of=("self",), skip_locked=True))
    for lease in locked:
        open_handover(lease=lease, actor=actor, now=now)
    return len(locked)


def _locked(handover_id: int) -> Handover:
    """Raises HandoverClosed for one that is over."""
    held = (
        Handover.objects.select_for_update(no_key=True, of=("self",))
        .select_related("lease__space__building", "lease__company")
        .get(pk=handover_id)
    )
    if not held.is_open:
        raise HandoverClosed
    return held


@transaction.atomic
def check_item(*, item: HandoverItem, state: str, note: str, actor: Any, now: datetime) -> HandoverItem:
    """Tick an item, take the tick back, or say why it is not needed (managers alone). A company ticks its own items.

    Raises NotAllowed, NotYoursToCheck, NoteMissing, HandoverClosed, Invalid.
    """
    manager = may_manage_leases(actor)
    if not manager and not may_prepare_handover(actor, item.handover):
        raise NotAllowed
    if not manager and (item.by != CheckBy.COMPANY or state == CheckState.WAIVED):
        raise NotYoursToCheck
    if not item.handover.is_open:
        raise HandoverClosed
    if state == CheckState.WAIVED and not note.strip():
        raise NoteMissing
    item.state, item.note = state, note.strip()
    done = state != CheckState.OPEN
    item.done_by, item.done_at = (_person(actor), now) if done else (None, None)
    validate(item, exclude={"handover", "done_by", "done_at"})
    item.save(update_fields=["state", "note", "done_by", "done_at", "updated_at"])
    return item


@transaction.atomic
def add_picture(*, item: HandoverItem, file: Any, actor: Any, now: datetime) -> HandoverPicture:
    """Keep a photograph with an item: drawn anew, without what the camera wrote into it.

    Raises NotAllowed, HandoverClosed, TooManyPictures, PictureTooLarge, PictureTooWide, NotAPicture.
    """
    if not (may_manage_leases(actor) or may_prepare_handover(actor, item.handover)):
        raise NotAllowed
    if not item.handover.is_open:
        raise HandoverClosed
    if item.pictures.count() >= MOST_PICTURES:
        raise TooManyPictures(most=MOST_PICTURES)
    drawn = checked_picture(file)
    picture = HandoverPicture(item=item, added_by=_person(actor), added_at=now)
    picture.file.save(drawn.name or "", drawn, save=False)
    picture.save()
    return picture


@transaction.atomic
def record_return(
    *,
    handover: Handover,
    keys_given: int,
    keys_returned: int,
    restoration: str,
    deposit_krw: int,
    kept_krw: int,
    returned_krw: int,
    kept_reason: str,
    actor: Any,
    now: datetime,
) -> Handover:
    """Keys, what had to be restored, and the deposit in won: `kept_krw` and `returned_krw` of `deposit_krw` so far.

    Raises NotAllowed, HandoverClosed, TooManyKeys, DepositUnaccounted, KeptReasonMissing, Invalid.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    held = _locked(handover.pk)
    held.keys_given, held.keys_returned = keys_given, keys_returned
    held.restoration, held.kept_reason = restoration.strip(), kept_reason.strip()
    held.deposit_krw, held.kept_krw, held.returned_krw = deposit_krw, kept_krw, returned_krw
    if keys_returned > keys_given:
        raise TooManyKeys
    if kept_krw + returned_krw > deposit_krw:
        raise _unaccounted(held)
    if kept_krw and not held.kept_reason:
        raise KeptReasonMissing
    validate(held, exclude={"lease", "company", "opened_by", "closed_by", "closed_at"})
    held.save()
    return held


def _unaccounted(handover: Handover) -> DepositUnaccounted:
    return DepositUnaccounted(
        deposit=won_exact(handover.deposit_krw),
        kept=won_exact(handover.kept_krw),
        returned=won_exact(handover.returned_krw),
    )


@transaction.atomic
def close_handover(*, handover: Handover, note: str, actor: Any, now: datetime) -> Handover:
    """The space is the camp's again. Refused while a required item is open, a key is missing without a word, the deposit
    does not add up, or the lease still runs.

    Raises NotAllowed, HandoverClosed, HandoverTooEarly, ItemsOpen, KeysMissing, DepositUnaccounted, Invalid.
    """
    if not may_manage_leases(actor):
        raise NotAllowed
    held = _locked(handover.pk)
    last = held.lease.last_day
    if last and timezone.localdate(now) < last:
        raise HandoverTooEarly(last=day(last))
    # Locked, so that nobody takes a tick back at this moment.
    items = list(
        HandoverItem.objects.select_for_update(no_key=True).filter(handover=held).order_by("position")
    )
    waiting = [item.shown for item in items if item.required and item.is_open]
    if waiting:
        raise ItemsOpen(items=", ".join(waiting))
    held.closing_note = note.strip()
    if held.keys_returned < held.keys_given and not held.closing_note:
        raise KeysMissing(missing=held.keys_given - held.keys_returned, given=held.keys_given)
    if held.kept_krw + held.returned_krw != held.deposit_krw:
        raise _unaccounted(held)
    held.state, held.closed_at, held.closed_by = HandoverState.CLOSED, now, _person(actor)
    validate(held, exclude={"lease", "company", "opened_by", "closed_by"})
    held.save()
    return held


@transaction.atomic
def call_off_handover(*, handover: Handover, reason: str, actor: Any, now: datetime) -> Handover:
    """The company stays after all. Raises NotAllowed, CallOffReasonMissing, HandoverClosed, Invalid."""
    if not may_manage_leases(actor):
        raise NotAllowed
    if not reason.strip():
        raise CallOffReasonMissing
    held = _locked(handover.pk)
    held.state, held.closing_note = HandoverState.CANCELLED, reason.strip()
    held.closed_at, held.closed_by = now, _person(actor)
    validate(held, exclude={"lease", "company", "opened_by", "closed_by"})
    held.save()
    return held
