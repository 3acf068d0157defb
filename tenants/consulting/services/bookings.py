from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from incubator.common.dbroles import acting_as_system
from incubator.common.display import hours
from incubator.common.errors import DomainError, NotAllowed, refusing, validate
from tenants.companies.models import Company, Membership
from tenants.consulting import policy, rules, selectors
from tenants.consulting.enums import BookingState, Ending, Side
from tenants.consulting.errors import (
    AllowanceUsedUp,
    AlreadyCancelled,
    AlreadyInSession,
    AttendeeBusy,
    AttendeeNotMember,
    ReasonMissing,
    SessionBegun,
    SlotTaken,
    SlotWithdrawn,
    TimeOffered,
)
from tenants.consulting.locks import hold
from tenants.consulting.models import Attendee, Booking, BookingTerms, Slot
from tenants.consulting.tasks import announce
from tenants.consulting.times import Time

from .files import check_files, keep_files
from .freeing import free_time
from .mails import BOOKED, CANCELLED, REQUESTED
from .placing import bookable, stored, things_of

OTHER_SIDES = {
    Side.COMPANY: (Side.ADVISER,),
    Side.ADVISER: (Side.COMPANY,),
    Side.OFFICE: (Side.ADVISER, Side.COMPANY),
}
REFUSED = {
    "consulting_one_live_booking": SlotTaken,
    "consulting_time_is_offered": TimeOffered,
    "consulting_company_once_in_a_session": AlreadyInSession,
    "consulting_attendee_once_at_a_time": AttendeeBusy,
    "consulting_withdrawn_slot_is_free": SlotWithdrawn,
}
ENDED = (
    "state",
    "cancelled_at",
    "cancelled_by",
    "cancelled_side",
    "cancel_reason",
    "ended_as",
    "late",
    "sequence",
    "updated_at",
)


def within_allowance(company_id: int, slot: Slot) -> None:
    """Refuse a slot that the company has no hours left for in its quarter. Ask it only while holding the company."""
    allowance = selectors.allowance_of(company_id, at=slot.starts)
    if not allowance.covers(slot.minutes):
        raise AllowanceUsedUp(
            needed=hours(slot.minutes), total=hours(allowance.total), left=allowance.left_in_words
        )


def _people(company: Company, attendee: Any, attendees: Sequence[Any]) -> list[Any]:
    """Who comes, once each, the first named first."""
    people = list({person.pk: person for person in (attendee, *attendees)}.values())
    wanted = [person.pk for person in people]
    members = Membership.objects.filter(company_id=company.pk, user_id__in=wanted).values("user").distinct()
    if len(people) > policy.MOST_ATTENDEES or members.count() != len(people):
        raise AttendeeNotMember
    return people


def _clicked(company: Company, click: str) -> Booking | None:
    """What the same click has booked already."""
    return Booking.objects.filter(company_id=company.pk, click=click).first()


def _free_seat(slot: Slot) -> int:
    """The lowest seat that nobody has; whose the others are is not the caller's to know."""
    with acting_as_system():
        kept = set(Booking.objects.live().filter(slot=slot).values_list("seat", flat=True))
    return next((seat for seat in range(1, slot.seats + 1) if seat not in kept), slot.seats)


def terms_of_slot(slot: Slot) -> BookingTerms:
    found = BookingTerms.objects.filter(adviser_id=slot.adviser_id).first()
    return found or BookingTerms(adviser_id=slot.adviser_id)


