"""Waiting for a time of a full week, and answering when one is freed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import NotAllowed, refusing, validate
from tenants.companies.models import Company
from tenants.consulting import policy, rules
from tenants.consulting.availability import WEEK, monday_of
from tenants.consulting.enums import OfferState, WaitingState
from tenants.consulting.errors import NotForWaiting, OfferOver, WaitingMuch, WaitsAlready
from tenants.consulting.locks import hold
from tenants.consulting.models import Adviser, Booking, Offer, WaitingEntry
from tenants.consulting.quarters import SEOUL

from .bookings import book_slot
from .freeing import free_time

WAITS = (WaitingState.WAITING, WaitingState.OFFERED)


@transaction.atomic
def join_waiting_list(
    *,
    company: Company,
    week: date,
    adviser: Adviser | None = None,
    field: str = "",
    language: str = "",
    actor: Any,
    now: datetime,
) -> WaitingEntry:
    """Wait for a time of the week of this day, of one adviser or on a topic or in a language.

    Raises NotAllowed, NotForWaiting, WaitsAlready, WaitingMuch, Invalid.
    """
    if not rules.is_of_company(actor, company.pk):
        raise NotAllowed
    week, this = monday_of(week), monday_of(now.astimezone(SEOUL).date())
    if not this <= week <= this + policy.WAITING_AHEAD:
        raise NotForWaiting
    hold(("company", company.pk))
    entry = WaitingEntry(
        company=company,
        person=actor,
        adviser=adviser,
        field=field,
        language=language,
        week=week,
        joined_at=now,
    )
    validate(entry, exclude={"company", "person", "adviser"})
    if WaitingEntry.objects.filter(company=company, state__in=WAITS).count() >= policy.MOST_WAITING:
        raise WaitingMuch(most=policy.MOST_WAITING)
    with refusing({"consulting_waits_once": WaitsAlready}):
        entry.save()
    return entry


@transaction.atomic
def leave_waiting_list(*, entry: WaitingEntry, actor: Any, now: datetime) -> WaitingEntry:
    """Wait no longer. A time that is held for the company goes to the next one. Left twice, it is left.

    Raises NotAllowed.
    """
    if not (rules.is_of_company(actor, entry.company_id) or rules.is_office(actor)):
        raise NotAllowed
    for offer in Offer.objects.filter(entry=entry, state=OfferState.OPEN):
        _close(offer, OfferState.PASSED, now)
    with acting_as_system():
        WaitingEntry.objects.filter(pk=entry.pk, state__in=WAITS).update(
            state=WaitingState.LEFT, updated_at=now
        )
    entry.refresh_from_db()
    return entry


@transaction.atomic
def accept_offer(
    *,
    offer: Offer,
    attendee: Any,
    topic: str,
    attendees: Sequence[Any] = (),
    files: Sequence[Any] = (),
    actor: Any,
    now: datetime,
) -> Booking:
    """Book the time that is held for the company. Raises NotAllowed, OfferOver and what `book_slot` raises."""
    if not rules.is_of_company(actor, offer.company_id):
        raise NotAllowed
    hold(
        ("slot", offer.slot_id),
        ("company", offer.company_id),
        *(("attendee", person.pk) for person in (attendee, *attendees)),
    )
    with acting_as_system():
        current = (
            Offer.objects.select_for_update(of=("self",)).select_related("slot", "company").get(pk=offer.pk)
        )
        if current.state != OfferState.OPEN or current.expires_at <= now:
            raise OfferOver
        current.state, current.answered_at = OfferState.ACCEPTED, now
        current.save(update_fields=["state", "answered_at", "updated_at"])
        WaitingEntry.objects.filter(pk=current.entry_id).update(state=WaitingState.BOOKED, updated_at=now)
    return book_slot(
        slot=current.slot,
        company=current.company,
        attendee=attendee,
        topic=topic,
        attendees=attendees,
        files=files,
        actor=actor,
        now=now,
    )


@transaction.atomic
def pass_offer(*, offer: Offer, actor: Any, now: datetime) -> None:
    """Decline the time and keep waiting for another one. Raises NotAllowed, OfferOver."""
    if not rules.is_of_company(actor, offer.company_id):
        raise NotAllowed
    if not _close(offer, OfferState.PASSED, now):
        raise OfferOver


def _close(offer: Offer, state: OfferState, now: datetime) -> bool:
    """End an open offer and free its time for the next; False where it has ended already."""
    hold(("slot", offer.slot_id))
    with acting_as_system():
        closed = Offer.objects.filter(pk=offer.pk, state=OfferState.OPEN).update(
            state=state, answered_at=now, updated_at=now
        )
        if closed:
            WaitingEntry.objects.filter(pk=offer.entry_id, state=WaitingState.OFFERED).update(
                state=WaitingState.WAITING, updated_at=now
            )
    if closed:
        free_time(offer.slot_id, now=now)
    return bool(closed)


def take_back_offers(slot_id: int, now: datetime) -> None:
    """End the open offers of a slot that is withdrawn; whoever was offered it waits on. The slot is held by the caller."""
    with acting_as_system():
        offers = Offer.objects.filter(slot=slot_id, state=OfferState.OPEN)
        entries = list(offers.values_list("entry", flat=True))
        offers.update(state=OfferState.TAKEN_BACK, answered_at=now, updated_at=now)
        WaitingEntry.objects.filter(pk__in=entries).update(state=WaitingState.WAITING, updated_at=now)


def expire_offers(*, now: datetime) -> int:
    """Pass on every time whose company has not answered, and close the lists of weeks that are over. Safe to run twice."""
    ended = 0
    for offer in Offer.objects.filter(state=OfferState.OPEN, expires_at__lte=now).order_by(
        "expires_at", "pk"
    ):
        with transaction.atomic():
            ended += _close(offer, OfferState.EXPIRED, now)
    this = monday_of(now.astimezone(SEOUL).date())
    WaitingEntry.objects.filter(state=WaitingState.WAITING, week__lte=this - WEEK).update(
        state=WaitingState.OVER, updated_at=now
    )
    return ended
