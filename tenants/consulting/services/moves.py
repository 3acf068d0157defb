"""Another time for a session: moved at once, or proposed by one side and answered by the other."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import NotAllowed, refusing, validate
from tenants.consulting import policy, rules
from tenants.consulting.availability import minute_of, moment_of
from tenants.consulting.enums import BookingState, Ending, ProposalState, Side
from tenants.consulting.errors import (
    AlreadyCancelled,
    GroupNotMoved,
    OtherAdviser,
    ProposalOver,
    ProposalStands,
    ProposedPast,
    ProposedTaken,
    ReasonMissing,
    SameTime,
    SessionBegun,
)
from tenants.consulting.locks import hold
from tenants.consulting.models import Adviser, Booking, Proposal, Slot, SlotLink
from tenants.consulting.tasks import announce
from tenants.consulting.times import Time, terms_of

from .bookings import OTHER_SIDES, end_booking, enter, held_booking, terms_of_slot, within_allowance
from .freeing import free_time
from .mails import KEPT, MOVED, PROPOSED
from .placing import TAKEN_TIME, bookable, stored, things_of


def _hold_all(booking: Booking, *things: tuple[str, int]) -> list[Any]:
    """Hold everything that a move touches, in one go; gives who comes."""
    people = [entry.person for entry in booking.attendees.select_related("person")]
    hold(
        ("slot", booking.slot_id),
        ("company", booking.company_id),
        *(("attendee", person.pk) for person in people),
        *things,
    )
    return people


def _movable(booking: Booking, now: datetime) -> Booking:
    current = held_booking(booking)
    if current.state == BookingState.CANCELLED:
        raise AlreadyCancelled
    if current.state not in (BookingState.BOOKED, BookingState.REQUESTED) or current.starts <= now:
        raise SessionBegun
    if Slot.objects.filter(pk=current.slot_id, seats__gt=1).exists():
        raise GroupNotMoved
    return current


@transaction.atomic
def reschedule_booking(
    *, booking: Booking, slot: Slot | Time, reason: str, actor: Any, now: datetime, notify: bool = True
) -> Booking:
    """Move a session to another free time of the same adviser. The former booking stays as moved, with who, when and why; the
    new one carries its question, people and files, and keeps its place in everyone's calendar.

    Raises NotAllowed, ReasonMissing, OtherAdviser, SameTime, GroupNotMoved, AlreadyCancelled, SessionBegun, and of `book_slot`
    what concerns the time.
    """
    side = rules.side_of(actor, booking)
    if side is None:
        raise NotAllowed
    if slot.adviser.pk != booking.adviser_id:
        raise OtherAdviser
    people = _hold_all(booking, *things_of(slot))
    current = _movable(booking, now)
    if slot.starts == current.starts:
        raise SameTime
    # A computed time is looked at once the session has left: it is no reason against a time that overlaps it.
    new_slot = None if isinstance(slot, Time) else bookable(slot, actor=actor, now=now)
    _leave(current, reason=reason, side=side, actor=actor, now=now)
    if new_slot is None:
        assert isinstance(slot, Time)
        new_slot = stored(slot, actor=actor, now=now)
    agreed = side != Side.COMPANY or not terms_of_slot(new_slot).needs_approval
    return _arrive(
        current,
        new_slot,
        people,
        agreed=agreed,
        reason=reason,
        side=side,
        actor=actor,
        now=now,
        notify=notify,
    )


def _leave(current: Booking, *, reason: str, side: Side, actor: Any, now: datetime) -> None:
    end_booking(current, ending=Ending.MOVED, reason=reason, side=side, actor=actor, now=now)
    free_time(current.slot_id, now=now)


def _arrive(
    former: Booking,
    slot: Slot,
    people: list[Any],
    *,
    agreed: bool,
    reason: str,
    side: Side,
    actor: Any,
    now: datetime,
    notify: bool,
) -> Booking:
    """The booking at its new time, a request again where the adviser has to agree and has not.

    Written by the system: an adviser may not book, and may move."""
    first = sorted(people, key=lambda person: person.pk != former.attendee_id)
    booking = Booking(
        slot=slot,
        adviser_id=slot.adviser_id,
        period=slot.period,
        company_id=former.company_id,
        attendee_id=former.attendee_id,
        topic=former.topic,
        state=BookingState.BOOKED if agreed else BookingState.REQUESTED,
        expires_at=None
        if agreed
        else min(now + timedelta(hours=terms_of_slot(slot).answer_hours), slot.starts),
        booked_by=actor,
        booked_at=now,
        uid=former.uid,
        sequence=former.sequence,
        series=former.series,
        moved_from=former,
        move_reason=reason.strip(),
    )
    with acting_as_system():
        within_allowance(former.company_id, slot)
        enter(booking, first)
        for kept in former.files.all():
            kept.pk, kept.booking = None, booking
            kept.save(force_insert=True)
        Proposal.objects.filter(booking=former, state=ProposalState.OPEN).update(
            state=ProposalState.OVER, answered_at=now, updated_at=now
        )
    if notify:
        announce(booking, MOVED, (*OTHER_SIDES[side], side) if side != Side.OFFICE else OTHER_SIDES[side])
    return booking


@transaction.atomic
def propose_time(*, booking: Booking, starts: datetime, reason: str, actor: Any, now: datetime) -> Proposal:
    """Ask the other side for another time of the same length; nothing changes until it accepts.

    Raises NotAllowed, ReasonMissing, ProposedPast, SameTime, GroupNotMoved, ProposalStands, AlreadyCancelled, SessionBegun.
    """
    side = rules.side_of(actor, booking)
    if side not in (Side.COMPANY, Side.ADVISER):
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing
    hold(("slot", booking.slot_id))
    current = _movable(booking, now)
    starts = moment_of(minute_of(starts))
    if starts <= now:
        raise ProposedPast
    if starts == current.starts:
        raise SameTime
    proposal = Proposal(
        booking=current,
        company_id=current.company_id,
        adviser_id=current.adviser_id,
        side=side,
        period=DateTimeTZRange(starts, starts + (current.ends - current.starts)),
        reason=reason.strip(),
        made_by=actor,
        made_at=now,
        expires_at=min(now + policy.PROPOSAL_STANDS, starts, current.starts),
    )
    validate(proposal, exclude={"booking", "company", "adviser", "made_by"})
    with refusing({"consulting_one_proposal_at_a_time": ProposalStands}):
        proposal.save()
    announce(current, PROPOSED, OTHER_SIDES[side])
    return proposal


@transaction.atomic
def answer_proposal(*, proposal: Proposal, accept: bool, actor: Any, now: datetime) -> Booking:
    """The other side's answer: accepting moves the session, declining leaves it where it is. Gives the booking as it stands.

    Raises NotAllowed, ProposalOver, ProposedTaken, AttendeeBusy, AllowanceUsedUp, AlreadyCancelled, SessionBegun.
    """
    booking = proposal.booking
    side = rules.side_of(actor, booking)
    if side not in (Side.COMPANY, Side.ADVISER) or side == proposal.side:
        raise NotAllowed
    adviser = (
        Adviser.objects.select_related("terms").defer(*Adviser.PRIVATE_FIELDS).get(pk=booking.adviser_id)
    )
    rooms = [("room", booking.slot.room_id)] if booking.slot.room_id else []
    people = _hold_all(booking, ("adviser", adviser.pk), *rooms)
    current = _movable(booking, now)
    open_now = Proposal.objects.filter(pk=proposal.pk, state=ProposalState.OPEN, expires_at__gt=now)
    answer = ProposalState.ACCEPTED if accept else ProposalState.DECLINED
    answered = open_now.update(state=answer, answered_by=actor, answered_at=now, updated_at=now)
    if not answered:
        raise ProposalOver
    if not accept:
        announce(current, KEPT, (Side(proposal.side),))
        return current
    reason, proposer = proposal.reason, Side(proposal.side)
    former_slot = current.slot
    _leave(current, reason=reason, side=proposer, actor=proposal.made_by, now=now)
    terms = terms_of(adviser).computed
    start, end = minute_of(proposal.period.lower), minute_of(proposal.period.upper)
    with acting_as_system():
        with refusing(dict.fromkeys(TAKEN_TIME, ProposedTaken)):
            slot = Slot.objects.create(
                adviser_id=adviser.pk,
                period=proposal.period,
                held=DateTimeTZRange(moment_of(start - terms.before), moment_of(end + terms.after)),
                room_id=former_slot.room_id,
                place=former_slot.place,
                origin="hours",
            )
        if former_slot.online_url:
            SlotLink.objects.create(slot=slot, url=former_slot.online_url)
        return _arrive(
            current,
            slot,
            people,
            agreed=True,
            reason=reason,
            side=proposer,
            actor=proposal.made_by,
            now=now,
            notify=True,
        )


def expire_proposals(*, now: datetime) -> int:
    """End the proposals that nobody answered. Safe to run twice."""
    return Proposal.objects.filter(state=ProposalState.OPEN, expires_at__lte=now).update(
        state=ProposalState.OVER, answered_at=now, updated_at=now
    )