@transaction.atomic
def book_slot(
    *,
    slot: Slot | Time,
    company: Company,
    attendee: Any,
    topic: str,
    attendees: Sequence[Any] = (),
    files: Sequence[Any] = (),
    click: str = "",
    series: UUID | None = None,
    actor: Any,
    now: datetime,
    notify: bool = True,
) -> Booking:
    """Book a time for a company: a slot, or one computed from the adviser's hours, which gets its slot now.

    `attendee` and `attendees` are the members who come, `topic` and `files` are for the adviser alone to read. Where the
    adviser wants to agree first, the booking is a request until then (or until it ends by itself); the office asks nobody.
    The same `click` gives the booking that it has made already. Who books tells the other side by mail, unless `notify` is off.
    Raises NotAllowed, SlotUnknown, SlotWithdrawn, SlotPast, SlotTaken, HoursChanged, TimeOffered, RoomTaken, AttendeeNotMember,
    AllowanceUsedUp, AttendeeBusy, AlreadyInSession, TooManyFiles, the refusals of files, Invalid.
    """
    if not rules.may_book_for(actor, company.pk):
        raise NotAllowed
    people = _people(company, attendee, attendees)
    kept = check_files(files)
    if click and (done := _clicked(company, click)):
        return done
    # A time by hand is looked at before anyone waits for anyone: its constraints decide. One that is computed is looked at
    # while its adviser and room are held, for nothing stands where it will.
    current = None
    if isinstance(slot, Slot):
        try:
            current = bookable(slot, actor=actor, now=now)
        except DomainError:
            hold(("company", company.pk))
            if click and (done := _clicked(company, click)):
                return done
            raise
    # Hours are counted over rows that another transaction may be adding to: one booking of a company at a time.
    hold(*things_of(slot), ("company", company.pk), *(("attendee", person.pk) for person in people))
    if click and (done := _clicked(company, click)):
        return done
    if current is None:
        assert isinstance(slot, Time)
        current = stored(slot, actor=actor, now=now)
    booking = Booking(
        slot=current,
        adviser_id=current.adviser_id,
        period=current.period,
        company=company,
        attendee=people[0],
        topic=topic.strip(),
        booked_by=actor,
        booked_at=now,
        series=series,
        click=click,
        seat=_free_seat(current) if current.seats > 1 else 1,
    )
    terms = terms_of_slot(current)
    if terms.needs_approval and not rules.is_office(actor):
        booking.state = BookingState.REQUESTED
        booking.expires_at = min(now + timedelta(hours=terms.answer_hours), current.starts)
    validate(booking, exclude={"slot", "adviser", "company", "attendee", "booked_by"})
    within_allowance(company.pk, current)
    enter(booking, people)
    keep_files(booking, kept, actor=actor, now=now)
    if notify:
        side = rules.side_of(actor, booking) or Side.OFFICE
        requested = booking.state == BookingState.REQUESTED
        announce(booking, REQUESTED if requested else BOOKED, OTHER_SIDES[side])
    return booking


def enter(booking: Booking, people: Sequence[Any]) -> None:
    """Write a new booking with all who come; the first of them is entered by the database."""
    with refusing(REFUSED):
        booking.save(force_insert=True)
        Attendee.objects.bulk_create(Attendee(booking=booking, person=person) for person in people[1:])


@transaction.atomic
def cancel_booking(
    *, booking: Booking, reason: str, actor: Any, now: datetime, side: Side | None = None, notify: bool = True
) -> Booking:
    """Give the time back: to a company that waits for it, or to everyone. The booking stays, with who, when, why and from
    which side, and whether it was late; only the office may name another side than its own (a company that telephoned).

    Raises NotAllowed, ReasonMissing, AlreadyCancelled, SessionBegun, Invalid.
    """
    own_side = rules.side_of(actor, booking)
    if own_side is None or (side not in (None, own_side) and own_side != Side.OFFICE):
        raise NotAllowed
    current = held_booking(booking)
    end_booking(current, ending=Ending.CANCELLED, reason=reason, side=side or own_side, actor=actor, now=now)
    free_time(current.slot_id, now=now)
    if notify:
        announce(current, CANCELLED, OTHER_SIDES[own_side])
    return current


def held_booking(booking: Booking) -> Booking:
    """The booking as it is now, held until the transaction ends."""
    # The slot first, as everyone does who changes a booking: its row is written with the booking's.
    hold(("slot", booking.slot_id))
    return Booking.objects.select_for_update(of=("self",), no_key=True).get(pk=booking.pk)


def end_booking(
    current: Booking, *, ending: Ending, reason: str, side: Side, actor: Any, now: datetime
) -> None:
    """Take a held booking out of life. Who calls frees its time.

    Raises ReasonMissing, AlreadyCancelled, SessionBegun, Invalid.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    if current.state == BookingState.CANCELLED:
        raise AlreadyCancelled
    if current.state not in (BookingState.BOOKED, BookingState.REQUESTED):
        raise SessionBegun
    if current.starts <= now and ending != Ending.EXPIRED:
        raise SessionBegun
    current.late = (
        ending == Ending.CANCELLED
        and current.state == BookingState.BOOKED
        and current.starts - now < policy.LATE
    )
    current.state, current.ended_as = BookingState.CANCELLED, ending
    current.cancelled_at, current.cancelled_by = now, actor
    current.cancelled_side, current.cancel_reason = side, reason
    current.sequence += 1
    validate(
        current,
        exclude={
            "slot",
            "adviser",
            "company",
            "attendee",
            "booked_by",
            "cancelled_by",
            "topic",
            "moved_from",
        },
    )
    current.save(update_fields=list(ENDED))
